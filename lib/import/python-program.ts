import { inPython, memberName } from '../shared/errors';
import { Code, value } from './code';
import { CERTIFICATE, CORE, Language, NOTES, OrderedProps, usesMemcached } from './language';
import { Props } from './props';
import { python, pythonClassesOf, structOf } from './python-code';

const PROPS = 'OpenStackDashboardProps';

const vpc = [
  `        # ${NOTES.vpc}`,
  '        vpc = ec2.Vpc(',
  '            self,',
  "            'Vpc',",
  '            nat_gateways=1,',
  '            subnet_configuration=[',
  ...['PUBLIC', 'PRIVATE_WITH_EGRESS', 'PRIVATE_ISOLATED'].flatMap((type, at) => [
    '                ec2.SubnetConfiguration(',
    `                    name='${['Public', 'Private', 'Isolated'][at]}', subnet_type=ec2.SubnetType.${type}`,
    '                ),',
  ]),
  '            ],',
  '        )',
];

const certificate = [
  `            # ${inPython(NOTES.certificate)}`,
  '            entry=DashboardEntry.new_load_balancer(',
  '                certificate=acm.Certificate.from_certificate_arn(',
  '                    self,',
  "                    'Certificate',",
  `                    '${CERTIFICATE}',`,
  '                ),',
  '            ),',
];

function sessionLines({ session }: Props): string[] {
  if (!session) {
    return [];
  }
  const entries = session.options.kind === 'object' ? session.options.entries : [];
  const options = entries.map(([name, code]) => `${memberName(name)}=${python(code)}`);
  const [method, first] = session.isCookie
    ? ['signed_cookies', []]
    : ['memcached', ["MemcachedCluster(self, 'Sessions', vpc=vpc)"]];
  const args = [...first, ...options];
  return [
    ...(session.isCookie ? [] : ['            vpc=vpc,']),
    ...(args.length
      ? [
          `            session=SessionBackend.${method}(`,
          ...args.map((each) => `                ${each},`),
          '            ),',
        ]
      : [`            session=SessionBackend.${method}(),`]),
  ];
}

/** The lines of imported names, on one line if they fit. */
function imports(from: string, names: readonly string[]): string[] {
  const line = `from ${from} import ${names.join(', ')}`;
  return line.length <= 100
    ? [line]
    : [`from ${from} import (`, ...names.map((name) => `    ${name},`), ')'];
}

function stack(props: Props, order: OrderedProps): string[] {
  const withMemcached = usesMemcached(props);
  const codes: Code[] = [
    ...props.variables.map(([, code]) => code),
    ...(props.session?.options.kind === 'object'
      ? props.session.options.entries.map(([, code]) => code)
      : []),
  ];
  const used = new Set([
    ...pythonClassesOf(props.props, PROPS),
    ...codes.flatMap((code) => pythonClassesOf(code)),
    ...(props.session ? ['SessionBackend'] : []),
    ...(withMemcached ? ['MemcachedCluster'] : []),
    ...['DashboardEntry', 'OpenStackDashboard'],
  ]);
  used.delete(PROPS);
  const core = [...used].filter((name) => CORE.has(name));
  const own = [...used].filter((name) => !CORE.has(name)).sort();
  const lines = order.flatMap(([name, code]) => {
    const start = `${memberName(name)}=`;
    const written = python(code, {
      struct: structOf(PROPS, name),
      indent: 12,
      room: 87 - start.length,
    });
    return [
      ...(props.placeholders.includes(name) ? [`            # ${NOTES.placeholder}`] : []),
      `            ${start}${written},`,
    ];
  });
  return [
    ...imports('aws_cdk', [
      ...[...core, 'Stack'].sort(),
      'aws_certificatemanager as acm',
      ...(withMemcached ? ['aws_ec2 as ec2'] : []),
    ]),
    ...imports('cdk_openstack_dashboard', own),
    'from constructs import Construct',
    '',
    '',
    'class DashboardStack(Stack):',
    '    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:',
    '        super().__init__(scope, construct_id, **kwargs)',
    ...(withMemcached ? vpc : []),
    ...props.variables.map(([name, code]) => {
      const start = `        ${memberName(name)} = `;
      return `${start}${python(code, { indent: 8, room: 100 - start.length })}`;
    }),
    '        OpenStackDashboard(',
    '            self,',
    "            'Dashboard',",
    ...lines,
    ...certificate,
    ...sessionLines(props),
    '        )',
  ];
}

export const PYTHON: Language = {
  comment: '#',
  stack,
  extraSettings: (entries) => [
    'extra_settings={',
    ...entries.flatMap(([name, code]) =>
      `    ${python(value(name))}: ${python(code, { indent: 4, room: 93 - name.length })},`.split(
        '\n',
      ),
    ),
    '},',
  ],
  names: inPython,
};
