import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DashboardHosts,
  DashboardHostsProps,
  DashboardSettings,
  OpenStackApi,
  SessionBackend,
} from '../../lib';
import { DEBIAN_PLUGINS } from '../../lib/dashboard-hosts/horizon-plugin';
import { expectMisuse, KEYSTONE, NAME, network, newStack, resource } from './fixtures';

let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

function newHosts(props: Partial<DashboardHostsProps> = {}): void {
  new DashboardHosts(stack, 'Hosts', {
    vpc: network(stack),
    settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE }),
    session: SessionBackend.signedCookies(),
    ...props,
  });
}

const egressOf = (): { FromPort: number }[] =>
  resource(Template.fromStack(stack), 'AWS::EC2::SecurityGroup').Properties.SecurityGroupEgress;

describe('the OpenStack APIs that hosts reach', () => {
  test.each(DEBIAN_PLUGINS.map((plugin) => [plugin.debianPackage, plugin] as const))(
    'reaches the API of the plugin %s',
    (name, plugin) => {
      const ports = plugin.apis.flatMap((api) => api.ports);
      newHosts({ plugins: [plugin] });
      const opened = egressOf().map(({ FromPort }) => FromPort);
      expect(opened).toEqual(expect.arrayContaining(ports));
      stack = newStack();
      newHosts({ extraPackages: [name] });
      expect(egressOf().map(({ FromPort }) => FromPort)).toEqual(opened);
    },
  );

  test('opens nothing for an unknown package', () => {
    newHosts({ extraPackages: ['htop', 'constructor'] });
    expect(egressOf()).toHaveLength(10);
  });

  test('reaches further APIs, by name or by port', () => {
    newHosts({ apis: [OpenStackApi.DNS, OpenStackApi.of(8443, 7480)] });
    const ports = egressOf().map(({ FromPort }) => FromPort);
    expect(ports).toEqual(expect.arrayContaining([5000, 8774, 9001, 8443, 7480]));
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('reaches only the ports of apiPorts and apis', () => {
    newHosts({
      apiPorts: [8443],
      apis: [OpenStackApi.KEY_MANAGER],
      extraPackages: ['python3-designate-dashboard'],
    });
    expect(egressOf().map(({ FromPort }) => FromPort)).toEqual([443, 80, 8443, 9311]);
  });

  test('has the ports of OpenStack APIs', () => {
    expect(OpenStackApi.ORCHESTRATION.ports).toEqual([8004, 8000]);
    expectMisuse(
      () => OpenStackApi.of(),
      'ports must have at least one TCP port of the API, got none',
    );
    expect(() => OpenStackApi.of(9001, 70000)).toThrow(/ports .*70000/);
  });
});
