import {
  CHOICE,
  ENVIRONMENT,
  Resources,
  UNKNOWN,
  dashboard,
  findings,
  joined,
  ref,
  rule,
  script,
  withoutDashboard,
} from '../fixtures';

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

test('one machine shares its key with nobody', () => {
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
  ...dashboard(),
  Task: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      ContainerDefinitions: [
        {
          Name: 'horizon',
          Image: 'horizon',
          Environment: Object.entries(ENVIRONMENT).map(([Name, Value]) => ({ Name, Value })),
          Secrets: secrets,
        },
      ],
    },
  },
  ...(rotated && {
    Schedule: {
      Type: 'AWS::SecretsManager::RotationSchedule',
      Properties: { SecretId: ref('Key') },
    },
  }),
});
const secret = (Name: string, ValueFrom: unknown): unknown => ({ Name, ValueFrom });

rule('SECRET5', {
  on: 'Task',
  compliant: {
    'a secret without a schedule': task([secret('SECRET_KEY', ref('Key'))]),
    'a secret with its previous version': task(
      [
        secret('SECRET_KEY', ref('Key')),
        secret('SECRET_KEY_FALLBACKS', joined(ref('Key'), '::AWSPREVIOUS:')),
      ],
      true,
    ),
    'a key of the JSON in it': task([secret('SECRET_KEY', joined(ref('Key'), ':key::'))]),
  },
  wrong: {
    'a version of a secret': task([secret('SECRET_KEY', joined(ref('Key'), ':::3f1b'))]),
    'a version of a named secret': task([secret('SECRET_KEY', `${KEY('horizon')}:key::3f1b`)]),
    'a schedule, and nothing of the previous version': task(
      [secret('SECRET_KEY', ref('Key'))],
      true,
    ),
  },
  notApplicable: {
    'no secret in a container': task([]),
    'another secret': task([secret('PASSWORD', `${KEY('x')}:key::3f1b`)]),
  },
  unknown: {
    'a parameter': task([secret('SECRET_KEY', ref('Given'))], true),
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
