import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AccessLogTable } from '../../lib';
import { ACCESS_LOG_COLUMNS } from '../../lib/logs/access-log-format';
import { expectMisuse, newDashboard, newStack, resource, resourcesOf, textOf } from './fixtures';

/**
 * The examples of "Access logs for your Application Load Balancer" in AWS's documentation: HTTP, HTTPS, HTTP/2,
 * WebSockets, WebSockets over TLS, and AWS Lambda functions that succeed and fail.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
const DOCUMENTED = [
  'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
  'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "m.example.com" "-" "TransformSuccess"',
  'h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 "GET https://10.0.2.105:773/ HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337327-72bd00b0343d75b906739c42" "-" "-" 1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-" "10.0.0.66:9000" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
  'ws 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.0.140:40914 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587 "GET http://10.0.0.30:80/ HTTP/1.1" "-" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
  'wss 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.0.140:44244 10.0.0.171:8010 0.000 0.001 0.000 101 101 218 786 "GET https://10.0.0.30:443/ HTTP/1.1" "-" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.171:8010" "101" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
  'http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "-" "-" "-" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
  'http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
];

let stack: Stack;
let template: Template;
beforeEach(() => {
  stack = newStack();
  new AccessLogTable(stack, 'AccessLogs', { logBucket: newDashboard(stack).logBucket });
  template = Template.fromStack(stack);
});

/** As RegexSerDe does: the whole line, and one group per column. */
function parse(line: string): Record<string, string | undefined> {
  const { StorageDescriptor } = resource(template, 'AWS::Glue::Table').Properties.TableInput;
  const groups = new RegExp(`^(?:${StorageDescriptor.SerdeInfo.Parameters['input.regex']})$`).exec(
    line,
  );
  if (!groups) {
    throw new Error(`no entry: ${line}`);
  }
  const columns = StorageDescriptor.Columns as { Name: string }[];
  // With another number, Athena returns nulls.
  expect(groups.length - 1).toBe(columns.length);
  return Object.fromEntries(columns.map(({ Name }, index) => [Name, groups[index + 1]]));
}

test('the columns of the documented entries', () => {
  for (const line of DOCUMENTED) {
    const entry = parse(line);
    expect(Object.keys(entry)).toEqual(ACCESS_LOG_COLUMNS.map(([name]) => name));
    expect(Object.values(entry)).not.toContain(undefined);
    expect(entry.type).toBe(line.split(' ')[0]);
    expect(entry.conn_trace_id).toBe('TID_1234abcd5678ef90');
    expect(entry.request_verb).toBe('GET');
    expect(entry.request_url).toMatch(/^https?:\/\/[^ ]+\/$/);
    for (const [name, type] of ACCESS_LOG_COLUMNS) {
      if (type !== 'string' && entry[name] !== '') {
        expect(Number(entry[name])).not.toBeNaN();
      }
    }
  }
  expect(parse(DOCUMENTED[1])).toMatchObject({
    client_ip: '192.168.131.39',
    client_port: '2817',
    target_ip: '10.0.0.1',
    request_processing_time: '0.086',
    sent_bytes: '57',
    ssl_protocol: 'TLSv1.2',
    domain_name: 'www.example.com',
    matched_rule_priority: '1',
    request_creation_time: '2018-07-02T22:22:48.364000Z',
    actions_executed: 'authenticate,forward',
    classification_reason: '-',
    transformed_host: 'm.example.com',
    transformed_uri: '-',
    request_transform_status: 'TransformSuccess',
  });
  expect(parse(DOCUMENTED[6])).toMatchObject({
    target_ip: '',
    elb_status_code: '502',
    target_status_code: '-',
    error_reason: 'LambdaInvalidResponse',
  });
});

test('entries of earlier and later formats', () => {
  const [current] = DOCUMENTED;
  const earlier = parse(current.replace(/ TID_.*$/, ''));
  expect(earlier.classification_reason).toBe('-');
  expect(earlier.conn_trace_id).toBeUndefined();
  const middle = parse(current.replace(/(TID_\w+).*$/, '$1'));
  expect(middle.conn_trace_id).toBe('TID_1234abcd5678ef90');
  expect(middle.transformed_host).toBeUndefined();
  const later = parse(`${current} 10.0.0.9 "another"`);
  expect(later.request_transform_status).toBe('-');
});

test('unusual entries', () => {
  const [current] = DOCUMENTED;
  expect(parse(current.replace('192.168.131.39:2817', '2001:db8::5:52000'))).toMatchObject({
    client_ip: '2001:db8::5',
    client_port: '52000',
  });
  // Not HTTP: no target, and no times.
  expect(
    parse(
      current
        .replace('10.0.0.1:80 0.000 0.001 0.000 200 200', '- -1 -1 -1 400 -')
        .replace('GET http://www.example.com:80/ HTTP/1.1', '- - - '),
    ),
  ).toMatchObject({ request_verb: '-', request_url: '- -', target_processing_time: '-1' });
  expect(
    parse(
      current
        .replace('80/ HTTP', '80/a \\"b\\" c HTTP')
        .replace('"curl/7.46.0"', '"Mozilla \\"5\\" C:\\\\dir"'),
    ),
  ).toMatchObject({
    request_url: 'http://www.example.com:80/a \\"b\\" c',
    request_proto: 'HTTP/1.1',
    user_agent: 'Mozilla \\"5\\" C:\\\\dir',
  });
  expect(parse(current.replace('80/ HTTP', `80/${'x'.repeat(60_000)} HTTP`)).request_proto).toBe(
    'HTTP/1.1',
  );
});

test('the folders of the load balancer are the partitions', () => {
  const { Parameters, StorageDescriptor, PartitionKeys } = resource(template, 'AWS::Glue::Table')
    .Properties.TableInput;
  const [bucket] = Object.keys(resourcesOf(template, 'AWS::S3::Bucket')).filter((id) =>
    id.includes('Logs'),
  );
  const location = `s3://<${bucket}>/load-balancer/AWSLogs/<AWS::AccountId>/elasticloadbalancing/<AWS::Region>/`;
  expect(textOf(StorageDescriptor.Location)).toBe(location);
  expect(textOf(Parameters['storage.location.template'])).toBe(`${location}\${day}`);
  expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'string' }]);
  expect(Parameters).toMatchObject({
    'projection.enabled': 'true',
    'projection.day.type': 'date',
    'projection.day.format': 'yyyy/MM/dd',
    'projection.day.range': '2026/01/01,NOW',
  });
  const attributes = resource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties
    .LoadBalancerAttributes;
  expect(attributes).toContainEqual({ Key: 'access_logs.s3.prefix', Value: 'load-balancer' });
});

test('queries read the table in a workgroup that encrypts results', () => {
  const queries = Object.values(resourcesOf(template, 'AWS::Athena::NamedQuery'));
  expect(queries.map(({ Properties }) => Properties.Name)).toEqual([
    'Server errors by client',
    'Slowest paths',
    'Requests per client',
  ]);
  for (const { Properties, DependsOn } of queries) {
    expect(Properties.QueryString).toContain('FROM access_logs\n');
    expect(Properties.QueryString).toContain('WHERE day >= ');
    expect(DependsOn).toHaveLength(1);
  }
  const { WorkGroupConfiguration } = resource(template, 'AWS::Athena::WorkGroup').Properties;
  expect(WorkGroupConfiguration).toMatchObject({
    EnforceWorkGroupConfiguration: true,
    ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
  });
});

test('misuse', () => {
  const logBucket = new s3.Bucket(stack, 'Bucket');
  expectMisuse(
    () => new AccessLogTable(stack, 'Prefix', { logBucket, prefix: '/logs/' }),
    "Stack/Prefix: prefix must not begin or end with a slash, got '/logs/'",
  );
  expectMisuse(
    () => new AccessLogTable(stack, 'Day', { logBucket, firstDay: '2026-01-01' }),
    "Stack/Day: firstDay must be a day such as 2026/01/31, got '2026-01-01'",
  );
});
