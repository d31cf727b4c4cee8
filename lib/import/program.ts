import { classesOf, Code, typescript } from './code';
import { Note, Props } from './props';

const CORE = new Set(['Duration', 'Size']);
/** The props at the beginning. */
const FIRST = ['domainName', 'keystoneUrl', 'settings'];
const WIDTH = 110;
const LIBRARY = "'cdk-openstack-dashboard'";

/** Text as comments, with the words that fit on each line. */
function comment(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && `${indent}// ${line} ${word}`.length > WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].map((each) => `${indent}// ${each}`);
}

function section(title: string, notes: readonly Note[]): string[] {
  return notes.length
    ? [
        '//',
        ...comment(title),
        ...notes.flatMap(({ setting, why }) => comment(`- ${setting}: ${why}`)),
      ]
    : [];
}

/** The lines that users can uncomment and move into `settings`. */
function extraSettings(notes: readonly Note[]): string[] {
  const withCode = notes.filter(({ code }) => code);
  if (!withCode.length) {
    return [];
  }
  const lines = withCode.flatMap(({ setting, code }) =>
    `  ${setting}: ${typescript(code!, 2)},`.split('\n'),
  );
  return ['//', '// extraSettings: {', ...lines.map((line) => `// ${line}`), '// },'];
}

const certificate = [
  '      // The certificate of the domain name, and of static. before it; or a hostedZone instead of entry',
  '      entry: DashboardEntry.newLoadBalancer({',
  '        certificate: acm.Certificate.fromCertificateArn(',
  '          this,',
  "          'Certificate',",
  "          'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',",
  '        ),',
  '      }),',
];

const vpc = [
  '    // The VPC of memcached: a new one, or the one that you have',
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

/** What the reader did not follow in the files. */
export interface Origin {
  readonly files: readonly string[];
  readonly notes: readonly Note[];
  /** Variables of a deployment tool that are not settings. */
  readonly variables: readonly Note[];
}

/** A stack with the props, and comments about everything that is not among them. */
export function programOf(props: Props, { files, notes, variables }: Origin): string {
  const codes: Code[] = [props.props, ...props.variables.map(([, code]) => code)];
  const used = new Set(codes.flatMap(classesOf));
  const withMemcached = props.session && !props.session.isCookie;
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
  const given = props.props.kind === 'object' ? props.props.entries : [];
  const order = (name: string): number => FIRST.indexOf(name) + 1 || FIRST.length + 1;
  const entries = [...given].sort(([one], [other]) => order(one) - order(other));
  const lines = entries.flatMap(([name, code]) => [
    ...(props.placeholders.includes(name) ? ['      // A placeholder: see below'] : []),
    `      ${name}: ${typescript(code, 6, 92 - name.length)},`,
  ]);
  const placeholders = props.placeholders.map((setting) => ({
    setting,
    why: 'a placeholder, since no file has a value that can be used',
  }));
  return [
    ...comment(`From ${files.join(', ')}, with openstack-dashboard-import.`),
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
    '',
    ...comment(
      `The props above say the same as ${new Set(props.mapped).size} settings. Below are the others; a key of a setting is after a dot.`,
    ),
    ...section('Replace:', placeholders),
    ...section('Rejected by the library:', props.refused),
    ...section('Has a prop, whose value is not in the files:', props.byHand),
    ...section('Not known without running the files:', [...props.computed, ...notes]),
    ...section('Secrets, which are never printed:', props.secrets),
    ...section('Set by the library:', props.owned),
    ...section(
      'No prop. Add to settings.extraSettings what you still need, after you have read the reason:',
      props.extra,
    ),
    ...extraSettings(props.extra),
    ...section('Variables that are not settings of Horizon:', variables),
    ...section("Not a setting of the hosts' Horizon:", props.unknown),
    ...extraSettings(props.unknown),
    '',
  ].join('\n');
}
