import { CfnParameter, SecretValue, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CaCertificates,
  DashboardSettings,
  DashboardSettingsOptions,
  SessionBackend,
} from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  KEYSTONE,
  NAME,
  newDashboard,
  newStack,
  resourcesOf,
  userDataOf,
} from './fixtures';

// Certificates until 2046, made with `openssl req -x509`; test/hosts has the same kinds.
const path = (name: string): string => join(__dirname, 'ca-certificates', `${name}.pem`);
const pem = (name: string): string => readFileSync(path(name), 'utf8');
const FILE = '/etc/openstack-dashboard/ca-certificates.pem';

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2030-01-01'), doNotFake: ['nextTick', 'setImmediate'] });
});
afterEach(() => jest.useRealTimers());

function synth(settings: DashboardSettingsOptions): { template: Template; stack: Stack } {
  const stack = newStack();
  newDashboard(stack, { settings });
  return { template: Template.fromStack(stack), stack };
}

const withCertificates = (caCertificates: CaCertificates) => synth({ caCertificates });

/** The certificates in the template, by the logical ID of the resource that carries them. */
function carried(template: Template): Record<string, string> {
  return Object.fromEntries(
    Object.entries(resourcesOf(template, 'AWS::CloudFormation::WaitConditionHandle'))
      .filter(([id]) => id.includes('CaCertificates'))
      .map(([id, { Metadata }]) => {
        const { files } = Metadata['cdk-openstack-dashboard'];
        return [id, gunzipSync(Buffer.from(files, 'base64')).toString()];
      }),
  );
}

test('certificates reach dashboard hosts as data of the stack', () => {
  const { template } = withCertificates(CaCertificates.fromFile(path('good')));
  const [[id, text]] = Object.entries(carried(template));
  expect(text).toBe(new X509Certificate(pem('good')).toString());
  const { host, dashboard } = environmentsOf(userDataOf(template));
  expect(host).toMatchObject({ CA_CERTIFICATES_RESOURCE: id, SYSTEM_CA_CERTIFICATES: 'false' });
  expect(host).not.toHaveProperty('CA_CERTIFICATES');
  expect(dashboard.OPENSTACK_SSL_CACERT).toBe(FILE);
  expect(userDataOf(template, /Static/)).not.toContain('CA_CERTIFICATES');
});

test('texts around certificates and repeated certificates are omitted', () => {
  const bundle = `# Example's roots\n${pem('good')}\r\nother text\n${pem('other')}${pem('good')}`;
  const both = CaCertificates.fromPem([bundle, pem('other')], { includeSystemCertificates: true });
  const { template } = withCertificates(both);
  expect(Object.values(carried(template))).toEqual([pem('good') + pem('other')]);
  expect(environmentsOf(userDataOf(template)).host.SYSTEM_CA_CERTIFICATES).toBe('true');
});

test('other certificates are another resource', () => {
  const ids = ['good', 'other', 'good'].map((name) =>
    Object.keys(carried(withCertificates(CaCertificates.fromPem([pem(name)])).template)),
  );
  expect(ids[0]).not.toEqual(ids[1]);
  expect(ids[0]).toEqual(ids[2]);
});

test('a text that is known at deploy time only is data of the user data', () => {
  const stack = newStack();
  const given = new CfnParameter(stack, 'Given').valueAsString;
  newDashboard(stack, {
    settings: { caCertificates: CaCertificates.fromPem([given, pem('good'), `${given}\n`]) },
  });
  const template = Template.fromStack(stack);
  expect(Object.values(carried(template))).toEqual([pem('good')]);
  const userData = JSON.stringify(template.toJSON());
  // In base64 twice: of its lines, and of the parameter
  expect(userData).toContain(
    JSON.stringify({
      'Fn::Base64': {
        'Fn::Base64': { 'Fn::Join': ['', [{ Ref: 'Given' }, '\n', { Ref: 'Given' }, '\n']] },
      },
    }),
  );
});

test('only deploy-time texts need no resource', () => {
  const stack = newStack();
  const given = new CfnParameter(stack, 'Given').valueAsString;
  newDashboard(stack, { settings: { caCertificates: CaCertificates.fromPem([given]) } });
  const template = Template.fromStack(stack);
  expect(carried(template)).toEqual({});
  expect(environmentsOf(userDataOf(template)).host).toMatchObject({ CA_CERTIFICATES: '<Given>' });
});

describe('refused are', () => {
  const reissue =
    "; Python's default TLS context refuses all certificates that the CA issued: reissue the CA certificate with the same key";
  test.each([
    [
      'without-key-usage',
      `with the extension keyUsage, got 'O=Example, CN=without-key-usage'${reissue}`,
    ],
    [
      'without-key-cert-sign',
      `whose keyUsage contains keyCertSign, got 'O=Example, CN=without-key-cert-sign'${reissue}`,
    ],
    [
      'not-critical',
      `whose basicConstraints are critical, got 'O=Example, CN=not-critical'${reissue}`,
    ],
    [
      'without-identifier',
      `with the extension subjectKeyIdentifier, got 'O=Example, CN=without-identifier'${reissue}`,
    ],
    [
      'server',
      "only, got 'O=Example, CN=server'; give the certificate of the CA that issued it: a certificate of a server is not a CA certificate, even if it is self-signed",
    ],
  ])('certificates that Python does not accept as a CA: %s', (name, text) => {
    const message = `must have CA certificates ${text}`;
    expectMisuse(() => CaCertificates.fromPem([pem('good') + pem(name)]), `pems ${message}`);
    expectMisuse(() => CaCertificates.fromFile(path(name)), `path ${message}`);
  });

  test('expired certificates', () => {
    jest.setSystemTime(new Date('2047-01-01'));
    expectMisuse(
      () => CaCertificates.fromPem([pem('good')]),
      `pems must have CA certificates that have not expired, got 'O=Example, CN=good'; it expired on ${new X509Certificate(pem('good')).validTo}: remove it`,
    );
  });

  test('private keys, whose text is not repeated', () => {
    expectMisuse(
      () => CaCertificates.fromPem([`${pem('good')}-----BEGIN EC PRIVATE KEY-----\nsecret\n`]),
      'pems must not contain a private key; everybody who can read the template would have it; give the certificates only, and replace the key if this text was stored where others can read it',
    );
  });

  test('texts that are not certificates in PEM format', () => {
    expectMisuse(
      () => CaCertificates.fromPem([]),
      'pems must have at least one PEM certificate, got none',
    );
    expectMisuse(
      () => CaCertificates.fromPem([pem('good'), '/etc/ssl/ca.pem']),
      "pems must have certificates in PEM format (-----BEGIN CERTIFICATE-----), got '/etc/ssl/ca.pem'",
    );
    const request = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----';
    expectMisuse(
      () => CaCertificates.fromPem([request]),
      "pems must only have PEM blocks of type CERTIFICATE, got 'CERTIFICATE REQUEST'",
    );
    expect(() =>
      CaCertificates.fromPem([request.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')]),
    ).toThrow(
      /^pems must have certificates in PEM format, got 'certificate 1'; it cannot be parsed: /,
    );
    expectMisuse(
      () => CaCertificates.fromFile('/nowhere/ca.pem'),
      "path must be a file with PEM certificates, got '/nowhere/ca.pem'; there is no such file",
    );
    expectMisuse(
      () => CaCertificates.fromFile(__dirname),
      `path must be a file with PEM certificates, got '${__dirname}'; there is no such file`,
    );
  });

  test.each([
    ['no last line', (text: string) => text.split('\n').slice(0, 6).join('\n')],
    ['no first line', (text: string) => text.split('\n').slice(4).join('\n')],
    ['four hyphens', (text: string) => text.replace('CERTIFICATE-----', 'CERTIFICATE----')],
    ['spaces', (text: string) => text.replaceAll(/-----([A-Z ]+)-----/g, '----- $1 -----')],
  ])('a certificate that would be left out: %s', (_, change) => {
    for (const texts of [
      [pem('good'), change(pem('other'))],
      [change(pem('other')), pem('good')],
    ]) {
      expect(() => CaCertificates.fromPem([texts.join('\n')])).toThrow(
        /^pems must have certificates in PEM format, /,
      );
    }
  });

  test('an RSA key that OpenSSL on the hosts refuses', () => {
    const spy = jest
      .spyOn(X509Certificate.prototype, 'publicKey', 'get')
      .mockReturnValue(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    expectMisuse(
      () => CaCertificates.fromPem([pem('good')]),
      "pems must have CA certificates with RSA keys of at least 2048 bits, got 'O=Example, CN=good'; its key has 1024 bits, which OpenSSL on the hosts refuses: the CA needs another key",
    );
    spy.mockRestore();
  });

  test('dynamic references, which are not resolved in base64, and a private key after a token', () => {
    const stack = newStack();
    const parameter = ssm.StringParameter.fromStringParameterAttributes(stack, 'Ca', {
      parameterName: '/openstack/ca',
      version: 3,
    });
    for (const text of [
      parameter.stringValue,
      SecretValue.secretsManager('openstack-ca').unsafeUnwrap(),
    ]) {
      expectMisuse(
        () => CaCertificates.fromPem([text]),
        'pems must not have dynamic references; AWS CloudFormation does not resolve them in base64; use a parameter of the template, such as StringParameter.valueForStringParameter()',
      );
    }
    const token = ssm.StringParameter.valueForStringParameter(stack, '/openstack/ca');
    expect(() => CaCertificates.fromPem([token])).not.toThrow();
    expect(() => CaCertificates.fromPem([`${token}\n-----BEGIN PRIVATE KEY-----\n`])).toThrow(
      /^pems must not contain a private key/,
    );
  });

  test('more certificates than a template should have', () => {
    const spy = jest
      .spyOn(X509Certificate.prototype, 'toString')
      .mockReturnValue(randomBytes(100_000).toString('base64'));
    expect(() => CaCertificates.fromPem([pem('good')])).toThrow(
      /^pems must be at most 65536 bytes when packed, got \d+; use includeSystemCertificates for public CAs, or a file in the machine image with caCertificateFile$/,
    );
    spy.mockRestore();
  });

  test('a second source of certificates', () => {
    expectMisuse(
      () =>
        synth({
          caCertificates: CaCertificates.fromPem([pem('good')]),
          caCertificateFile: '/etc/ca.pem',
        }),
      "Stack/Dashboard: caCertificateFile must not be given with caCertificates, got '/etc/ca.pem'; it names a file that the hosts already have; caCertificates brings the certificates to them",
    );
  });

  test('containers, which have no files of the stack', () => {
    const stack = newStack();
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    const image = ecs.ContainerImage.fromRegistry('registry.example.org/horizon:1');
    const container = task.addContainer('horizon', { image });
    expectMisuse(
      () =>
        SessionBackend.signedCookies().addToContainer(container, {
          settings: new DashboardSettings({
            domainName: NAME,
            keystoneUrl: KEYSTONE,
            caCertificates: CaCertificates.fromPem([pem('good')]),
          }),
          secretKey: new secretsmanager.Secret(stack, 'SecretKey'),
          service: new ecs.FargateService(stack, 'Service', {
            cluster: new ecs.Cluster(stack, 'Cluster'),
            taskDefinition: task,
          }),
        }),
      'Stack/Task/horizon: settings must not have caCertificates in a container; put the file into the image of the container, and name it with caCertificateFile',
    );
  });
});

test.each([
  ['2046-10-20', 0],
  ['2046-11-01', 1],
])('a certificate that will expire within 30 days is a warning: on %s', (date, warnings) => {
  jest.setSystemTime(new Date(date));
  const { stack } = withCertificates(CaCertificates.fromPem([pem('good')]));
  const found = Annotations.fromStack(stack).findWarning(
    '*',
    Match.stringLikeRegexp('CA certificate O=Example, CN=good expires on'),
  );
  expect(found).toHaveLength(warnings);
});
