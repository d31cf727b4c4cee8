import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { Setting, hasHole, holesIn } from '../../template/text';
import { place } from '../kinds/setting-rule';

const NAMES = ['SECRET_KEY', 'SECRET_KEY_FALLBACKS'];

export const secretEnvironment: Rule = {
  id: 'SECRET3',
  guideRules: [37],
  level: 'error',
  ours: "Hosts get the secret's ARN and fetch the key at startup",
  cause: 'The value of SECRET_KEY is in the environment or the user data of a dashboard host.',
  explanation:
    'Many people and programs read templates, parameters, task definitions and user data, and ' +
    'they get committed to repositories. With the key, a remote attacker may be able to ' +
    'execute code on the hosts.',
  page: GuidePage.SECRET_KEY,
  fix:
    'Keep the key in Secrets Manager and give hosts its ARN (SECRET_KEY_SECRET_ID). For ' +
    'containers, use Secrets instead of Environment.',
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (!sources) {
      return undefined;
    }
    return sources.flatMap((source) =>
      NAMES.flatMap((name) => {
        const wrong = discloses(source.settings.get(name), resource, facts);
        if (wrong === undefined) {
          facts.unknown(place(source, name));
        }
        return wrong ? [place(source, name)] : [];
      }),
    );
  },
};

/** Whether the value is readable: literal, a dynamic reference (resolved into the text) or a parameter. */
function discloses(
  setting: Setting | undefined,
  resource: Resource,
  facts: Facts,
): boolean | undefined {
  if (!setting || setting.dynamic || /^(None)?$/.test(setting.text)) {
    return false;
  }
  // A dynamic reference is replaced with the value.
  if (!hasHole(setting.text) || setting.text.includes('{{resolve:')) {
    return true;
  }
  const holes = holesIn(setting.text, setting.holes);
  if (holes.some((hole) => facts.template.isParameter(resource.stack, hole))) {
    return true;
  }
  return holes.every((hole) => facts.target(resource, hole)) ? false : undefined;
}
