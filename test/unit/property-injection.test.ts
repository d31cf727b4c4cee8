// Property injection, as on the constructs of aws-cdk-lib.
import { App, InjectionContext, IPropertyInjector, PropertyInjectors } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import * as library from '../../lib';
import { HostGroup, MemcachedCluster, MemcachedClusterProps } from '../../lib';
import { CONSTRUCTS, create, EACH, newStackIn } from './constructs';
import { network, newDashboard } from './fixtures';

/** Gives props to the constructs of a class, and records those that they were created with. */
class Injector implements IPropertyInjector {
  public readonly seen: object[] = [];
  public readonly paths: string[] = [];

  constructor(
    public readonly constructUniqueId: string,
    private readonly defaults: object = {},
  ) {}

  public inject(originalProps: object, { scope, id }: InjectionContext): object {
    this.seen.push(originalProps);
    this.paths.push(`${scope.node.path}/${id}`);
    return { ...this.defaults, ...originalProps };
  }
}

const nodesOf = (template: Template): unknown =>
  Object.values(template.findResources('AWS::ElastiCache::CacheCluster')).map(
    ({ Properties }) => Properties.NumCacheNodes,
  );

test('every construct has a unique ID that contains its name', () => {
  type Class = (new (...args: never[]) => Construct) & { PROPERTY_INJECTION_ID: string };
  const classes = Object.values<unknown>(library).filter(
    (each): each is Class =>
      typeof each === 'function' &&
      each.prototype instanceof Construct &&
      // The abstract base of both tiers cannot be created.
      each !== HostGroup,
  );
  expect(classes.length).toBe(CONSTRUCTS.length);
  for (const each of classes) {
    expect(Object.hasOwn(each, 'PROPERTY_INJECTION_ID')).toBe(true);
    expect(each.PROPERTY_INJECTION_ID).toBe(`cdk-openstack-dashboard.${each.name}`);
  }
  const ids = classes.map((each) => each.PROPERTY_INJECTION_ID);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('a property injector', () => {
  test.each(EACH)('gives props to %s', (_, each) => {
    const unused = new Injector(each.type.PROPERTY_INJECTION_ID);
    const stack = newStackIn(new App({ propertyInjectors: [unused] }));
    const given = each.props(stack);
    // All that the construct needs comes from the nearest injector.
    const injector = new Injector(each.type.PROPERTY_INJECTION_ID, given);
    PropertyInjectors.of(stack).add(injector);

    const construct = new each.type(stack, 'Subject', {} as never);
    each.finish?.(construct);

    expect(construct).toBeInstanceOf(each.type);
    expect(construct.constructor.name).toBe(each.type.name);
    expect(injector.seen).toEqual([{}]);
    expect(injector.paths).toEqual(['Stack/Subject']);
    expect(unused.seen).toEqual([]);
    Template.fromStack(stack);
  });

  test.each(EACH)('of another class does not change %s', (_, each) => {
    const injector = new Injector(`${each.type.PROPERTY_INJECTION_ID}Other`);
    const stack = newStackIn(new App({ propertyInjectors: [injector] }));
    create(each, stack);
    expect(injector.seen).toEqual([]);
  });

  test('gives props to the parts of a dashboard, which its own props override', () => {
    const injectors = [
      new Injector(MemcachedCluster.PROPERTY_INJECTION_ID, { nodeCount: 4 }),
      new Injector(library.DashboardHosts.PROPERTY_INJECTION_ID, { minCapacity: 3, loginRate: 60 }),
      new Injector(library.StaticTier.PROPERTY_INJECTION_ID, { minCapacity: 4 }),
    ];
    const stack = newStackIn(new App({ propertyInjectors: injectors }));
    newDashboard(stack, { hosts: { minCapacity: 5 } });
    const template = Template.fromStack(stack);
    expect(nodesOf(template)).toEqual([4]);
    const groups = template.findResources('AWS::AutoScaling::AutoScalingGroup');
    expect(Object.values(groups).map(({ Properties }) => Properties.MinSize)).toEqual(['4', '5']);
  });

  test('applies to subclasses, with the props that they pass on', () => {
    class FourNodes extends MemcachedCluster {
      public readonly purpose: string;

      constructor(scope: Construct, id: string, props: MemcachedClusterProps, purpose = 'none') {
        super(scope, id, { ...props, nodeCount: 4 });
        this.purpose = purpose;
      }
    }
    const injector = new Injector(MemcachedCluster.PROPERTY_INJECTION_ID, {
      nodeCount: 3,
      port: 11411,
    });
    const stack = newStackIn(new App({ propertyInjectors: [injector] }));
    const cluster = new FourNodes(stack, 'Sessions', { vpc: network(stack) }, 'sessions');
    expect(cluster.purpose).toBe('sessions');
    expect(cluster).toBeInstanceOf(MemcachedCluster);
    const template = Template.fromStack(stack);
    expect(nodesOf(template)).toEqual([4]);
    template.hasResourceProperties('AWS::ElastiCache::CacheCluster', { Port: 11411 });
  });

  test('does not apply to imported resources', () => {
    const injector = new Injector(MemcachedCluster.PROPERTY_INJECTION_ID);
    const stack = newStackIn(new App({ propertyInjectors: [injector] }));
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Sessions', {
      configurationEndpointAddress: 'sessions.example.org',
      configurationEndpointPort: 11311,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123')],
    });
    expect(cluster.endpoints[0].port).toBe(11311);
    expect(injector.seen).toEqual([]);
  });
});
