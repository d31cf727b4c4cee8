import { SECRET } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { flatten, literal } from '../../template/text';

export const secretLiteral: Rule = {
  id: 'SECRET2',
  guideRules: [37],
  level: 'error',
  ours: 'Made by Secrets Manager, in no template',
  cause: "The template or one of its parameters holds the value of the dashboard's SECRET_KEY.",
  explanation:
    'The guide warns against committing the key to public repositories: whoever reads a template, or ' +
    'the parameters of a stack, would have the key, and with it may execute code on the hosts.',
  page: GuidePage.SECRET_KEY,
  fix: 'Replace SecretString by GenerateSecretString.',
  types: [SECRET],
  check(secret, facts) {
    if (!facts.secrets.has(secret)) {
      return undefined;
    }
    const given = secret.property('SecretString');
    if (given === undefined) {
      return [];
    }
    const { holes } = flatten(given);
    if (
      literal(given) !== undefined ||
      holes.some((hole) => facts.template.isParameter(secret.stack, hole))
    ) {
      return ['Properties.SecretString'];
    }
    if (!holes.every((hole) => facts.target(secret, hole))) {
      facts.unknown('Properties.SecretString');
    }
    return [];
  },
};
