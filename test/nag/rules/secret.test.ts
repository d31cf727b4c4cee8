import {
  CHOICE,
  Resources,
  UNKNOWN,
  dashboard,
  findings,
  having,
  ref,
  rule,
  script,
  withoutDashboard,
} from '../fixtures';

const secret = (properties: Record<string, unknown>): Resources => having('Key', properties);
const generated = (GenerateSecretString: unknown): Resources => secret({ GenerateSecretString });

rule('SECRET1', {
  on: 'Key',
  compliant: {
    '64 characters': dashboard(),
    more: generated({ PasswordLength: '128' }),
    'a value that SECRET2 finds': secret({ GenerateSecretString: undefined, SecretString: 'x' }),
  },
  wrong: {
    '63 characters': generated({ PasswordLength: 63 }),
    'the default length': generated({}),
    'no key at all': generated(undefined),
  },
  notApplicable: {
    'another secret': dashboard({
      environment: { SECRET_KEY_SECRET_ID: 'arn:aws:secretsmanager:eu-west-1:1:secret:k' },
      properties: { Key: { GenerateSecretString: {} } },
    }),
    'an app without a dashboard': withoutDashboard(generated({})),
  },
  undecided: {
    'a length of the deployment': generated({ PasswordLength: ref('Given') }),
    'settings that a condition chooses': generated(CHOICE),
  },
});

const value = (SecretString: unknown): Resources =>
  secret({ GenerateSecretString: undefined, SecretString });

rule('SECRET2', {
  on: 'Key',
  compliant: { 'a generated value': dashboard() },
  wrong: {
    'a literal': value('0123456789'),
    'a literal in pieces': value({ 'Fn::Join': ['', ['0123', '4567']] }),
    'a parameter': value(ref('Given')),
    'a parameter in a text': value({ 'Fn::Sub': 'key-${Given}' }),
  },
  notApplicable: {
    'another secret': withoutDashboard(value('0123456789')),
  },
  undecided: { 'a value made elsewhere': value(UNKNOWN), 'a choice': value(CHOICE) },
});

const key = (text: unknown): Resources => dashboard({ environment: { SECRET_KEY: text } });

rule('SECRET3', {
  on: 'Host',
  compliant: {
    'the ARN of a secret': dashboard(),
    'a command that fetches it': script('export SECRET_KEY="$(fetch-key)"\n'),
    'a command in backticks': script('SECRET_KEY=`fetch-key`\n'),
    'a variable': script("SECRET_KEY = '${KEY}'\n"),
    'a file that Python reads': script("SECRET_KEY = open('/run/key').read()\n"),
    'an empty value': script('SECRET_KEY=\n'),
  },
  wrong: {
    'a literal in the environment': key('0123456789'),
    'a parameter in the environment': key(ref('Given')),
    'a dynamic reference, resolved into the text': key('{{resolve:secretsmanager:key}}'),
    'a literal in user data': script('export SECRET_KEY="0123456789"\n'),
    'a literal of Python': script("SECRET_KEY = '0123456789'\n"),
    'a parameter in user data': script({ 'Fn::Sub': 'SECRET_KEY="${Given}"\n' }),
    'an older key': script("SECRET_KEY_FALLBACKS = ['0123456789']\n"),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(script('SECRET_KEY="0123456789"\n')),
  },
  undecided: { 'a value made elsewhere': key(UNKNOWN) },
  unknown: { 'the name of a secret': key(ref('Key')) },
});

test('SECRET3 finds the key in the environment of a container, not among its secrets', () => {
  const task = (container: Record<string, unknown>): Resources => ({
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { ContainerDefinitions: [{ Name: 'horizon', Image: 'horizon', ...container }] },
    },
  });
  const Environment = [
    { Name: 'SESSION_ENGINE', Value: 'django.contrib.sessions.backends.cache' },
    { Name: 'OPENSTACK_KEYSTONE_URL', Value: 'https://keystone.example.org/v3' },
  ];
  const Secrets = [
    { Name: 'SECRET_KEY', ValueFrom: 'arn:aws:secretsmanager:eu-west-1:1:secret:k' },
  ];
  expect(findings(task({ Environment, Secrets }))).toEqual([]);
  expect(
    findings(task({ Environment: [...Environment, { Name: 'SECRET_KEY', Value: '0123' }] })),
  ).toEqual(['SECRET3 Task']);
});
