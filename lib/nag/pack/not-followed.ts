import { Facts } from '../dashboard/facts';
import { Doubt } from '../reading/shell/doubts';
import { Resource } from '../template/template';

/** A command or file that cannot be followed, and the place in the resource that refers to it. */
export interface PlacedDoubt {
  readonly doubt: Doubt;
  readonly location: string;
}

/** What cannot be followed in a dashboard's scripts, on any condition path. */
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
  'Review it once against RULES.md. To have it checked, put the content into the template: in a ' +
  'here-document in the user data, or in a file of AWS::CloudFormation::Init.';

const described = ({ kind, what, command }: Doubt): string => {
  const by = command === '' || command === what ? '' : ` (\`${legible(command)}\`)`;
  return `the ${kind === 'file' ? 'content' : 'effect'} of ${legible(what)}${by}`;
};

// A hole is a value that is unknown at synth time.
const legible = (text: string): string => text.replace(/\uE000\d+\uE001/g, '…');
