import { Fn } from 'aws-cdk-lib';
import {
  ContentSecurityPolicy,
  ContentSecurityPolicySources,
  DashboardSettings,
  DashboardSettingsOptions,
  ImageUpload,
} from '../../lib';
import { POLICY_SOURCES } from '../../lib/contract/environment';
import { expectMisuse, KEYSTONE, NAME } from './fixtures';

const PLAN = 'a quota of the image service';

const environment = (options: DashboardSettingsOptions = {}) =>
  new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...options }).environment;
const sources = (options: DashboardSettingsOptions) =>
  environment(options).CONTENT_SECURITY_POLICY_SOURCES;

test('the policy is enforced by default, and has no further sources', () => {
  expect(environment()).toMatchObject({ CONTENT_SECURITY_POLICY: 'enforced' });
  expect(sources({})).toBeUndefined();
});

test('sources of a site, consoles and the image service are merged by directive', () => {
  expect(
    sources({
      contentSecurityPolicy: ContentSecurityPolicy.enforced({
        scriptSrc: ['https://*.metrics.example.org', `'sha256-${'A'.repeat(43)}='`],
        imgSrc: ['blob:'],
        connectSrc: ['https://image.example.org:9292', 'https://metrics.example.org/in'],
        formAction: ['https://forms.example.org'],
      }),
      consoleOrigins: ['https://console.example.org:6080', 'wss://console.example.org:6083'],
      imageUpload: ImageUpload.direct(PLAN, { glanceOrigin: 'https://image.example.org:9292' }),
    }),
  ).toBe(
    `script-src https://*.metrics.example.org 'sha256-${'A'.repeat(43)}='; img-src blob:; ` +
      'connect-src https://image.example.org:9292 https://metrics.example.org/in wss://console.example.org:6083; ' +
      'frame-src https://console.example.org:6080; form-action https://forms.example.org',
  );
});

test('direct uploads without an origin connect to any https origin', () => {
  expect(sources({ imageUpload: ImageUpload.direct(PLAN) })).toBe('connect-src https:');
  expect(sources({ imageUpload: ImageUpload.legacy(PLAN) })).toBeUndefined();
});

test('the policy is only reported, or minimal', () => {
  const imgSrc = ['https://img.example.org'];
  expect(
    environment({ contentSecurityPolicy: ContentSecurityPolicy.reportOnly({ imgSrc }) }),
  ).toMatchObject({
    CONTENT_SECURITY_POLICY: 'report-only',
    CONTENT_SECURITY_POLICY_SOURCES: 'img-src https://img.example.org',
  });
  const minimal = environment({
    contentSecurityPolicy: ContentSecurityPolicy.minimal(),
    consoleOrigins: ['https://console.example.org'],
  });
  expect(minimal.CONTENT_SECURITY_POLICY).toBe('minimal');
  expect(minimal.CONTENT_SECURITY_POLICY_SOURCES).toBeUndefined();
});

test('an origin may only be known at deploy time', () => {
  const origin = Fn.importValue('ConsoleOrigin');
  expect(sources({ consoleOrigins: [origin] })).toBe(`connect-src ${origin}; frame-src ${origin}`);
});

test('each directive of the contract has a prop', () => {
  const all: Required<ContentSecurityPolicySources> = {
    scriptSrc: [],
    styleSrc: [],
    imgSrc: [],
    fontSrc: [],
    connectSrc: [],
    frameSrc: [],
    formAction: [],
    mediaSrc: [],
    workerSrc: [],
  };
  const { _sources } = ContentSecurityPolicy.enforced(all);
  expect(Object.keys(_sources)).toEqual(Object.keys(POLICY_SOURCES.directives));
});

test.each([
  ['scriptSrc', "'unsafe-inline'"],
  ['scriptSrc', "'unsafe-eval'"],
  ['scriptSrc', 'data:'],
  ['scriptSrc', 'https:'],
  ['scriptSrc', '*'],
  ['scriptSrc', 'http://metrics.example.org'],
  ['imgSrc', 'https://a.example.org; script-src https://b.example.org'],
  ['imgSrc', 'https://a.example.org https://b.example.org'],
  ['connectSrc', 'https:'],
  ['frameSrc', 'https://A.example.org'],
  ['formAction', "'sha256-AAAA'"],
] as const)('%s must not have the source %s', (prop, source) => {
  expectMisuse(
    () => ContentSecurityPolicy.enforced({ [prop]: [source] }),
    `contentSecurityPolicy.${prop} must have https or wss origins such as https://example.org, got '${source}'; ` +
      'a source that allows any script or site would make the policy useless',
  );
});

test.each([
  ['http://console.example.org', "got 'http://console.example.org'"],
  ['https://console.example.org/vnc', "got 'https://console.example.org/vnc'"],
  ['https://*.example.org', "got 'https://*.example.org'"],
  ['console.example.org', "got 'console.example.org'"],
])('%s is not the origin of a console', (origin, got) => {
  expectMisuse(
    () => environment({ consoleOrigins: [origin] }),
    `consoleOrigins must be an https or wss origin in lower case such as https://service.example.org:6080, ${got}`,
  );
});

test('the origin of the image service must be https', () => {
  expectMisuse(
    () => ImageUpload.direct(PLAN, { glanceOrigin: 'wss://image.example.org' }),
    "glanceOrigin must be an https origin in lower case such as https://service.example.org:6080, got 'wss://image.example.org'",
  );
});
