// Escape hatches: the main resource of each construct is its `node.defaultChild`.
import { App, CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import * as library from '../../lib';
import { DashboardEntry, HostGroup, HttpsEntry } from '../../lib';
import { CONSTRUCTS, create, EACH, newStackIn } from './constructs';
import { certificate, NAME, network } from './fixtures';

test('the table of constructs has every construct of the library', () => {
  const classes = Object.values(library).filter(
    (each) => typeof each === 'function' && each.prototype instanceof Construct,
  );
  // The abstract base of both tiers cannot be created.
  const concrete = classes.filter((each) => (each as unknown) !== HostGroup);
  const names = CONSTRUCTS.map(({ type }) => type as unknown);
  expect(new Set(names)).toEqual(new Set<unknown>(concrete));
});

describe('the main resource', () => {
  test.each(EACH)('of %s is node.defaultChild', (_, each) => {
    const stack = newStackIn(new App());
    const { defaultChild } = create(each, stack).node;
    if (!each.main) {
      expect(defaultChild).toBeUndefined();
      return;
    }
    expect(defaultChild).toBeInstanceOf(CfnResource);
    const resource = defaultChild as CfnResource;
    expect(resource.cfnResourceType).toBe(each.main);

    resource.addPropertyOverride('Anything', 'overridden');
    resource.addMetadata('Owner', 'operations');
    Template.fromStack(stack).hasResource(each.main, {
      Properties: { Anything: 'overridden' },
      Metadata: { Owner: 'operations' },
    });
  });

  test('of an entry on an existing load balancer is undefined', () => {
    const stack = newStackIn(new App());
    const vpc = network(stack);
    const entry = new HttpsEntry(stack, 'Entry', {
      vpc,
      domainName: NAME,
      entry: DashboardEntry.onLoadBalancer(
        new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc }),
        { certificate: certificate(stack) },
      ),
    });
    expect(entry.node.defaultChild).toBeUndefined();
  });
});
