import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { ApiTimeouts, DashboardSettings, DownloadLimits } from '../../lib';
import { KEYSTONE, NAME } from './fixtures';

const environment = (apiTimeouts?: ApiTimeouts, downloads?: DownloadLimits) =>
  new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, apiTimeouts, downloads })
    .environment;

const NAMES = /^(API_(CONNECT|READ|PAGE)|DOWNLOADS)_/;

test('timeouts and downloads become environment parameters', () => {
  expect(
    environment(
      { connect: Duration.seconds(2), read: Duration.seconds(10), page: Duration.seconds(45) },
      { perWorker: 64, perSession: 1 },
    ),
  ).toMatchObject({
    API_CONNECT_TIMEOUT: '2',
    API_READ_TIMEOUT: '10',
    API_PAGE_DEADLINE: '45',
    DOWNLOADS_PER_WORKER: '64',
    DOWNLOADS_PER_SESSION: '1',
  });
});

test('missing limits have the defaults of the hosts', () => {
  expect(Object.keys(environment()).filter((name) => NAMES.test(name))).toEqual([]);
  expect(
    Object.keys(environment({ read: Duration.seconds(5) }, {})).filter((name) => NAMES.test(name)),
  ).toEqual(['API_READ_TIMEOUT']);
});

test('values that are not known at synth time are accepted', () => {
  const later = Lazy.number({ produce: () => 7 });
  expect(Token.isUnresolved(environment({}, { perWorker: later }).DOWNLOADS_PER_WORKER)).toBe(true);
});

test.each<[ApiTimeouts, string]>([
  [{ connect: Duration.seconds(11) }, 'apiTimeouts.connect'],
  [{ connect: Duration.seconds(0) }, 'apiTimeouts.connect'],
  [{ read: Duration.seconds(46) }, 'apiTimeouts.read'],
  [{ read: Duration.millis(1500) }, 'apiTimeouts.read'],
  [{ page: Duration.minutes(1) }, 'apiTimeouts.page'],
])('%j is rejected at synth time', (timeouts, prop) => {
  expect(() => environment(timeouts)).toThrow(prop);
});

test.each<[DownloadLimits, string]>([
  [{ perWorker: 0 }, 'downloads.perWorker'],
  [{ perWorker: 65 }, 'downloads.perWorker'],
  [{ perSession: 1.5 }, 'downloads.perSession'],
])('%j is rejected at synth time', (limits, prop) => {
  expect(() => environment(undefined, limits)).toThrow(prop);
});
