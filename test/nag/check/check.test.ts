import { acknowledgementsOf } from '../../../lib/nag/check/acknowledgements';
import { Finding, Given, check } from '../../../lib/nag/check/check';
import { Source } from '../../../lib/nag/check/source';
import { toSarif, toText } from '../../../lib/nag/report/findings';

const NOTHING: Given = {
  names: { dashboards: [], memcachedClusters: [] },
  parameters: new Map(),
  acknowledgements: [],
};

/** `file:line:column id` for each finding, by default errors and warnings that nobody accepts. */
function said(
  files: Record<string, string>,
  given: Partial<Given> = {},
  which = ({ level, accepted }: Finding): boolean => level !== 'info' && accepted === undefined,
): string[] {
  return outcome(files, given)
    .findings.filter(which)
    .map(({ file, line, column, ruleId }) => `${file}:${line}:${column} ${shorten(ruleId)}`);
}

const shorten = (ruleId: string): string => ruleId.replace('OpenStackDashboard-', '');
const outcome = (files: Record<string, string>, given: Partial<Given> = {}) =>
  check(
    Object.entries(files).map(([file, text]) => Source.parse(file, text)),
    { ...NOTHING, ...given },
  );
const unknown = ({ level }: Finding): boolean => level === 'info';

const host = (script: string, more = ''): string => `Resources:
  Host:
    Type: AWS::EC2::LaunchTemplate
${more}    Properties:
      LaunchTemplateData:
        MetadataOptions: { HttpTokens: required }
        UserData:
          Fn::Base64: !Sub |
            #!/bin/bash
            apt-get install -y openstack-dashboard nginx
${script.replace(/^(?=.)/gm, '            ')}
`;
const FILE = '/etc/openstack-dashboard/local_settings.d/_9.py';
const settings = (python: string): string => `cat > ${FILE} <<'E'\n${python}\nE`;

describe('the line of a finding', () => {
  test('is that of a setting in a script', () => {
    const text = host(settings("# DEBUG = True\nALLOWED_HOSTS = ['example.org']\nDEBUG = True"));
    expect(said({ 'a.yaml': text })).toEqual(['a.yaml:14:13 SETTINGS1']);
    expect(text.split('\n')[13].slice(12)).toBe('DEBUG = True');
  });

  test('is that of a command', () => {
    expect(said({ 'a.yaml': host('echo one\napt-get install -y varnish\necho two') })).toEqual([
      'a.yaml:12:13 CACHE2',
    ]);
  });

  test('is that of a script that runs a program that is not in the template', () => {
    const files = { 'a.yaml': host('curl -fsS https://example.org/setup.sh | bash') };
    expect(said(files, {}, unknown)).toEqual(['a.yaml:7:9 UNKNOWN']);
    expect(outcome(files).findings[0].message).toContain('curl -fsS https://example.org/setup.sh');
  });

  test('is that of a property, of a container variable, or of a resource without the property', () => {
    const text = `Resources:
  Key:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        PasswordLength: 40
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: dashboard
          Image: quay.io/openstack.kolla/horizon:2025.1
          Environment:
            - Name: SECRET_KEY_SECRET_ID
              Value: !Ref Key
            - { Name: DEBUG, Value: 'True' }
  Machine:
    Type: AWS::EC2::Instance
    Properties:
      UserData: !Base64 apt-get install -y openstack-dashboard
`;
    expect(said({ 'a.yaml': text })).toEqual([
      'a.yaml:6:9 SECRET1',
      'a.yaml:16:30 SETTINGS1',
      'a.yaml:19:5 HOST1',
    ]);
  });

  test('is found despite JSON escapes, in a part of a join', () => {
    const text = JSON.stringify(
      {
        Resources: {
          Host: {
            Type: 'AWS::EC2::Instance',
            Properties: {
              UserData: {
                'Fn::Base64': {
                  'Fn::Join': [
                    '',
                    ['apt-get install -y openstack-dashboard\n', 'echo "x"\nDEBUG="True"\n'],
                  ],
                },
              },
            },
          },
        },
      },
      undefined,
      1,
    );
    const [, found] = said({ 'a.json': text });
    const [line, column] = found.match(/\d+/g)!.map(Number);
    expect(found).toMatch(/ SETTINGS1$/);
    expect(text.split('\n')[line - 1].slice(column - 1)).toMatch(/^DEBUG=\\"True/);
  });

  test('is in the value that a condition chooses', () => {
    const text = host("DEBUG='x'").replace(
      /UserData:[^]*/,
      `UserData: !If
          - Production
          - !Base64 apt-get install -y openstack-dashboard
          - Fn::Base64: |
              apt-get install -y openstack-dashboard
              DEBUG="True"
Conditions:
  Production: !Equals [!Ref AWS::Region, eu-central-1]
`,
    );
    expect(said({ 'a.yaml': text })).toEqual(['a.yaml:12:15 SETTINGS1']);
    expect(outcome({ 'a.yaml': text }).findings[0].message).toBe(
      'DEBUG is on. This applies where Production is false.',
    );
  });
});

describe('YAML as AWS CloudFormation accepts it', () => {
  const debug = (value: string): string => `Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Image: quay.io/openstack.kolla/horizon:2025.1
          Environment: ${value}
`;
  test.each([
    ['brackets that end further left', "[{Name: DEBUG,\n  Value: 'True'\n}]"],
    ['a text that goes on further left', "[{Name: 'DEBUG', Value:\n 'True'}]"],
    ['an anchor and a merge', '\n            - <<: {Name: DEBUG}\n              Value: True'],
    [
      'an alias',
      '\n            - Name: &d DEBUG\n              Value: true\n            - Name: *d\n              Value: on',
    ],
    ['JSON', '[{"Name": "DEBUG", "Value": true}]'],
  ])('%s', (_name, value) => {
    expect(said({ 'a.yaml': debug(value) }).map((each) => each.split(' ')[1])).toEqual([
      'SETTINGS1',
    ]);
  });

  test('numbers keep their digits', () => {
    const { value } = Source.parse('a', 'a: 0640\nb: 012345678901\nc: 12\nd: 1.10\ne: 1e3');
    expect(value).toEqual({ a: '0640', b: '012345678901', c: 12, d: '1.10', e: '1e3' });
  });

  test('a template that is too large with expanded aliases is rejected', () => {
    const levels = 'bcdefghij'.split('').map((name, index) => {
      const before = 'abcdefghi'[index];
      return `${name}: &${name} [${`*${before},`.repeat(9)}]`;
    });
    expect(() => Source.parse('a.yaml', ['a: &a [x]', ...levels].join('\n'))).toThrow(
      'a.yaml: must have fewer than 500000 values with all aliases expanded',
    );
    expect(() => Source.parse('a.yaml', 'a: &a\n  b: *a\n')).toThrow('a.yaml: must have fewer');
  });

  test('a syntax error is reported with its line', () => {
    expect(() => Source.parse('a.yaml', 'a: 1\nb: {c: 1\n')).toThrow(/^a\.yaml:\d+:\d+: /);
  });
});

describe('several files are checked together', () => {
  const EDGE = (origin: string): string => `Parameters:
  Network: { Type: String }
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Origins:
          - Id: a
            DomainName: ${origin}
            CustomOriginConfig: { OriginProtocolPolicy: https-only, OriginSSLProtocols: [TLSv1.2] }
        DefaultCacheBehavior:
          TargetOriginId: a
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
`;
  const APP = `${host('true')}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate: { LaunchTemplateId: !Ref Host, Version: '1' }
      TargetGroupARNs: [!Ref Targets]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Protocol: HTTPS, Port: 443 }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Protocol: HTTPS
      Port: 443
      SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-2021-06
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - { Key: routing.http.drop_invalid_header_fields.enabled, Value: 'true' }
Outputs:
  Name:
    Value: !GetAtt Balancer.DNSName
    Export: { Name: EXPORTED }
`;
  test.each([
    ['an export by its name', 'dashboard-name', '!ImportValue dashboard-name'],
    [
      'a name that begins with that of the stack',
      '!Sub "${AWS::StackName}-name"',
      '!ImportValue { "Fn::Sub": "${Network}-name" }',
    ],
    [
      'a stack whose name is known where it is imported',
      '!Sub "${AWS::StackName}-name"',
      '!ImportValue live-name',
    ],
  ])('%s', (_name, exported, imported) => {
    const files = { 'app.yaml': APP.replace('EXPORTED', exported), 'edge.yaml': EDGE(imported) };
    expect(said(files)).toEqual(['edge.yaml:12:9 CACHE1']);
    expect(said({ 'edge.yaml': files['edge.yaml'] })).toEqual([]);
  });

  test('an export with another name is not used', () => {
    expect(
      said({
        'app.yaml': APP.replace('EXPORTED', 'other'),
        'edge.yaml': EDGE('!ImportValue dashboard-name'),
      }),
    ).toEqual([]);
  });

  const PARENT = (url: string): string => `Resources:
  App:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: ${url} }
  Edge:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: edge.yaml
      Parameters: { Network: !GetAtt App.Outputs.Name }
`;
  test.each([
    ['a path', 'app.yaml'],
    ['a URL', 'https://s3.amazonaws.com/bucket/live/app.yaml?versionId=1'],
    ['a URL with parameters', '!Sub "https://${Bucket}.s3.amazonaws.com/live/app.yaml"'],
  ])('nested stacks, by %s', (_name, url) => {
    const files = {
      'live/app.yaml': APP.replace('EXPORTED', 'x'),
      'live/edge.yaml': EDGE('!Ref Network'),
      'live/parent.yaml': PARENT(url),
    };
    expect(said(files)).toEqual(['live/edge.yaml:12:9 CACHE1']);
  });

  test('a nested stack without its file is unknown if it concerns a dashboard', () => {
    const nested =
      '  Edge:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: no.yaml }\n';
    expect(said({ 'a.yaml': host('true') + nested }, {}, unknown)).toEqual([
      'a.yaml:14:19 UNKNOWN',
    ]);
    const files = { 'a.yaml': host('true'), 'b.yaml': `Resources:\n${nested}` };
    expect(said(files, {}, unknown)).toEqual([]);
  });

  test('files that nest each other terminate', () => {
    const self = (file: string, other: string): Record<string, string> => ({
      [file]:
        host('DEBUG="True"') +
        `  Other:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: ${other} }\n  Again:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: ${other} }\n`,
    });
    const files = { ...self('a.yaml', 'b.yaml'), ...self('b.yaml', 'a.yaml') };
    expect(said(files)).toEqual(['a.yaml:11:13 SETTINGS1', 'b.yaml:11:13 SETTINGS1']);
  });

  test('a parameter that a nested stack does not get has its default', () => {
    const inner = `Parameters:
  Debug: { Type: String, Default: 'True' }
${host('DEBUG="${Debug}"')}`;
    const parent =
      'Resources:\n  In:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: in.yaml }\n';
    expect(said({ 'in.yaml': inner }, {}, unknown)).toHaveLength(1);
    expect(said({ 'in.yaml': inner, 'parent.yaml': parent })).toEqual(['in.yaml:13:13 SETTINGS1']);
  });
});

describe('resources of transforms', () => {
  const API = `Transform: AWS::Serverless-2016-10-31
Globals:
  Api: { CacheClusterEnabled: GLOBAL }
Resources:
  Front:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      CacheClusterEnabled: OWN
      DefinitionBody: { paths: { /: { get: { x-amazon-apigateway-integration: { uri: https://dashboard.example.org/ } } } } }
`;
  const given = { names: { dashboards: ['dashboard.example.org'], memcachedClusters: [] } };
  test('the stage of an AWS SAM API', () => {
    const on = API.replace('GLOBAL', 'false').replace('OWN', 'true');
    expect(said({ 'a.yaml': on }, given)).toEqual(['a.yaml:9:7 CACHE4']);
    expect(
      said({ 'a.yaml': API.replace('GLOBAL', 'true').replace('OWN', 'false') }, given),
    ).toEqual([]);
    const global = API.replace('GLOBAL', 'true').replace(/.*OWN\n/, '');
    expect(said({ 'a.yaml': global }, given)).toEqual(['a.yaml:7:5 CACHE4']);
  });

  test('loops over literal values', () => {
    const loop = `Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Hosts:
    - Name
    - [One, Two]
    - Host\${Name}:
        Type: AWS::EC2::Instance
        Properties:
          UserData: !Base64 apt-get install -y openstack-dashboard
`;
    expect(said({ 'a.yaml': loop }).map((each) => each.split(' ')[1])).toEqual(['HOST1']);
    expect(outcome({ 'a.yaml': loop }).findings).toHaveLength(1);
    const open = `${loop.replace('[One, Two]', '!Ref Names')}${host('true').replace('Resources:\n', '')}`;
    expect(said({ 'a.yaml': open }, {}, unknown)).toEqual(['a.yaml:3:3 UNKNOWN']);
  });

  test('a macro is unknown', () => {
    expect(said({ 'a.yaml': `Transform: [Mine]\n${host('true')}` }, {}, unknown)).toEqual([
      'a.yaml:1:1 UNKNOWN',
    ]);
  });
});

describe('unknown values', () => {
  const text = `Parameters:
  Debug: { Type: String }
${host('DEBUG="${Debug}"')}`;
  test('name the parameter, and can be set with it', () => {
    const [finding] = outcome({ 'a.yaml': text }).findings;
    expect(finding).toMatchObject({
      ruleId: 'OpenStackDashboard-UNKNOWN',
      line: 13,
      message: 'Cannot be decided from the template: SETTINGS1.',
      why: 'The value depends on the parameter Debug.',
      fix: 'Set its value with --parameter Debug=VALUE. Check the deployed value.',
    });
    const parameters = (value: string) => ({ parameters: new Map([['Debug', value]]) });
    expect(outcome({ 'a.yaml': text }, parameters('False')).findings).toEqual([]);
    expect(said({ 'a.yaml': text }, parameters('True'))).toEqual(['a.yaml:13:13 SETTINGS1']);
  });
});

test('one mistake is one finding', () => {
  const { findings } = outcome({ 'a.yaml': host('apt-get install -y squid') });
  expect(findings).toMatchObject([
    { ruleId: 'OpenStackDashboard-CACHE5', also: ['OpenStackDashboard-PROXY2'] },
  ]);
  const two = outcome({
    'a.yaml': host('apt-get install -y squid\n').replace('dashboard nginx', 'dashboard apache2'),
  });
  expect(two.findings.map(({ ruleId }) => shorten(ruleId)).sort()).toEqual(['CACHE5', 'PROXY2']);
});

describe('acknowledgements', () => {
  const nag = (id: string, reason: string): string => `    Metadata:
      cdk_nag:
        rules_to_suppress:
          - { id: ${id}, reason: ${reason} }
`;
  const debug = (metadata: string): Record<string, string> => ({
    'a.yaml': host('DEBUG="True"', metadata),
  });
  const accepted = ({ accepted: reason }: Finding): boolean => reason !== undefined;

  test('in the metadata of a resource', () => {
    const files = debug(nag('OpenStackDashboard-SETTINGS1', 'a laboratory without users'));
    expect(said(files)).toEqual([]);
    expect(said(files, {}, accepted)).toEqual(['a.yaml:15:13 SETTINGS1']);
    expect(outcome(files).unused).toEqual([]);
  });

  test('with the reason in base64, as cdk-nag writes it', () => {
    const encoded = Buffer.from('a laboratory: ümlaut').toString('base64');
    const files = debug(nag('OpenStackDashboard-SETTINGS1', `${encoded}, is_reason_encoded: true`));
    expect(outcome(files).findings[0].accepted).toBe('a laboratory: ümlaut');
  });

  test.each([
    ['without a reason', 'OpenStackDashboard-SETTINGS1', "' '"],
    ['of another pack', 'AwsSolutions-EC2', 'no'],
  ])('%s are ignored', (_name, id, reason) => {
    expect(said(debug(nag(id, reason)))).toEqual(['a.yaml:15:13 SETTINGS1']);
    expect(outcome(debug(nag(id, reason))).unused).toEqual([]);
  });

  test('in the metadata of a template', () => {
    const files = {
      'a.yaml':
        nag('OpenStackDashboard-SETTINGS1', 'a laboratory').replace(/^ {4}/gm, '') +
        host('DEBUG="True"'),
    };
    expect(said(files)).toEqual([]);
  });

  test('in a file, for a file or a resource', () => {
    const list = (more: string) => ({
      acknowledgements: acknowledgementsOf(
        Source.parse(
          'ok.yaml',
          `acknowledgements:\n  - id: OpenStackDashboard-SETTINGS1\n    reason: a laboratory\n${more}`,
        ),
      ),
    });
    expect(said(debug(''), list(''))).toEqual([]);
    expect(said(debug(''), list('    file: ./a.yaml\n    resource: Host\n'))).toEqual([]);
    expect(said(debug(''), list('    file: b.yaml\n'))).toHaveLength(1);
    const { unused } = outcome(debug(''), list('    resource: Other\n'));
    expect(unused).toEqual([
      {
        file: 'ok.yaml',
        line: 2,
        column: 5,
        ruleId: 'OpenStackDashboard-SETTINGS1',
        reason: 'a laboratory',
      },
    ]);
  });

  test.each([
    ['{}', 'ok.yaml: must be a mapping with a list named acknowledgements'],
    [
      'acknowledgements: [{id: X, reason: y}]',
      'ok.yaml:1:20: id must be the ID of a rule, such as OpenStackDashboard-SETTINGS13, got X',
    ],
    [
      'acknowledgements: [{id: OpenStackDashboard-SETTINGS1}]',
      'ok.yaml:1:20: reason must be a sentence that an auditor can judge, got none',
    ],
    [
      'acknowledgements: [{id: OpenStackDashboard-SETTINGS1, reason: y, file: [a]}]',
      'ok.yaml:1:20: file must be a string, got ["a"]',
    ],
  ])('an invalid file: %s', (text, message) => {
    expect(() => acknowledgementsOf(Source.parse('ok.yaml', text))).toThrow(message);
  });
});

describe('reports', () => {
  const result = outcome({ 'a b/t.yaml': host('DEBUG="True"\napt-get install -y varnish') });

  test('text has the mistake, its place, the reason, the fix and the page', () => {
    expect(toText(result)).toContain(
      `a b/t.yaml:11:13: error: DEBUG is on. [OpenStackDashboard-SETTINGS1]
    in Host (AWS::EC2::LaunchTemplate), Properties.LaunchTemplateData.UserData
    why: With DEBUG on, Django's error pages show settings, paths and the variables of every stack frame to anyone who causes an error.
    fix: Set DEBUG to false.
      DEBUG = False
    see: https://docs.openstack.org/security-guide/dashboard/debug.html
`,
    );
    expect(toText(result)).toMatch(/\n2 errors, 0 warnings, 0 unknown, 0 acknowledged\n$/);
  });

  test('SARIF has lines of files, relative and encoded', () => {
    const { runs } = JSON.parse(toSarif(result, '1.2.3')) as { runs: { results: unknown[] }[] };
    expect(runs[0].results).toMatchObject([
      {
        ruleId: 'OpenStackDashboard-SETTINGS1',
        level: 'error',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'a%20b/t.yaml' },
              region: { startLine: 11, startColumn: 13 },
            },
          },
        ],
      },
      { ruleId: 'OpenStackDashboard-CACHE2' },
    ]);
  });

  test('SARIF fingerprints survive moved lines and are unique', () => {
    const prints = (script: string): string[] => {
      const { runs } = JSON.parse(toSarif(outcome({ 'a.yaml': host(script) }), '1.2.3')) as {
        runs: { results: { partialFingerprints: Record<string, string> }[] }[];
      };
      return runs[0].results.map(({ partialFingerprints: each }) => Object.values(each)[0]);
    };
    const before = prints('DEBUG="True"\napt-get install -y varnish');
    expect(new Set(before).size).toBe(2);
    expect(prints('echo\nDEBUG="True"\napt-get install -y varnish')).toEqual(before);
  });

  test('SARIF stays within the limits of GitHub', () => {
    const [one] = result.findings;
    const many = Array.from({ length: 30_000 }, (_each, index): Finding => ({
      ...one,
      line: index + 1,
      level: index < 100 ? 'info' : 'warning',
    }));
    const { runs } = JSON.parse(toSarif({ findings: many, unused: [] }, '1.2.3')) as {
      runs: {
        results: { level: string }[];
        tool: { driver: { rules: { properties: { tags: string[] } }[] } };
      }[];
    };
    expect(runs).toHaveLength(1);
    expect(runs[0].results).toHaveLength(5000);
    expect(runs[0].results.some(({ level }) => level === 'note')).toBe(false);
    expect(runs[0].tool.driver.rules[0].properties.tags.length).toBeLessThanOrEqual(10);
  });
});
