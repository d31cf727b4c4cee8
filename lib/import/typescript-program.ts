import { classesOf, Code, typescript } from './code';
import { CERTIFICATE, CORE, Language, NOTES, OrderedProps, usesMemcached } from './language';
import { Props } from './props';

// In double quotes, since a test looks for imports
const LIBRARY = "'cdk-openstack-dashboard'";

const certificate = [
  `      // ${NOTES.certificate}`,
  '      entry: DashboardEntry.newLoadBalancer({',
  '        certificate: acm.Certificate.fromCertificateArn(',
  '          this,',
  "          'Certificate',",
  `          '${CERTIFICATE}',`,
  '        ),',
  '      }),',
];

const vpc = [
  `    // ${NOTES.vpc}`,
  "    const vpc = new ec2.Vpc(this, 'Vpc', {",
  '      natGateways: 1,',
  '      subnetConfiguration: [',
  "        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },",
  "        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },",
  "        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },",
  '      ],',
  '    });',
];

function sessionLines({ session }: Props): string[] {
  if (!session) {
    return [];
  }
  const options = typescript(session.options, 8, 60);
  return session.isCookie
    ? [
        `      session: SessionBackend.signedCookies(${options === '{}' ? '' : typescript(session.options, 6, 60)}),`,
      ]
    : [
        '      vpc,',
        '      session: SessionBackend.memcached(',
        "        new MemcachedCluster(this, 'Sessions', { vpc }),",
        `        ${options},`,
        '      ),',
      ];
}

function stack(props: Props, order: OrderedProps): string[] {
  const codes: Code[] = [props.props, ...props.variables.map(([, code]) => code)];
  const used = new Set(codes.flatMap(classesOf));
  const withMemcached = usesMemcached(props);
  if (props.session) {
    classesOf(props.session.options).forEach((name) => used.add(name));
    used.add('SessionBackend');
  }
  if (withMemcached) {
    used.add('MemcachedCluster');
  }
  used.add('DashboardEntry').add('OpenStackDashboard');
  const core = [...used].filter((name) => CORE.has(name));
  const own = [...used].filter((name) => !CORE.has(name)).sort();
  const lines = order.flatMap(([name, code]) => [
    ...(props.placeholders.includes(name) ? [`      // ${NOTES.placeholder}`] : []),
    `      ${name}: ${typescript(code, 6, 92 - name.length)},`,
  ]);
  return [
    `import { ${[...core, 'Stack', 'StackProps'].sort().join(', ')} } from 'aws-cdk-lib';`,
    "import * as acm from 'aws-cdk-lib/aws-certificatemanager';",
    ...(withMemcached ? ["import * as ec2 from 'aws-cdk-lib/aws-ec2';"] : []),
    "import { Construct } from 'constructs';",
    'import {',
    ...own.map((name) => `  ${name},`),
    `} from ${LIBRARY};`,
    '',
    'export class DashboardStack extends Stack {',
    '  constructor(scope: Construct, id: string, props?: StackProps) {',
    '    super(scope, id, props);',
    ...(withMemcached ? vpc : []),
    ...props.variables.map(([name, code]) => `    const ${name} = ${typescript(code, 4, 80)};`),
    "    new OpenStackDashboard(this, 'Dashboard', {",
    ...lines,
    ...certificate,
    ...sessionLines(props),
    '    });',
    '  }',
    '}',
  ];
}

export const TYPESCRIPT: Language = {
  comment: '//',
  stack,
  extraSettings: (entries) => [
    'extraSettings: {',
    ...entries.flatMap(([name, code]) => `  ${name}: ${typescript(code, 2)},`.split('\n')),
    '},',
  ],
  names: (text) => text,
};
