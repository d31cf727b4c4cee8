import {
  CHOICE,
  Resources,
  UNKNOWN,
  dashboard,
  findings,
  having,
  joined,
  ref,
  rule,
  script,
  withTask,
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

const KEY = (name: string): string =>
  `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}`;

/** Two kinds of hosts of one dashboard, each with a secret. */
const two = (first: unknown, second: unknown, name: unknown = 'dashboard.example'): Resources => {
  const resources = dashboard({ environment: { SECRET_KEY_SECRET_ID: first } });
  const Spot = dashboard({
    environment: { SECRET_KEY_SECRET_ID: second, ALLOWED_HOSTS: name },
  }).Host;
  return { ...resources, Spot, Second: resources.Key };
};

rule('SECRET4', {
  on: 'Host',
  compliant: {
    'one secret': dashboard(),
    'the same secret twice': two(ref('Key'), ref('Key')),
    'the same name twice': two(KEY('horizon'), KEY('horizon')),
    'two dashboards': two(ref('Key'), ref('Second'), 'other.example'),
    'a key of something else': script('SIGNING_KEY=$(openssl rand -hex 32)\n'),
  },
  wrong: {
    'two secrets': two(ref('Key'), ref('Second')),
    'two names': two(KEY('horizon-1'), KEY('horizon-2')),
    "Horizon's own way, a key a host": script(
      "SECRET_KEY = secret_key.generate_or_read_from_file('/var/lib/key')\n",
    ),
    'a key made by the script': script('SECRET_KEY=$(openssl rand -hex 64)\n'),
    'a key made by Django': script('SECRET_KEY = get_random_secret_key()\n'),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(script('SECRET_KEY=$(uuidgen)\n')),
  },
  unknown: {
    'a parameter': two(ref('Key'), ref('Given')),
    'an import': two(UNKNOWN, ref('Second')),
    'what a condition chooses': two(CHOICE, CHOICE),
  },
});

test('a single machine does not share its key', () => {
  const Host = {
    ...dashboard({ environment: { MEMCACHED_ENDPOINT: 'cache:11211' } }).Host,
    Type: 'AWS::EC2::Instance',
    Properties: {
      MetadataOptions: { HttpTokens: 'required' },
      UserData: { 'Fn::Base64': 'SECRET_KEY=$(openssl rand -hex 64)\n' },
    },
  };
  expect(findings({ Host })).toEqual([]);
});

const task = (secrets: unknown, rotated = false): Resources => ({
  ...withTask({ Secrets: secrets }),
  ...(rotated && {
    Schedule: {
      Type: 'AWS::SecretsManager::RotationSchedule',
      Properties: { SecretId: ref('Key') },
    },
  }),
});
const variable = (Name: string, ValueFrom: unknown): unknown => ({ Name, ValueFrom });

rule('SECRET5', {
  on: 'Task',
  compliant: {
    'a secret without a schedule': task([variable('SECRET_KEY', ref('Key'))]),
    'a secret with its previous version': task(
      [
        variable('SECRET_KEY', ref('Key')),
        variable('SECRET_KEY_FALLBACKS', joined(ref('Key'), '::AWSPREVIOUS:')),
      ],
      true,
    ),
    'a key of the JSON in it': task([variable('SECRET_KEY', joined(ref('Key'), ':key::'))]),
  },
  wrong: {
    'a version of a secret': task([variable('SECRET_KEY', joined(ref('Key'), ':::3f1b'))]),
    'a version of a named secret': task([variable('SECRET_KEY', `${KEY('horizon')}:key::3f1b`)]),
    'a schedule, and nothing of the previous version': task(
      [variable('SECRET_KEY', ref('Key'))],
      true,
    ),
  },
  notApplicable: {
    'no secret in a container': task([]),
    'another secret': task([variable('PASSWORD', `${KEY('x')}:key::3f1b`)]),
  },
  unknown: {
    'a parameter': task([variable('SECRET_KEY', ref('Given'))], true),
    'a list of the deployment': task(CHOICE, true),
  },
});

const fetch = (options: string): Resources =>
  script(`SECRET_KEY=$(aws secretsmanager get-secret-value --secret-id "$ID" ${options})\n`);

rule('SECRET5', {
  on: 'Host',
  compliant: { 'the newest version': fetch('--query SecretString') },
  wrong: { 'one version': fetch('--version-id 3f1b --query SecretString') },
  notApplicable: {
    'hosts that fetch nothing in sight': dashboard(),
    'a host of something else': withoutDashboard(fetch('--version-id 3f1b')),
  },
  unknown: {
    'options of the deployment': script(
      joined('aws secretsmanager get-secret-value ', ref('Given'), '\n'),
    ),
  },
});
