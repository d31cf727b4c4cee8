import { writeFileSync } from 'node:fs';
import {
  CfnCondition,
  CfnMapping,
  CfnParameter,
  CfnResource,
  Fn,
  NestedStack,
  Stack,
  Stage,
  Tags,
} from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ecsPatterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import {
  add,
  ENV,
  file,
  HeldOut,
  instance,
  LOCAL_SETTINGS as F,
  onFargate,
  onHosts,
  TaskOptions,
  temporaryFile,
} from './kit';

const KOLLA = 'quay.io/openstack.kolla/horizon:2025.1-ubuntu-noble';
const one = (
  name: string,
  mechanism: string,
  wants: string[],
  build: HeldOut['build'],
  unknownIsFine?: true,
): HeldOut => ({
  name: `platform: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build,
});
const script = (
  name: string,
  mechanism: string,
  wants: string[],
  text: string,
  unknownIsFine?: true,
) =>
  one(
    name,
    mechanism,
    wants,
    (stack) => void instance(stack, `#!/bin/bash\nset -e\n${text}\n`),
    unknownIsFine,
  );
const tasks = (
  name: string,
  mechanism: string,
  wants: string[],
  parts: TaskOptions,
  unknownIsFine?: true,
) => one(name, mechanism, wants, (stack) => void onFargate(stack, parts), unknownIsFine);
const include = (
  stack: Stack,
  text: string,
  name = 'template.yaml',
  parameters?: Record<string, unknown>,
) => {
  const templateFile = temporaryFile(name);
  writeFileSync(templateFile, text);
  return new CfnInclude(stack, 'Included', { templateFile, parameters });
};
const compose = (
  name: string,
  mechanism: string,
  wants: string[],
  yaml: string,
  unknownIsFine?: true,
) =>
  script(
    name,
    mechanism,
    wants,
    `curl -fsSL https://get.docker.com | sh\nmkdir -p /opt/horizon\n${file('/opt/horizon/docker-compose.yml', yaml)}docker compose -f /opt/horizon/docker-compose.yml up -d`,
    unknownIsFine,
  );

/** What HelmChart of aws-eks makes, without the stacks of its provider. */
const helm = (
  name: string,
  mechanism: string,
  wants: string[],
  values: unknown,
  unknownIsFine?: true,
) =>
  one(
    name,
    mechanism,
    wants,
    (stack) => {
      new CfnResource(stack, 'Chart', {
        type: 'Custom::AWSCDK-EKS-HelmChart',
        properties: {
          ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:kubectl',
          ClusterName: 'control-plane',
          Release: 'horizon',
          Chart: 'horizon',
          Version: '2025.1.0',
          Namespace: 'openstack',
          Repository: 'https://tarballs.opendev.org/openstack/openstack-helm',
          Values: JSON.stringify(values),
        },
      });
    },
    unknownIsFine,
  );
const config = (values: Record<string, unknown>) => ({
  conf: { horizon: { local_settings: { config: values } } },
});
const manifest = (
  name: string,
  mechanism: string,
  wants: string[],
  objects: unknown[],
  unknownIsFine?: true,
) =>
  one(
    name,
    mechanism,
    wants,
    (stack) => {
      new CfnResource(stack, 'Manifest', {
        type: 'Custom::AWSCDK-EKS-KubernetesResource',
        properties: {
          ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:kubectl',
          ClusterName: 'control-plane',
          Manifest: JSON.stringify(objects),
        },
      });
    },
    unknownIsFine,
  );
const deployment = (containers: unknown[]) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'horizon', namespace: 'openstack' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'horizon' } },
    template: { metadata: { labels: { app: 'horizon' } }, spec: { containers } },
  },
});

export const WRONG_PLATFORMS: readonly HeldOut[] = [
  // Amazon ECS.
  tasks('an entrypoint that appends to the settings', 'sh -c', ['SETTINGS1'], {
    horizon: {
      image: ecs.ContainerImage.fromRegistry(KOLLA),
      command: ['bash', '-c', `echo "DEBUG = True" >> ${F} && kolla_start`],
    },
  }),
  tasks('an environment with capitals', 'environment', ['SETTINGS1'], {
    environment: { DEBUG: 'TRUE' },
  }),
  tasks('hosts with a wild card', 'environment', ['SETTINGS3'], {
    environment: { ALLOWED_HOSTS: 'example.org,*.example.org' },
  }),
  tasks(
    'settings in base64',
    'environment',
    ['SETTINGS1'],
    {
      environment: { EXTRA_SETTINGS_B64: Buffer.from('DEBUG = True').toString('base64') },
      horizon: {
        command: [
          'sh',
          '-c',
          'echo $EXTRA_SETTINGS_B64 | base64 -d >> /etc/openstack-dashboard/local_settings.py && exec gunicorn -b 127.0.0.1:8000 -w 4 openstack_dashboard.wsgi',
        ],
      },
    },
    true,
  ),
  one(
    'a file of variables in a bucket',
    'environmentFiles',
    [],
    (stack) => {
      const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'site-config');
      onFargate(stack, {
        horizon: { environmentFiles: [ecs.EnvironmentFile.fromBucket(bucket, 'horizon.env')] },
      });
    },
    true,
  ),
  one('an override of the task definition', 'addPropertyOverride', ['SETTINGS4'], (stack) => {
    const { task } = onFargate(stack);
    (task.node.defaultChild as ecs.CfnTaskDefinition).addPropertyOverride(
      'ContainerDefinitions.1.Environment.0',
      { Name: 'SESSION_COOKIE_SECURE', Value: 'False' },
    );
    (task.node.defaultChild as ecs.CfnTaskDefinition).addPropertyOverride(
      'ContainerDefinitions.1.Environment.5',
      { Name: 'SESSION_COOKIE_SECURE', Value: 'False' },
    );
  }),
  one('a pattern with HTTP to the container', 'ecs-patterns', ['HTTPS4'], (stack) => {
    new ecsPatterns.ApplicationLoadBalancedFargateService(stack, 'Horizon', {
      vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }),
      taskImageOptions: {
        image: ecs.ContainerImage.fromRegistry(KOLLA),
        containerPort: 80,
        environment: { KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS' },
      },
    });
  }),
  one('a pattern without a certificate', 'ecs-patterns', ['HTTPS1'], (stack) => {
    new ecsPatterns.ApplicationLoadBalancedFargateService(stack, 'Horizon', {
      vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }),
      taskImageOptions: {
        image: ecs.ContainerImage.fromRegistry(KOLLA),
        environment: { OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3' },
      },
    });
  }),
  one('a task definition on EC2, host network', 'Ec2TaskDefinition', ['HTTPS5'], (stack) => {
    const task = new ecs.Ec2TaskDefinition(stack, 'Task', { networkMode: ecs.NetworkMode.HOST });
    task.addContainer('dashboard', {
      image: ecs.ContainerImage.fromRegistry('docker.io/openstackhelm/horizon:2024.2-ubuntu_jammy'),
      memoryLimitMiB: 512,
      environment: {
        SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
        OPENSTACK_KEYSTONE_URL: 'http://keystone.openstack.svc:5000/v3',
      },
    });
  }),
  // Docker and compose.
  compose(
    'an environment as a list',
    'compose',
    ['SETTINGS1'],
    `services:\n  horizon:\n    image: ${KOLLA}\n    environment:\n      - DEBUG=True\n      - OPENSTACK_KEYSTONE_URL=https://keystone.example.org:5000/v3\n    ports: ["443:443"]`,
  ),
  compose(
    'an anchor for the environment',
    'compose',
    ['SETTINGS4'],
    `x-env: &env\n  SESSION_COOKIE_SECURE: "false"\n  OPENSTACK_KEYSTONE_URL: https://keystone.example.org:5000/v3\nservices:\n  horizon:\n    image: ${KOLLA}\n    environment:\n      <<: *env`,
  ),
  compose(
    'varnish beside Horizon',
    'compose',
    ['CACHE2'],
    `services:\n  varnish:\n    image: varnish:stable\n    command: varnishd -F -f /etc/varnish/default.vcl\n  horizon:\n    image: ${KOLLA}\n    environment: {KOLLA_CONFIG_STRATEGY: COPY_ALWAYS}`,
  ),
  compose(
    'runserver as the command',
    'compose',
    ['PROXY1'],
    `services:\n  horizon:\n    image: ${KOLLA}\n    command: ["python3", "manage.py", "runserver", "0.0.0.0:8000"]`,
  ),
  compose(
    'settings as an inline config',
    'compose configs',
    ['SETTINGS3'],
    `services:\n  horizon:\n    image: ${KOLLA}\n    configs:\n      - source: settings\n        target: ${F}\nconfigs:\n  settings:\n    content: |\n      ALLOWED_HOSTS = ['*']`,
    true,
  ),
  compose(
    'an env_file',
    'compose env_file',
    [],
    `services:\n  horizon:\n    image: ${KOLLA}\n    env_file: [horizon.env]`,
    true,
  ),
  script(
    'docker run with an env file written by the script',
    '--env-file',
    ['SETTINGS1'],
    `${file('/root/h.env', 'DEBUG=True\nOPENSTACK_KEYSTONE_URL=https://keystone.example.org:5000/v3')}docker run -d --env-file /root/h.env -p 443:443 ${KOLLA}`,
    true,
  ),
  script(
    'podman with -e',
    'podman',
    ['SETTINGS4'],
    `dnf install -y podman\npodman run -d --name horizon --env=SESSION_COOKIE_SECURE=False -e OPENSTACK_KEYSTONE_URL=https://keystone.example.org:5000/v3 ${KOLLA}`,
  ),
  script(
    'docker exec edits the container',
    'docker exec',
    ['SETTINGS1'],
    `docker run -d --name horizon -e KOLLA_CONFIG_STRATEGY=COPY_ALWAYS ${KOLLA}\ndocker exec horizon sed -i 's/^DEBUG = .*/DEBUG = True/' ${F}`,
    true,
  ),
  script(
    'a Dockerfile written and built',
    'docker build',
    ['STATIC7', 'SETTINGS1'],
    `mkdir -p /build && cd /build\ncat > Dockerfile <<'EOF'\nFROM ${KOLLA}\nRUN apt-get update && apt-get install -y nodejs\nRUN echo "DEBUG = True" >> ${F}\nEOF\ndocker build -t horizon-site . && docker run -d -e KOLLA_CONFIG_STRATEGY=COPY_ALWAYS horizon-site`,
    true,
  ),
  script(
    'a settings file mounted into the container',
    'docker run -v',
    ['SETTINGS3'],
    `${file('/srv/horizon/local_settings', "ALLOWED_HOSTS = ['*']\nOPENSTACK_KEYSTONE_URL = 'https://keystone.example.org:5000/v3'")}docker run -d -v /srv/horizon/local_settings:${F}:ro ${KOLLA}`,
  ),
  // kolla-ansible and OpenStack-Ansible.
  script(
    'own settings of kolla-ansible',
    '_9999-custom-settings.py',
    ['SETTINGS1'],
    `pip install kolla-ansible\nmkdir -p /etc/kolla/config/horizon\n${file('/etc/kolla/config/horizon/_9999-custom-settings.py', 'DEBUG = True')}kolla-ansible deploy -i /root/multinode`,
  ),
  script(
    'custom_local_settings of kolla-ansible',
    'custom_local_settings',
    ['SETTINGS3'],
    `mkdir -p /etc/kolla/config/horizon/\ncat >> /etc/kolla/config/horizon/custom_local_settings <<'EOF'\nALLOWED_HOSTS = ['*']\nEOF\nkolla-ansible -i all-in-one reconfigure -t horizon`,
  ),
  script(
    'sessions in the database of kolla-ansible',
    'globals.yml',
    ['SESSION1'],
    `${file('/etc/kolla/globals.yml', 'kolla_base_distro: ubuntu\nenable_horizon: "yes"\nhorizon_backend_database: "yes"\nkolla_enable_tls_external: "yes"')}kolla-ansible deploy -i all-in-one`,
    true,
  ),
  script(
    'kolla-ansible without TLS',
    'globals.yml',
    ['HTTPS1', 'HTTPS4', 'SETTINGS4'],
    `${file('/etc/kolla/globals.yml', 'enable_horizon: "yes"\nkolla_enable_tls_external: "no"\nkolla_internal_vip_address: "10.0.0.10"')}kolla-ansible deploy -i all-in-one`,
    true,
  ),
  script(
    'hosts of OpenStack-Ansible',
    'user_variables.yml',
    ['SETTINGS3'],
    `git clone https://opendev.org/openstack/openstack-ansible /opt/openstack-ansible\n${file('/etc/openstack_deploy/user_variables.yml', '---\nhorizon_allowed_hosts:\n  - "*"\nhorizon_images_upload_mode: "off"')}openstack-ansible playbooks/os-horizon-install.yml`,
  ),
  script(
    'an engine of OpenStack-Ansible',
    'user_variables.yml',
    ['SESSION1', 'SESSION2'],
    `${file('/etc/openstack_deploy/user_variables_horizon.yml', 'horizon_session_engine: django.contrib.sessions.backends.signed_cookies')}openstack-ansible openstack.osa.horizon`,
  ),
  script(
    'passwords of OpenStack-Ansible',
    'user_variables.yml',
    ['SETTINGS9', 'SETTINGS10', 'SETTINGS11'],
    `cat >> /etc/openstack_deploy/user_variables.yml <<EOF\nhorizon_enforce_password_check: false\nhorizon_disable_password_reveal: false\nhorizon_enable_password_autocomplete: true\nEOF\ncd /opt/openstack-ansible && openstack-ansible playbooks/setup-openstack.yml`,
  ),
  script(
    'certificates of OpenStack-Ansible not verified',
    'user_variables.yml',
    ['HTTPS13'],
    `echo 'horizon_ssl_no_verify: true' | tee -a /etc/openstack_deploy/user_variables.yml\nopenstack-ansible /opt/openstack-ansible/playbooks/os-horizon-install.yml`,
  ),
  script(
    'puppet',
    'puppet apply',
    ['SETTINGS3'],
    `cat > /root/site.pp <<'EOF'\nclass { 'horizon':\n  allowed_hosts => '*',\n  secret_key    => lookup('key'),\n}\nEOF\npuppet apply /root/site.pp\napt-get install -y openstack-dashboard`,
    true,
  ),
  // Helm and Kubernetes.
  helm('debug of the chart', 'HelmChart values', ['SETTINGS1'], config({ debug: 'True' })),
  helm('hosts of the chart', 'HelmChart values', ['SETTINGS3'], config({ allowed_hosts: ['*'] })),
  helm(
    'cookies of the chart',
    'HelmChart values',
    ['SETTINGS4', 'SETTINGS5'],
    config({ session_cookie_secure: 'False', csrf_cookie_secure: 'False' }),
  ),
  helm(
    'the key of the chart',
    'HelmChart values',
    ['SECRET3', 'SECRET2'],
    config({ horizon_secret_key: '0f6d2c1e-9b7a-4c55-8e21-5d3a7b90c4f8' }),
  ),
  helm(
    'uploads of the chart',
    'HelmChart values',
    ['SETTINGS13'],
    config({ horizon_images_upload_mode: 'legacy' }),
  ),
  helm(
    'certificates of the chart not verified',
    'HelmChart values',
    ['HTTPS13'],
    config({ ssl_no_verify: 'True' }),
  ),
  helm(
    'raw settings of the chart',
    'HelmChart values',
    ['SETTINGS7'],
    config({ raw: { DISALLOW_IFRAME_EMBED: false } }),
  ),
  helm(
    'Keystone of the chart over HTTP',
    'HelmChart values',
    ['HTTPS5'],
    {
      ...config({ debug: 'False' }),
      endpoints: {
        identity: {
          scheme: { default: 'http' },
          hosts: { default: 'keystone' },
          port: { api: { default: 5000 } },
        },
      },
    },
    true,
  ),
  one('Helm by the shell of a bastion', 'helm install', ['SETTINGS3'], (stack) => {
    instance(
      stack,
      `#!/bin/bash\nhelm repo add openstack-helm https://tarballs.opendev.org/openstack/openstack-helm\ncat > /tmp/horizon.yaml <<'EOF'\nconf:\n  horizon:\n    local_settings:\n      config:\n        allowed_hosts:\n          - '*'\nEOF\nhelm upgrade --install horizon openstack-helm/horizon --namespace=openstack --values=/tmp/horizon.yaml`,
    );
  }),
  manifest(
    'a config map with settings',
    'KubernetesManifest',
    ['SETTINGS1'],
    [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'horizon' },
        data: {
          'local_settings.py':
            "DEBUG = True\nSESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nOPENSTACK_KEYSTONE_URL = 'https://keystone.example.org:5000/v3'\n",
        },
      },
    ],
  ),
  manifest(
    'a deployment with an environment',
    'KubernetesManifest',
    ['SETTINGS4'],
    [
      deployment([
        {
          name: 'horizon',
          image: KOLLA,
          env: [
            { name: 'OPENSTACK_KEYSTONE_URL', value: 'https://keystone.example.org:5000/v3' },
            { name: 'SESSION_ENGINE', value: 'django.contrib.sessions.backends.cache' },
            { name: 'SESSION_COOKIE_SECURE', value: 'false' },
          ],
        },
      ]),
    ],
  ),
  manifest(
    'varnish in the pod',
    'KubernetesManifest',
    ['CACHE2'],
    [
      deployment([
        {
          name: 'horizon',
          image: KOLLA,
          env: [{ name: 'KOLLA_CONFIG_STRATEGY', value: 'COPY_ALWAYS' }],
        },
        { name: 'varnish', image: 'varnish:7' },
      ]),
    ],
  ),
  // CloudFormation Init.
  one('a file of cfn-init', 'AWS::CloudFormation::Init', ['SETTINGS3'], (stack) => {
    new ec2.Instance(stack, 'Horizon', {
      vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }),
      instanceType: new ec2.InstanceType('t3.small'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      requireImdsv2: true,
      init: ec2.CloudFormationInit.fromElements(
        ec2.InitPackage.yum('openstack-dashboard'),
        ec2.InitFile.fromString(
          '/etc/openstack-dashboard/local_settings',
          "ALLOWED_HOSTS = ['*']\n",
          { mode: '000640', group: 'apache' },
        ),
      ),
    });
  }),
  one('a command of cfn-init', 'AWS::CloudFormation::Init', ['SETTINGS1'], (stack) => {
    const host = instance(
      stack,
      '#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack Site --resource Instance --configsets all',
    );
    host.addMetadata('AWS::CloudFormation::Init', {
      configSets: { all: ['install', 'configure'] },
      install: { packages: { yum: { 'openstack-dashboard': [] } } },
      configure: {
        commands: {
          '01_debug': {
            command: "sed -i 's/^DEBUG.*/DEBUG = True/' /etc/openstack-dashboard/local_settings",
          },
        },
      },
    });
  }),
  one('a line that cfn-init appends', 'AWS::CloudFormation::Init', ['SETTINGS3'], (stack) => {
    const host = instance(stack, '#!/bin/bash\n/opt/aws/bin/cfn-init --resource Instance');
    host.addMetadata('AWS::CloudFormation::Init', {
      config: {
        packages: { apt: { 'openstack-dashboard': [] } },
        commands: { hosts: { command: `echo "ALLOWED_HOSTS = ['*']" >> ${F}` } },
      },
    });
  }),
  one('a package and a service of cfn-init', 'AWS::CloudFormation::Init', ['CACHE2'], (stack) => {
    const host = instance(
      stack,
      '#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack Site --resource Instance',
    );
    host.addMetadata('AWS::CloudFormation::Init', {
      config: {
        packages: { yum: { 'openstack-dashboard': [], varnish: [] } },
        services: { systemd: { varnish: { enabled: true, ensureRunning: true } } },
      },
    });
  }),
  one(
    'the mode of a file of cfn-init',
    'AWS::CloudFormation::Init',
    ['FILES2', 'FILES1'],
    (stack) => {
      const host = instance(
        stack,
        '#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack Site --resource Instance',
      );
      host.addMetadata('AWS::CloudFormation::Init', {
        config: {
          packages: { apt: { 'openstack-dashboard': [] } },
          files: {
            [F]: {
              content: "OPENSTACK_KEYSTONE_URL = 'https://k.example.org:5000/v3'\n",
              mode: '000644',
              owner: 'www-data',
              group: 'www-data',
            },
          },
        },
      });
    },
  ),
  one(
    'a file of cfn-init with a context',
    'mustache',
    ['SETTINGS1'],
    (stack) => {
      const host = instance(
        stack,
        '#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack Site --resource Instance',
      );
      host.addMetadata('AWS::CloudFormation::Init', {
        config: {
          packages: { apt: { 'openstack-dashboard': [] } },
          files: { [F]: { content: 'DEBUG = {{debug}}\n', context: { debug: 'True' } } },
        },
      });
    },
    true,
  ),
  // Systems Manager.
  one(
    'an association with a script of its own',
    'AWS::SSM::Association',
    ['SETTINGS1'],
    (stack) => {
      const host = instance(stack, '#!/bin/bash\napt-get install -y openstack-dashboard');
      new ssm.CfnAssociation(stack, 'Debug', {
        name: 'AWS-RunShellScript',
        targets: [{ key: 'InstanceIds', values: [host.ref] }],
        parameters: {
          commands: [`sed -i 's/^DEBUG.*/DEBUG = True/' ${F}`, 'systemctl reload apache2'],
        },
      });
    },
  ),
  one('a document that installs all of it', 'AWS::SSM::Document', ['SETTINGS3'], (stack) => {
    const host = instance(stack, '#!/bin/bash\ntrue');
    Tags.of(host).add('Role', 'dashboard');
    const document = new ssm.CfnDocument(stack, 'Install', {
      documentType: 'Command',
      content: {
        schemaVersion: '2.2',
        description: 'Horizon',
        parameters: { hosts: { type: 'String', default: '*' } },
        mainSteps: [
          {
            action: 'aws:runShellScript',
            name: 'install',
            inputs: {
              runCommand: [
                'yum -y install openstack-dashboard',
                'sed -i "s/^ALLOWED_HOSTS.*/ALLOWED_HOSTS = [\'{{ hosts }}\']/" /etc/openstack-dashboard/local_settings',
              ],
            },
          },
        ],
      },
    });
    new ssm.CfnAssociation(stack, 'Run', {
      name: document.ref,
      targets: [{ key: 'tag:Role', values: ['dashboard'] }],
    });
  }),
  one(
    'an Ansible playbook by an association',
    'AWS-ApplyAnsiblePlaybooks',
    [],
    (stack) => {
      const host = instance(stack, '#!/bin/bash\napt-get install -y openstack-dashboard');
      new ssm.CfnAssociation(stack, 'Play', {
        name: 'AWS-ApplyAnsiblePlaybooks',
        targets: [{ key: 'InstanceIds', values: [host.ref] }],
        parameters: {
          SourceType: ['S3'],
          SourceInfo: ['{"path":"https://s3.amazonaws.com/plays/horizon.zip"}'],
          PlaybookFile: ['horizon.yml'],
        },
      });
    },
    true,
  ),
  one(
    'settings in a parameter that the script fetches',
    'aws ssm get-parameter',
    ['SETTINGS1'],
    (stack) => {
      const parameter = new ssm.StringParameter(stack, 'Settings', {
        stringValue: "DEBUG = True\nOPENSTACK_KEYSTONE_URL = 'https://k.example.org:5000/v3'\n",
      });
      instance(
        stack,
        `#!/bin/bash\napt-get install -y openstack-dashboard\naws ssm get-parameter --name ${parameter.parameterName} --query Parameter.Value --output text > ${F}`,
      );
    },
  ),
  // EC2 Image Builder.
  one('a component that edits settings', 'Image Builder', ['SETTINGS1'], (stack) => {
    new imagebuilder.CfnComponent(stack, 'Horizon', {
      name: 'horizon',
      platform: 'Linux',
      version: '1.0.0',
      data: `name: horizon
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: install
        action: ExecuteBash
        inputs:
          commands:
            - |
              apt-get install -y openstack-dashboard
              sed -i 's/^DEBUG = .*/DEBUG = True/' ${F}
`,
    });
  }),
  one('varnish in the image', 'Image Builder', ['CACHE2'], (stack) => {
    const horizon = new imagebuilder.CfnComponent(stack, 'Horizon', {
      name: 'horizon',
      platform: 'Linux',
      version: '1.0.0',
      data: 'schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: ExecuteBash\n        inputs: {commands: [apt-get install -y openstack-dashboard]}\n',
    });
    const varnish = new imagebuilder.CfnComponent(stack, 'Varnish', {
      name: 'varnish',
      platform: 'Linux',
      version: '1.0.0',
      data: 'schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: ExecuteBash\n        inputs: {commands: [apt-get install -y varnish]}\n',
    });
    new imagebuilder.CfnImageRecipe(stack, 'Recipe', {
      name: 'horizon',
      version: '1.0.0',
      parentImage: 'ami-0123456789abcdef0',
      components: [{ componentArn: horizon.attrArn }, { componentArn: varnish.attrArn }],
    });
  }),
  one('a host from an image that Image Builder makes', 'Image Builder', ['SETTINGS3'], (stack) => {
    const component = new imagebuilder.CfnComponent(stack, 'Horizon', {
      name: 'horizon',
      platform: 'Linux',
      version: '1.0.0',
      data: JSON.stringify({
        schemaVersion: 1.0,
        phases: [
          {
            name: 'build',
            steps: [
              {
                name: 'a',
                action: 'ExecuteBash',
                inputs: {
                  commands: [
                    'apt-get install -y openstack-dashboard',
                    `echo "ALLOWED_HOSTS = ['*']" >> ${F}`,
                  ],
                },
              },
            ],
          },
        ],
      }),
    });
    const recipe = new imagebuilder.CfnImageRecipe(stack, 'Recipe', {
      name: 'horizon',
      version: '1.0.0',
      parentImage: 'ami-0123456789abcdef0',
      components: [{ componentArn: component.attrArn }],
    });
    const image = new imagebuilder.CfnImage(stack, 'Image', {
      imageRecipeArn: recipe.attrArn,
      infrastructureConfigurationArn:
        'arn:aws:imagebuilder:eu-west-1:111122223333:infrastructure-configuration/default',
    });
    new ec2.CfnLaunchTemplate(stack, 'Template', {
      launchTemplateData: {
        imageId: image.attrImageId,
        metadataOptions: { httpTokens: 'required' },
      },
    });
  }),
  // The shape of templates.
  one('user data by Fn::Sub with variables', 'Fn::Sub', ['HTTPS5'], (stack) => {
    instance(stack, '', {
      userData: Fn.base64(
        Fn.sub(
          `#!/bin/bash\napt-get install -y openstack-dashboard\necho "OPENSTACK_KEYSTONE_URL = '\${Scheme}://\${AWS::Region}.keystone.example.org:5000/v3'" >> ${F}`,
          { Scheme: 'http' },
        ),
      ),
    });
  }),
  one('user data by Fn::Join of lines', 'Fn::Join', ['SETTINGS1'], (stack) => {
    instance(stack, '', {
      userData: Fn.base64(
        Fn.join('\n', [
          '#!/bin/bash',
          'apt-get install -y openstack-dashboard',
          `cat >> ${F} <<'EOF'`,
          'DEBUG = True',
          'EOF',
        ]),
      ),
    });
  }),
  one('a value by a condition', 'Fn::If', ['SETTINGS1'], (stack) => {
    const test = new CfnCondition(stack, 'IsTest', {
      expression: Fn.conditionNot(
        Fn.conditionEquals(
          new CfnParameter(stack, 'Stage', { default: 'test' }).valueAsString,
          'prod',
        ),
      ),
    });
    onHosts(stack, {
      then: add(`DEBUG = ${Fn.conditionIf(test.logicalId, 'True', 'False').toString()}`),
    });
  }),
  one('a value from a mapping by region', 'Fn::FindInMap', ['SETTINGS3'], (stack) => {
    const map = new CfnMapping(stack, 'HostNames', {
      mapping: { 'eu-west-1': { name: '*' }, 'us-east-1': { name: 'example.org' } },
    });
    onHosts(stack, { then: add(`ALLOWED_HOSTS = ['${map.findInMap('eu-west-1', 'name')}']`) });
  }),
  one(
    'a parameter with a default',
    'Parameters',
    ['SETTINGS1'],
    (stack) => {
      const debug = new CfnParameter(stack, 'Debug', {
        default: 'True',
        allowedValues: ['True', 'False'],
      });
      onHosts(stack, { then: add(`DEBUG = ${debug.valueAsString}`) });
    },
    true,
  ),
  one('an included template in YAML with short forms', 'CfnInclude', ['HTTPS1'], (stack) => {
    include(
      stack,
      `Resources:
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: [subnet-1, subnet-2]}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Alb
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 443, Protocol: HTTPS, VpcId: vpc-1}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "2"
      MaxSize: "2"
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}
      TargetGroupARNs: [!Ref Targets]
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        MetadataOptions: {HttpTokens: required}
        UserData:
          Fn::Base64: !Sub |
            #!/bin/bash
            apt-get install -y openstack-dashboard
            echo "\${AWS::StackName}" > /etc/motd
Outputs:
  Url: {Value: !GetAtt Alb.DNSName}
`,
    );
  }),
  one('an included template with a condition on a resource', 'CfnInclude', ['CACHE1'], (stack) => {
    include(
      stack,
      JSON.stringify({
        Parameters: { Cdn: { Type: 'String', Default: 'no' } },
        Conditions: { WithCdn: { 'Fn::Equals': [{ Ref: 'Cdn' }, 'yes'] } },
        Resources: {
          Host: {
            Type: 'AWS::EC2::Instance',
            Properties: {
              ImageId: 'ami-1',
              MetadataOptions: { HttpTokens: 'required' },
              UserData: { 'Fn::Base64': '#!/bin/sh\nyum install -y openstack-dashboard\n' },
            },
          },
          Distribution: {
            Type: 'AWS::CloudFront::Distribution',
            Condition: 'WithCdn',
            Properties: {
              DistributionConfig: {
                Enabled: true,
                Origins: [
                  {
                    Id: 'h',
                    DomainName: { 'Fn::GetAtt': ['Host', 'PublicDnsName'] },
                    CustomOriginConfig: {
                      OriginProtocolPolicy: 'https-only',
                      OriginSSLProtocols: ['TLSv1.2'],
                    },
                  },
                ],
                DefaultCacheBehavior: {
                  TargetOriginId: 'h',
                  ViewerProtocolPolicy: 'redirect-to-https',
                  CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
                },
              },
            },
          },
        },
      }),
      'template.json',
    );
  }),
  one(
    'hosts in a nested stack, the load balancer outside',
    'nested stacks',
    ['HTTPS3'],
    (stack) => {
      const nested = new NestedStack(stack, 'Hosts');
      const { alb } = onHosts(nested);
      alb.setAttribute('routing.http.drop_invalid_header_fields.enabled', 'false');
    },
  ),
  one('a stage for each environment', 'stages', ['SETTINGS1'], (_, app) => {
    for (const [name, debug] of [
      ['Prod', 'False'],
      ['Test', 'True'],
    ]) {
      onHosts(new Stack(new Stage(app, name, { env: ENV }), 'Horizon'), {
        then: add(`DEBUG = ${debug}`),
      });
    }
  }),
  one('a mixed instances policy', 'MixedInstancesPolicy', ['HTTPS4'], (stack) => {
    const { vpc, template, targets } = onHosts(stack);
    const group = new autoscaling.AutoScalingGroup(stack, 'Spot', {
      vpc,
      minCapacity: 2,
      mixedInstancesPolicy: {
        launchTemplate: template,
        launchTemplateOverrides: [{ instanceType: new ec2.InstanceType('t3a.small') }],
      },
    });
    targets.addTarget(group);
    (targets.node.defaultChild as CfnResource).addPropertyOverride('Protocol', 'HTTP');
  }),
  one(
    'a launch template of an instance',
    'LaunchTemplate of an instance',
    ['SETTINGS1'],
    (stack) => {
      const template = new ec2.CfnLaunchTemplate(stack, 'Template', {
        launchTemplateData: {
          metadataOptions: { httpTokens: 'required' },
          userData: Fn.base64(
            `#!/bin/bash\napt-get install -y openstack-dashboard\necho 'DEBUG=True' >> ${F}`,
          ),
        },
      });
      new ec2.CfnInstance(stack, 'Horizon', {
        launchTemplate: {
          launchTemplateId: template.ref,
          version: template.attrLatestVersionNumber,
        },
      });
    },
  ),
  one('a spot fleet', 'SpotFleet', ['SETTINGS1'], (stack) => {
    new ec2.CfnSpotFleet(stack, 'Fleet', {
      spotFleetRequestConfigData: {
        iamFleetRole: 'arn:aws:iam::111122223333:role/fleet',
        targetCapacity: 1,
        launchSpecifications: [
          {
            imageId: 'ami-0123456789abcdef0',
            instanceType: 't3.small',
            userData: Fn.base64(
              `#!/bin/bash\napt-get install -y openstack-dashboard\necho 'DEBUG = True' >> ${F}`,
            ),
          },
        ],
      },
    });
  }),
  one('user data encoded by the author', 'base64 without Fn::Base64', ['SETTINGS1'], (stack) => {
    new ec2.CfnLaunchTemplate(stack, 'Template', {
      launchTemplateData: {
        metadataOptions: { httpTokens: 'required' },
        userData: Buffer.from(
          `#!/bin/bash\napt-get install -y openstack-dashboard\necho 'DEBUG = True' >> ${F}`,
        ).toString('base64'),
      },
    });
  }),
];
