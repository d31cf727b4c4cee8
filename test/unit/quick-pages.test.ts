import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardSettings, QuickPages } from '../../lib';
import { APPLICATION, parametersOf } from '../../lib/contract/environment';
import { KEYSTONE, NAME, ROOT } from './fixtures';

const PYTHON = join(ROOT, 'lib/settings/files/usr/local/lib/openstack-dashboard/python');

const environment = (quickPages?: QuickPages) =>
  Object.fromEntries(
    Object.entries(
      new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, quickPages }).environment,
    ).filter(([name]) => name.startsWith('QUICK_')),
  );

const ALL: Required<QuickPages> = {
  keptDocuments: false,
  askOnce: false,
  callsAhead: false,
  keptConnections: false,
  trustStores: false,
  novaToken: false,
  logLevels: false,
  policyChecks: false,
  pluralForms: false,
  sdkResources: false,
  threadLocals: false,
  themeTemplates: false,
  compressedBlocks: false,
  templateRendering: false,
  serviceVersions: false,
  timeZones: false,
  warmStart: false,
};

test('measures that are not given have the default of the hosts, which is on', () => {
  expect(environment()).toEqual({});
  expect(environment({ keptDocuments: false, askOnce: true })).toEqual({
    QUICK_KEPT_DOCUMENTS: 'false',
    QUICK_ASK_ONCE: 'true',
  });
});

test('each measure of the hosts has a switch, a parameter, a file and a row in the documentation', () => {
  const parameters = Object.keys(environment(ALL)).sort();
  const read = (path: string) => readFileSync(path, 'utf8');
  expect(Object.keys(APPLICATION).filter((name) => name.startsWith('QUICK_'))).toEqual(
    Object.values(parametersOf('quickPages')),
  );
  expect(Object.values(parametersOf('quickPages')).sort()).toEqual(parameters);
  const files = readdirSync(join(PYTHON, 'openstack_dashboard_quick'));
  for (const parameter of parameters) {
    expect(files).toContain(`${parameter.slice('QUICK_'.length).toLowerCase()}.py`);
    expect(APPLICATION[parameter]).toMatchObject({ type: 'boolean', default: 'true' });
    for (const page of ['environment.md', 'performance.md']) {
      expect(read(join(ROOT, 'docs', page))).toContain(`\`${parameter}\``);
    }
  }
});
