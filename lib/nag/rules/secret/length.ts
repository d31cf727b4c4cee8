import { SECRET } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { get } from '../../template/template';

export const secretLength: Rule = {
  id: 'SECRET1',
  guideRules: [35],
  level: 'error',
  ours: '96 random letters and digits, made by Secrets Manager',
  cause: "The secret of the dashboard's SECRET_KEY is not generated with at least 64 characters.",
  explanation:
    'The secret key is a randomly generated string at least 64 characters long; who guesses it may ' +
    'execute code on the hosts. Secrets Manager generates 32 unless it is told otherwise.',
  page: GuidePage.SECRET_KEY,
  fix: 'Set GenerateSecretString.PasswordLength to 64 or more.',
  types: [SECRET],
  check(secret, facts) {
    if (!facts.secrets.has(secret)) {
      return undefined;
    }
    const given = secret.property('GenerateSecretString');
    // A value that is given is another rule's; with neither there is no key at all.
    if (given === undefined) {
      return secret.property('SecretString') === undefined
        ? ['Properties.GenerateSecretString']
        : [];
    }
    return facts.wrong(
      'Properties.GenerateSecretString.PasswordLength',
      get(given, 'PasswordLength'),
      (length) => Number(length) < 64,
    );
  },
};
