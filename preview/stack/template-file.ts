import type { Json, JsonObject } from './json';

export interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Condition?: string;
  readonly Metadata?: JsonObject;
  readonly UpdatePolicy?: { readonly AutoScalingRollingUpdate?: JsonObject };
}

/** A CloudFormation template. */
export interface TemplateFile {
  readonly Parameters?: Record<string, JsonObject>;
  readonly Mappings?: Record<string, Record<string, JsonObject>>;
  readonly Conditions?: Record<string, Json>;
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { readonly Value: Json; readonly Export?: { Name?: Json } }>;
}
