import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tiers that have user data of their own. */
export type Tier = 'dashboard' | 'static';

/** EC2's limit, in bytes before base64. */
export const USER_DATA_LIMIT = 16384;

let templates: Record<Tier, string> | undefined;

/**
 * The user data of a tier: `files/user-data.sh` with the tier's files in it (packed when the
 * library is built, so that the same version gives the same bytes on every machine) and the two
 * environment files.
 */
export function renderUserData(
  tier: Tier,
  hostEnvironment: { [name: string]: string },
  dashboardEnvironment: { [name: string]: string },
): string {
  templates ??= JSON.parse(readFileSync(join(__dirname, 'payload.json'), 'utf8')) as Record<
    Tier,
    string
  >;
  // functions, since a replacement string would interpret `$`
  return templates[tier]
    .replace('@HOST_ENVIRONMENT@', () => environmentFile(hostEnvironment))
    .replace('@DASHBOARD_ENVIRONMENT@', () => environmentFile(dashboardEnvironment));
}

/** An environment file that systemd and a shell read alike. */
function environmentFile(environment: { [name: string]: string }): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (/[\n\r\0]/.test(value)) {
        throw new Error(`${name} was given a value with a line break; allowed is a single line`);
      }
      return `${name}="${value.replace(/[\\"`$]/g, protectTokens)}"`;
    })
    .join('\n');

  // A token is written `${Token[…]}` until it is resolved.
  function protectTokens(char: string, offset: number, value: string): string {
    return char === '$' && value.startsWith('${Token[', offset) ? char : `\\${char}`;
  }
}
