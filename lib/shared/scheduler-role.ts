import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * Creates a role for the target of a schedule. The role that a target creates itself is shared by the
 * stack, and has no permissions boundary.
 */
export function createSchedulerRole(
  scope: Construct,
  id: string,
  description: string,
  permissionsBoundary?: iam.IManagedPolicy,
): iam.Role {
  return new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    description,
    permissionsBoundary,
  });
}
