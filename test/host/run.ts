// Tests of the files that hosts run, on the very packages that hosts have: in a Debian 13 root file
// system with Horizon, without network. `npm run test:hosts`, for some of them `… -- -k NAME`
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  DashboardHosts,
  DashboardSettings,
  SessionBackend,
  SettingValue,
  StaticTier,
} from '../../lib';
import { checkMachine } from '../../preview';
import { hostTestImage } from './image';

// in every parameter of the stack, and what would follow if any of it were code
const HOSTILE = [
  `x"; touch /tmp/PWNED; "`,
  `$(touch /tmp/PWNED)`,
  '`touch /tmp/PWNED`',
  `a[$(touch /tmp/PWNED)]`,
  `', 'DEBUG': True, 'X': '`,
  `\\" \\\\ $HOME \${Token[`,
  `ümlaut\ttab  two spaces `,
];

/**
 * User data as CloudFormation would render it: the plain one of each tier, and that of dashboard hosts
 * with each hostile text in every prop that takes one.
 */
function userData(): string {
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
    const values: Record<string, string> = {
      Given: text,
      'AWS::Region': 'eu-central-1',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': 'dashboard',
    };
    const resolve = (value: unknown): string => {
      if (typeof value !== 'object' || value === null) {
        return String(value);
      }
      const [[name, argument]] = Object.entries(value);
      switch (name) {
        case 'Fn::Base64':
          return Buffer.from(resolve(argument)).toString('base64');
        case 'Fn::Join':
          return argument[1].map(resolve).join(argument[0]);
        default:
          return values[argument] ?? JSON.stringify(argument);
      }
    };
    return resolve(stack.resolve(group.launchTemplate.userData!.render()));
  };
  return JSON.stringify({
    static: render('static', ''),
    dashboard: render('dashboard', 'plain'),
    hostile: HOSTILE.map((text) => ({ text, userData: render('dashboard', text) })),
    control: ['a\nDEBUG="true"', 'a\rb', 'a\u001bb', 'a\u007fb'].map((text) =>
      render('dashboard', text),
    ),
  });
}

async function main(): Promise<number> {
  const tests = readdirSync(__dirname)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map(
      (name) => readFileSync(join(__dirname, name), 'utf8').match(/^ {4}def test_/gm)?.length ?? 0,
    )
    .reduce((sum, count) => sum + count, 0);
  try {
    checkMachine();
  } catch (error) {
    console.log(`host tests cannot run here: ${(error as Error).message}`);
    console.log(`0 passed, 0 failed, ${tests} skipped`);
    return process.env.CI ? 1 : 0;
  }
  const image = await hostTestImage();
  const folder = mkdtempSync(join(tmpdir(), 'host-tests-'));
  writeFileSync(join(folder, 'user-data.json'), userData());
  const child = spawnSync(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      join(__dirname, 'in-image.sh'),
      join(__dirname, '../..'),
      image.layers.join(':'),
      ...process.argv.slice(2),
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, USER_DATA: join(folder, 'user-data.json') },
    },
  );
  rmSync(folder, { recursive: true });
  process.stderr.write(child.stderr);
  const ran = Number(/^Ran (\d+) tests?/m.exec(child.stderr)?.[1] ?? 0);
  const count = (word: string) => Number(new RegExp(`${word}=(\\d+)`).exec(child.stderr)?.[1] ?? 0);
  const broken = count('failures') + count('errors');
  const failed = child.status === 0 ? 0 : Math.max(1, broken);
  console.log(
    `${ran - broken - count('skipped')} passed, ${failed} failed, ${count('skipped')} skipped`,
  );
  return child.status ?? 1;
}

void main().then((status) => process.exit(status));
