import { CfnParameter, Duration, SecretValue } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import {
  add,
  endpoint,
  file,
  HeldOut,
  HostOptions,
  hostScript,
  instance,
  LOCAL_SETTINGS,
  onFargate,
  onHosts,
  settings,
  TaskOptions,
} from './kit';

const KEY = 'k3V9x2Lq'.repeat(9);
const hosts = (
  name: string,
  mechanism: string,
  wants: string[],
  parts: HostOptions,
  unknownIsFine?: true,
): HeldOut => ({
  name: `secret: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: (stack) => void onHosts(stack, parts),
});
const tasks = (name: string, mechanism: string, wants: string[], parts: TaskOptions): HeldOut => ({
  name: `secret: ${name}`,
  mechanism,
  wants,
  build: (stack) => void onFargate(stack, parts),
});

export const WRONG_SECRETS: readonly HeldOut[] = [
  hosts('32 characters, the default, fetched by the script', 'GenerateSecretString', ['SECRET1'], {
    secretProps: {},
  }),
  hosts('50 characters, as Django makes them', 'PasswordLength', ['SECRET1'], {
    secretProps: { generateSecretString: { passwordLength: 50 } },
  }),
  tasks('a key of a JSON secret with 40 characters', 'GenerateStringKey', ['SECRET1'], {
    secretProps: {
      generateSecretString: {
        secretStringTemplate: '{"user":"horizon"}',
        generateStringKey: 'key',
        passwordLength: 40,
      },
    },
    secrets: (key) => ({ SECRET_KEY: ecs.Secret.fromSecretsManager(key, 'key') }),
  }),
  hosts('read by boto3 in the settings', 'boto3', ['SECRET1'], {
    secretProps: { generateSecretString: { passwordLength: 24 } },
    secret: (arn) => `echo ${arn} > /etc/openstack-dashboard/secret_arn\n`,
    settings: (cache) =>
      settings(cache).replace(
        /SECRET_KEY = .*/,
        "import boto3\nSECRET_KEY = boto3.client('secretsmanager').get_secret_value(\n    SecretId=open('/etc/openstack-dashboard/secret_arn').read().strip())['SecretString']",
      ),
  }),
  hosts('a plain text in the template', 'unsafePlainText', ['SECRET2'], {
    secretProps: { secretStringValue: SecretValue.unsafePlainText(KEY) },
  }),
  tasks('an object with plain text', 'secretObjectValue', ['SECRET2'], {
    secretProps: { secretObjectValue: { key: SecretValue.unsafePlainText(KEY) } },
    secrets: (key) => ({ SECRET_KEY: ecs.Secret.fromSecretsManager(key, 'key') }),
  }),
  {
    name: 'secret: a parameter of the stack',
    mechanism: 'CfnParameter',
    wants: ['SECRET2'],
    build: (stack) => {
      const parameter = new CfnParameter(stack, 'DjangoSecret', { noEcho: true, minLength: 64 });
      onFargate(stack, { secretProps: { secretStringValue: SecretValue.cfnParameter(parameter) } });
    },
  },
  {
    name: 'secret: a parameter of the stack in the user data',
    mechanism: 'CfnParameter',
    wants: ['SECRET3', 'SECRET2'],
    build: (stack) => {
      const parameter = new CfnParameter(stack, 'DjangoSecret', { noEcho: true });
      onHosts(stack, { then: add(`SECRET_KEY = '${parameter.valueAsString}'`) });
    },
  },
  {
    name: 'secret: a parameter of Systems Manager written by the template',
    mechanism: 'AWS::SSM::Parameter',
    wants: ['SECRET2', 'SECRET3'],
    build: (stack) => {
      const parameter = new ssm.StringParameter(stack, 'Key', {
        parameterName: '/horizon/secret-key',
        stringValue: KEY,
      });
      onFargate(stack, { secrets: () => ({ SECRET_KEY: ecs.Secret.fromSsmParameter(parameter) }) });
    },
  },
  hosts('written out in the settings', 'python', ['SECRET3'], {
    then: add(`SECRET_KEY = '${KEY}'`),
  }),
  hosts('exported by the script', 'export', ['SECRET3'], {
    then: `export SECRET_KEY="${KEY}"\necho "SECRET_KEY = '$SECRET_KEY'" >> ${LOCAL_SETTINGS}`,
  }),
  hosts('put in by sed', 'sed', ['SECRET3'], {
    then: `sed -i "s|^SECRET_KEY = .*|SECRET_KEY = '${KEY}'|" ${LOCAL_SETTINGS}`,
  }),
  hosts('a file of the key written out', 'echo >', ['SECRET3'], {
    secret: () => `echo -n '${KEY}' > /etc/openstack-dashboard/secret_key\n`,
  }),
  hosts('an Environment= of the unit', 'systemd', ['SECRET3'], {
    unit: `[Service]\nUser=horizon\nEnvironment="SECRET_KEY=${KEY}"\nExecStart=/usr/bin/gunicorn -w 4 -b unix:/run/horizon/gunicorn.sock openstack_dashboard.wsgi`,
    settings: (cache) =>
      settings(cache).replace(
        /SECRET_KEY = .*/,
        "import os\nSECRET_KEY = os.environ['SECRET_KEY']",
      ),
  }),
  hosts('docker run -e', 'docker run', ['SECRET3'], {
    then: `docker run -d --name horizon -e KOLLA_CONFIG_STRATEGY=COPY_ALWAYS -e SECRET_KEY=${KEY} quay.io/openstack.kolla/horizon:2025.1`,
  }),
  hosts('passwords.yml of kolla', 'kolla-ansible', ['SECRET3'], {
    then: `${file('/etc/kolla/passwords.yml', `keystone_admin_password: from-vault\nhorizon_secret_key: ${KEY}`)}kolla-ansible deploy -i /root/all-in-one -t horizon`,
  }),
  tasks('in the environment of the container', 'environment', ['SECRET3'], {
    environment: { SECRET_KEY: KEY },
    secrets: () => ({}),
  }),
  {
    name: 'secret: a dynamic reference in the user data',
    mechanism: '{{resolve:…}}',
    wants: ['SECRET3'],
    build: (stack) => {
      onHosts(stack, {
        then: add("SECRET_KEY = '{{resolve:secretsmanager:horizon/key:SecretString:key}}'"),
      });
    },
  },
  {
    name: 'secret: unsafeUnwrap in the user data',
    mechanism: 'unsafeUnwrap',
    wants: ['SECRET3'],
    build: (stack) => {
      const key = new secretsmanager.Secret(stack, 'Key', {
        generateSecretString: { passwordLength: 64 },
      });
      onHosts(stack, {
        secret: () =>
          `echo ${key.secretValue.unsafeUnwrap()} > /etc/openstack-dashboard/secret_key\n`,
      });
    },
  },
  // Each host for itself.
  hosts('openssl rand on each host', 'openssl rand', ['SECRET4'], {
    secret: () => 'openssl rand -base64 64 | tr -d "\\n" > /etc/openstack-dashboard/secret_key\n',
  }),
  hosts('/dev/urandom on each host', 'tr < /dev/urandom', ['SECRET4'], {
    secret: () =>
      "tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 64 > /etc/openstack-dashboard/secret_key\n",
  }),
  hosts('python makes the key on each host', 'python3 -c', ['SECRET4'], {
    secret: () =>
      'python3 -c "import secrets; print(secrets.token_urlsafe(64))" > /etc/openstack-dashboard/secret_key\n',
  }),
  hosts("Horizon's own file of each host", 'generate_or_read_from_file', ['SECRET4'], {
    settings: (cache) =>
      settings(cache).replace(
        /SECRET_KEY = .*/,
        "from horizon.utils import secret_key\nSECRET_KEY = secret_key.generate_or_read_from_file('/var/lib/openstack-dashboard/secret_key')",
      ),
  }),
  hosts('a random string in the settings', 'get_random_string', ['SECRET4'], {
    settings: (cache) =>
      settings(cache).replace(
        /SECRET_KEY = .*/,
        'from django.utils.crypto import get_random_string\nSECRET_KEY = get_random_string(64)',
      ),
  }),
  {
    name: 'secret: two groups with a secret each',
    mechanism: 'two groups',
    wants: ['SECRET4'],
    build: (stack) => {
      const { vpc, cache, hosts: securityGroup, targets } = onHosts(stack);
      const other = new secretsmanager.Secret(stack, 'OtherKey', {
        generateSecretString: { passwordLength: 64 },
      });
      const green = new autoscaling.AutoScalingGroup(stack, 'Green', {
        vpc,
        minCapacity: 2,
        launchTemplate: new ec2.LaunchTemplate(stack, 'GreenTemplate', {
          machineImage: ec2.MachineImage.latestAmazonLinux2023(),
          instanceType: new ec2.InstanceType('t3.small'),
          securityGroup,
          requireImdsv2: true,
          userData: ec2.UserData.custom(hostScript({}, other.secretArn, endpoint(cache))),
        }),
      });
      targets.addTarget(green);
    },
  },
  // Rotation.
  hosts('a version by its id', '--version-id', ['SECRET5'], {
    secret: (arn) =>
      `aws secretsmanager get-secret-value --secret-id ${arn} --version-id 4b1f0d9e-7a53-4d0f-9d3a-1f6f7f3a0c11 --query SecretString --output text > /etc/openstack-dashboard/secret_key\n`,
  }),
  tasks('a version of a container by its id', 'versionInfo', ['SECRET5'], {
    secrets: (key) => ({
      SECRET_KEY: ecs.Secret.fromSecretsManagerVersion(key, {
        versionId: '4b1f0d9e-7a53-4d0f-9d3a-1f6f7f3a0c11',
      }),
    }),
  }),
  {
    name: 'secret: a rotation that a container cannot follow',
    mechanism: 'RotationSchedule',
    wants: ['SECRET5'],
    build: (stack) => {
      const { secret } = onFargate(stack);
      secret.addRotationSchedule('Rotation', {
        automaticallyAfter: Duration.days(90),
        rotationLambda: lambda.Function.fromFunctionArn(
          stack,
          'Rotate',
          'arn:aws:lambda:eu-west-1:111122223333:function:rotate',
        ),
      });
    },
  },
  {
    name: 'secret: an instance with the key in cloud-config',
    mechanism: 'cloud-config',
    wants: ['SECRET3'],
    build: (stack) => {
      instance(
        stack,
        `#cloud-config\npackages: [openstack-dashboard]\nwrite_files:\n  - path: /etc/openstack-dashboard/local_settings.d/_20_key.py\n    permissions: '0640'\n    content: |\n      SECRET_KEY = "${KEY}"\n`,
      );
    },
  },
];
