import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  DashboardHosts,
  DashboardSettings,
  SessionBackend,
  SettingValue,
  StaticTier,
} from '../../lib';
import { everySetting } from '../../harness/every-setting';

// In every parameter of the stack, and what would follow if any of it were code.
const HOSTILE = [
  `x"; touch /tmp/PWNED; "`,
  `$(touch /tmp/PWNED)`,
  '`touch /tmp/PWNED`',
  `a[$(touch /tmp/PWNED)]`,
  `', 'DEBUG': True, 'X': '`,
  `\\" \\\\ $HOME \${Token[`,
  `ümlaut\ttab  two spaces `,
];

/** What CloudFormation makes of a value, if the parameter has a text. */
function resolve(value: unknown, text: string): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const values: Record<string, string> = {
    Given: text,
    'AWS::Region': 'eu-central-1',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'dashboard',
  };
  const [[name, argument]] = Object.entries(value);
  switch (name) {
    case 'Fn::Base64':
      return Buffer.from(resolve(argument, text)).toString('base64');
    case 'Fn::Join':
      return argument[1].map((part: unknown) => resolve(part, text)).join(argument[0]);
    default:
      // The name of a resource
      return typeof argument === 'string'
        ? (values[argument] ?? argument)
        : JSON.stringify(argument);
  }
}

/**
 * User data as CloudFormation would render it: the plain one of each tier, and that of dashboard hosts
 * with each hostile text in every prop that takes one. The environment of every setting of panels, too.
 */
export function userData(): string {
  const render = (tier: 'dashboard' | 'static', text: string): string => {
    const stack = new Stack(new App(), 'Stack');
    const parameter = (name: string) => new CfnParameter(stack, name).valueAsString;
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
    });
    const given = parameter('Given');
    const group =
      tier === 'static'
        ? new StaticTier(stack, 'Hosts', { vpc, domainName: 'dashboard.example.org' })
        : new DashboardHosts(stack, 'Hosts', {
            vpc,
            session: SessionBackend.signedCookies(),
            settings: new DashboardSettings({
              domainName: 'dashboard.example.org',
              keystoneUrl: 'https://keystone.example.org:5000/v3',
              siteBranding: given,
              passwordHelpText: `before "$x" ${given} after`,
              extraSettings: {
                MOTTO: SettingValue.fromString(`"it's" \\ ${given}`),
                COUNT: SettingValue.fromNumber(Token.asNumber(given)),
                MAP: SettingValue.mapOf({ [given]: SettingValue.stringList('plain', given) }),
              },
            }),
          });
    return resolve(stack.resolve(group.launchTemplate.userData!.render()), text);
  };
  const stack = new Stack(new App(), 'Stack');
  const { environment } = new DashboardSettings({
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    ...everySetting(new CfnParameter(stack, 'Given').valueAsString),
  });
  return JSON.stringify({
    settings: HOSTILE.map((text) => ({
      text,
      environment: Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
          name,
          resolve(stack.resolve(value), text),
        ]),
      ),
    })),
    static: render('static', ''),
    dashboard: render('dashboard', 'plain'),
    hostile: HOSTILE.map((text) => ({ text, userData: render('dashboard', text) })),
    control: ['a\nDEBUG="true"', 'a\rb', 'a\u001bb', 'a\u007fb'].map((text) =>
      render('dashboard', text),
    ),
  });
}
