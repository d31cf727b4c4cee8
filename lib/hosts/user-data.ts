import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tiers that have user data of their own. */
export type Tier = 'dashboard' | 'static';

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
 * Made when the library is built, so that the same version gives the same bytes on every machine.
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

/**
 * The user data of a host: `files/user-data.sh` with the two environment files in it.
 *
 * @param filesResource the logical id of the resource whose metadata holds the tier's files
 */
export function renderUserData(
  filesResource: string,
  hostEnvironment: { [name: string]: string },
  dashboardEnvironment: { [name: string]: string },
): string {
  // functions, since a replacement string would interpret `$`
  return payload()
    .userData.replace('@PAYLOAD@', () => `metadata:${filesResource}`)
    .replace('@HOST_ENVIRONMENT@', () => environmentFile(hostEnvironment))
    .replace('@DASHBOARD_ENVIRONMENT@', () => environmentFile(dashboardEnvironment));
}

/** An environment file that systemd and a shell read alike. */
function environmentFile(environment: { [name: string]: string }): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      // systemd drops a variable with a control character other than a tab
      if (/(?!\t)\p{Cc}/u.test(value)) {
        throw new Error(
          `${name} was given a value with a line break or control character; allowed is a single line of text`,
        );
      }
      return `${name}="${value.replace(/[\\"`$]/g, protectTokens)}"`;
    })
    .join('\n');

  // A token is written `${Token[…]}` until it is resolved.
  function protectTokens(char: string, offset: number, value: string): string {
    return char === '$' && value.startsWith('${Token[', offset) ? char : `\\${char}`;
  }
}
