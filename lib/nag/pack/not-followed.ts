import { Facts } from '../dashboard/facts';
import { Doubt } from '../reading/shell/doubts';
import { Resource } from '../template/template';

/** What cannot be followed, and the place in the resource that does it. */
export interface PlacedDoubt {
  readonly doubt: Doubt;
  readonly location: string;
}

/** What cannot be followed of a dashboard's scripts, on any way through its conditions. */
export function doubtsOn(resource: Resource, facts: Facts): readonly PlacedDoubt[] {
  if (!facts.hosts.has(resource)) {
    return [];
  }
  const found = new Map<string, PlacedDoubt>();
  facts.everyWay(resource, () => {
    for (const each of facts.doubts(resource)) {
      found.set(`${each.doubt.kind} ${each.doubt.what}`, each);
    }
  });
  return [...found.values()];
}

export const inSentence = (doubts: readonly PlacedDoubt[]): string =>
  `Not in the template: ${doubts.map(({ doubt }) => described(doubt)).join('; ')}.`;

export const NOT_FOLLOWED_FIX =
  'Look at it once, with RULES.md. To have it checked, write the content into the template: a ' +
  'here-document of the user data, or a file of AWS::CloudFormation::Init.';

const described = ({ kind, what, command }: Doubt): string => {
  const by = command === '' || command === what ? '' : ` (\`${legible(command)}\`)`;
  return `what ${legible(what)} ${kind === 'file' ? 'holds' : 'does'}${by}`;
};

// A hole is a value of the deployment.
const legible = (text: string): string => text.replace(/\uE000\d+\uE001/g, '…');
