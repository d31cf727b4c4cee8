// Of docs/upgrade-*.md: the pages are there, and their tables count what CloudFormation does.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastRelease, renderTables, Templates, upgradePage } from '../../scripts/changes/upgrade';

const ROOT = join(__dirname, '..', '..');

test('the release that the changelog announces has a page with tables', () => {
  const page = upgradePage(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  if (page) {
    const { templates } = lastRelease();
    const text = readFileSync(join(ROOT, page), 'utf8');
    for (const app of Object.keys(templates)) {
      expect(text).toContain(`### ${app.startsWith('examples/') ? 'Example' : 'The'} `);
    }
  }
  expect(upgradePage('To be released as 1.20.3. It breaks.')).toBe('docs/upgrade-1.20.md');
  expect(upgradePage('## 0.2.0')).toBeUndefined();
});

test('the templates of the last release belong to the API that is compared', () => {
  expect(existsSync(join(ROOT, 'test/api', `${lastRelease().version}.jsii.gz`))).toBe(true);
});

test('an update counts what is replaced, updated, created and deleted', () => {
  const cluster = (EngineVersion: string, AZMode: string) => ({
    Type: 'AWS::ElastiCache::CacheCluster',
    Properties: { EngineVersion, Engine: AZMode },
  });
  const queue = (DelaySeconds: number) => ({
    Type: 'AWS::SQS::Queue',
    Properties: { DelaySeconds },
  });
  const before: Templates = {
    'ready app': {
      A: {
        Resources: {
          Replaced: cluster('1.6', 'memcached'),
          Updated: queue(1),
          Deleted: queue(1),
          Same: queue(1),
        },
      },
    },
    'examples/gone': { B: { Resources: { Same: queue(1) } } },
  };
  const after: Templates = {
    'ready app': {
      A: {
        Resources: {
          Replaced: cluster('1.6', 'redis'),
          Updated: queue(2),
          Same: queue(1),
          Created: { Type: 'AWS::SNS::Topic' },
        },
      },
    },
  };
  expect(renderTables(before, after)).toBe(`### The ready app

Replaces no hosts.

<!-- prettier-ignore -->
| Type | Replaced | Perhaps replaced | Updated | Created | Deleted | Left behind |
| --- | --- | --- | --- | --- | --- | --- |
| \`AWS::ElastiCache::CacheCluster\` | 1 |  |  |  |  |  |
| \`AWS::SNS::Topic\` |  |  |  | 1 |  |  |
| \`AWS::SQS::Queue\` |  |  | 1 |  | 1 |  |

### Example gone

The stack \`B\` has another name now.
`);
});

test('no update of the default app replaces what has data', () => {
  const page = upgradePage(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  if (page) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const [app] = text.split('### The ready app')[1].split('### ');
    const replaced = [...app.matchAll(/^\| `([^`]+)` \| (\d+) /gm)].map(([, type]) => type);
    const deleted = [...app.matchAll(/^\| `([^`]+)` \|(?: \d* ?\|){4} (\d+) /gm)].map(
      ([, type]) => type,
    );
    const data = /ElastiCache|S3::Bucket$|SecretsManager::Secret$|LoadBalancer$/;
    expect([...replaced, ...deleted].filter((type) => data.test(type))).toEqual([]);
  }
});
