import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fn, Lazy, Resource, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { invalid } from '../shared/errors';

/** The tiers of hosts, which have different user data. */
export type Tier = 'dashboard' | 'static';

/** The instances of a bake: one that becomes an image, and one that tests it. */
export type ImageStage = 'bake' | 'test';

/** The key of the `Metadata` that the library writes into templates. */
export const METADATA_KEY = 'cdk-openstack-dashboard';

/** EC2's limit, in bytes before base64. */
export const USER_DATA_LIMIT = 16384;

/** The files of a tier's hosts, as a tar.gz in base64, and a hash of them. */
export interface TierFiles {
  readonly files: string;
  readonly hash: string;
}

/**
 * It is created when the library is built, so that a version has the same bytes on every machine.
 */
interface Payload extends Record<Tier, TierFiles> {
  readonly userData: string;
}

let cached: Payload | undefined;

function payload(): Payload {
  cached ??= JSON.parse(readFileSync(join(__dirname, 'payload.json'), 'utf8')) as Payload;
  return cached;
}

/** The files of a tier's hosts. */
export function tierFiles(tier: Tier): TierFiles {
  return payload()[tier];
}

/** A control character other than a tab; systemd drops a variable that contains one. */
const CONTROL = /(?!\t)\p{Cc}/u;

/**
 * The library's part of a host's user data: `files/user-data.sh` with the two environment files.
 *
 * @param scope the hosts
 * @param filesResource the logical ID of the resource with the tier's files in its metadata
 */
export function renderUserData(
  scope: IConstruct,
  filesResource: string,
  hostEnvironment: { [name: string]: string },
  dashboardEnvironment: { [name: string]: string },
): string {
  const values: Record<string, string> = {
    PAYLOAD: filesResource,
    HOST_ENVIRONMENT: environmentFile(scope, hostEnvironment),
    DASHBOARD_ENVIRONMENT: environmentFile(scope, dashboardEnvironment),
  };
  return payload().userData.replace(
    new RegExp(`@(${Object.keys(values).join('|')})@`, 'g'),
    (_placeholder, name: string) => values[name],
  );
}

/**
 * The lines of an environment file. A value that is known at synth time is written in systemd's syntax.
 * Any other value is encoded in base64, and the host decodes it as data.
 */
function environmentFile(scope: IConstruct, environment: { [name: string]: string }): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (!Token.isUnresolved(value)) {
        return assignment(scope, name, value);
      }
      return Lazy.uncachedString({
        produce: (context) => {
          // Some tokens are known at synth time, such as logical IDs.
          const known: unknown = context.resolve(value);
          return typeof known === 'string' || typeof known === 'number'
            ? assignment(scope, name, String(known))
            : `${name}="${Fn.base64(value)}" base64`;
        },
      });
    })
    .join('\n');
}

function assignment(scope: IConstruct, name: string, value: string): string {
  if (CONTROL.test(value)) {
    throw invalid(scope, name, 'be one line of text without control characters', value);
  }
  return `${name}="${value.replace(/[\\"`$]/g, '\\$&')}"`;
}

/**
 * User data that ends with the library's own script, no matter when commands are added.
 */
export class HostUserData extends ec2.UserData {
  private script = '';
  private partIsAdded = false;

  /**
   * @param commands the commands that run first
   */
  constructor(private readonly commands: ec2.UserData) {
    super();
  }

  /** Sets the library's own script, which comes last. */
  public provision(script: string): void {
    this.script = script;
  }

  /** Whether the library's own script can follow. */
  public isForBash(): boolean {
    return (
      this.commands instanceof ec2.MultipartUserData || /^#!.*\bbash\b/.test(this.commands.render())
    );
  }

  public addCommands(...commands: string[]): void {
    this.commands.addCommands(...commands);
  }

  public addOnExitCommands(...commands: string[]): void {
    this.commands.addOnExitCommands(...commands);
  }

  public addS3DownloadCommand(params: ec2.S3DownloadOptions): string {
    return this.commands.addS3DownloadCommand(params);
  }

  public addExecuteFileCommand(params: ec2.ExecuteFileOptions): void {
    this.commands.addExecuteFileCommand(params);
  }

  public addSignalOnExitCommand(resource: Resource): void {
    this.commands.addSignalOnExitCommand(resource);
  }

  public render(): string {
    if (!(this.commands instanceof ec2.MultipartUserData)) {
      return `${this.commands.render()}\n${this.script.slice(this.script.indexOf('\n') + 1)}`;
    }
    if (!this.partIsAdded) {
      this.partIsAdded = true;
      // cloud-init runs parts in order.
      this.commands.addPart(
        ec2.MultipartBody.fromRawBody({
          contentType: ec2.MultipartBody.SHELL_SCRIPT,
          body: this.script,
        }),
      );
    }
    return this.commands.render();
  }
}

/** The user data of hosts, for an instance that becomes an image of theirs or tests one. */
export class ImageUserData extends ec2.UserData {
  /**
   * @param hosts the user data of the hosts
   * @param stage the purpose of the instance
   */
  constructor(
    private readonly hosts: ec2.UserData,
    private readonly stage: ImageStage,
  ) {
    super();
  }

  public addCommands(...commands: string[]): void {
    this.hosts.addCommands(...commands);
  }

  public addOnExitCommands(...commands: string[]): void {
    this.hosts.addOnExitCommands(...commands);
  }

  public addS3DownloadCommand(params: ec2.S3DownloadOptions): string {
    return this.hosts.addS3DownloadCommand(params);
  }

  public addExecuteFileCommand(params: ec2.ExecuteFileOptions): void {
    this.hosts.addExecuteFileCommand(params);
  }

  public addSignalOnExitCommand(resource: Resource): void {
    this.hosts.addSignalOnExitCommand(resource);
  }

  public render(): string {
    return this.hosts
      .render()
      .replace(
        /^(decode_environment >\S*\/host\.env <<.*\n)/m,
        (line) => `${line}IMAGE_STAGE="${this.stage}"\n`,
      );
  }
}
