// Aspects, tags and mixins reach what the constructs create.
import {
  App,
  Aspects,
  CfnResource,
  IAspect,
  Mixin,
  Mixins,
  Stack,
  TagManager,
  Tags,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { mixins } from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import { MemcachedCluster } from '../../lib';
import { create, EACH, newStackIn } from './constructs';
import { cfnResources, network, newDashboard, resource } from './fixtures';

let stack: Stack;
beforeEach(() => {
  stack = newStackIn(new App());
});

const below = (construct: IConstruct): CfnResource[] =>
  construct.node.findAll().filter((node): node is CfnResource => node instanceof CfnResource);

/** Turns updates off, as a prop of the library cannot. */
class NoMinorUpgrades extends Mixin {
  public supports(construct: IConstruct): construct is elasticache.CfnCacheCluster {
    return construct instanceof elasticache.CfnCacheCluster;
  }

  public applyTo(construct: IConstruct): void {
    (construct as elasticache.CfnCacheCluster).autoMinorVersionUpgrade = false;
  }
}

/** Adds metadata to every resource. */
class Owner extends Mixin {
  public supports(construct: IConstruct): boolean {
    return construct instanceof CfnResource;
  }

  public applyTo(construct: IConstruct): void {
    (construct as CfnResource).addMetadata('Owner', 'operations');
  }
}

describe('on each construct', () => {
  test.each(EACH)('tags are on all resources of %s that can have them', (_, each) => {
    const construct = create(each, stack);
    Tags.of(construct).add('Owner', 'operations');
    Template.fromStack(stack);
    const taggable = below(construct).filter((one) => TagManager.of(one) !== undefined);
    expect(taggable.length > 0).toBe(below(construct).length > 0);
    for (const one of taggable) {
      expect(TagManager.of(one)!.tagValues()).toMatchObject({ Owner: 'operations' });
    }
  });

  test.each(EACH)('an aspect visits %s and all its resources once', (_, each) => {
    const construct = create(each, stack);
    const visited: IConstruct[] = [];
    const aspect: IAspect = {
      visit: (node) => {
        visited.push(node);
        if (node instanceof CfnResource) {
          node.addMetadata('Owner', 'operations');
        }
      },
    };
    Aspects.of(construct).add(aspect);
    const template = Template.fromStack(stack);

    expect(visited.filter((node) => node === construct)).toHaveLength(1);
    const resources = below(construct);
    expect(visited.filter((node) => node instanceof CfnResource)).toHaveLength(resources.length);
    const { Resources } = template.toJSON() as { Resources: Record<string, { Metadata: object }> };
    for (const one of resources) {
      const id = stack.resolve(one.logicalId) as string;
      expect([id, Resources[id].Metadata]).toEqual([
        id,
        expect.objectContaining({ Owner: 'operations' }),
      ]);
    }
  });

  test.each(EACH)('with() applies a mixin to %s and returns it', (_, each) => {
    const construct = create(each, stack);
    expect(construct.with(new Owner())).toBe(construct);
    for (const one of below(construct)) {
      expect(one.getMetadata('Owner')).toBe('operations');
    }
    const others = cfnResources(stack).filter((one) => !below(construct).includes(one));
    expect(others.filter((one) => one.getMetadata('Owner') !== undefined)).toEqual([]);
    Template.fromStack(stack);
  });

  test.each(EACH)('Mixins applies a mixin to %s', (_, each) => {
    const construct = create(each, stack);
    const { report } = Mixins.of(construct).apply(new Owner());
    expect(report.map((one) => one.construct)).toEqual(below(construct));
  });
});

test('a mixin changes a property of a cluster', () => {
  const cluster = new MemcachedCluster(stack, 'Memcached', { vpc: network(stack) });
  cluster.with(new NoMinorUpgrades());
  const { Properties } = resource(Template.fromStack(stack), 'AWS::ElastiCache::CacheCluster');
  expect(Properties.AutoMinorVersionUpgrade).toBe(false);
});

test("a mixin of the AWS CDK changes a dashboard's buckets", () => {
  newDashboard(stack).with(new mixins.BucketVersioning());
  const buckets = Template.fromStack(stack).findResources('AWS::S3::Bucket');
  expect(Object.keys(buckets)).toHaveLength(2);
  for (const { Properties } of Object.values(buckets)) {
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  }
});
