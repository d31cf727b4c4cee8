/**
 * What goes wrong around hosts and in them: the preview's load balancer and scaling groups judge, as
 * AWS's would, which hosts leave service and which are replaced. Root, Linux. Usage: see HELP.
 */
import * as fs from 'node:fs';
import { Preview } from '../../../preview';
import { check, measure, must, onStage, progress } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { withStack } from '../../../harness/stack';
import { Way } from '../harness/visitors';
import { FULL, SHORT } from './faults';
import { fails, Member, Stage, whole } from './stage';

const HELP = `usage: npm run test:faults -- [options]
  --full              all faults, each for ten minutes; by default a few, for half a minute each
  --seconds N         how long each fault lasts
  --only REGEX        of the checks, only these
  --json FILE         write the measurements there
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
const FIRST = 'a first deployment without memcached fails as soon as its host knows, and says why';
const BOOT = 'two hosts a tier come into service';

/** Waits are shorter than a deployment's, so that faults of half a minute show what minutes would. */
function hasten(template: string): void {
  const file = JSON.parse(fs.readFileSync(template, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  };
  for (const { Type, Properties } of Object.values(file.Resources)) {
    if (Type === 'AWS::AutoScaling::AutoScalingGroup') {
      Properties.HealthCheckGracePeriod = 5;
    }
    if (Type === 'AWS::ElasticLoadBalancingV2::TargetGroup') {
      const attributes = Properties.TargetGroupAttributes as { Key: string; Value: string }[];
      attributes
        .filter(({ Key }) => Key === 'deregistration_delay.timeout_seconds')
        .forEach((attribute) => (attribute.Value = '5'));
    }
  }
  fs.writeFileSync(template, JSON.stringify(file));
}

async function firstDeployment(preview: Preview): Promise<void> {
  for (const node of await preview.call('cacheNodes')) {
    await preview.call('cacheNode', node, 'kill');
  }
  try {
    await fails(preview, 'first deployment', { role: 'dashboard' }, /memcached|session|cache/i);
  } finally {
    for (const node of await preview.call('cacheNodes')) {
      await preview.call('cacheNode', node, 'start');
    }
  }
}

async function prepare(preview: Preview, address: string, values: Values): Promise<Stage> {
  await progress('boot two hosts a tier', async () => {
    await preview.manageGroup({ role: 'dashboard' }, 2);
    const hosts = await preview.call('hosts');
    for (const { id } of hosts.filter(({ lifecycle }) => lifecycle !== 'Terminated')) {
      await preview.signalled(id);
      await preview.inService(id);
    }
  });
  const way = new Way(new URL(preview.url), preview.ca, address);
  const visitor = new Member(way, preview.user, preview.ca, address);
  await visitor.login(preview.password);
  const { text } = await way.request('/auth/login/', {});
  const file = /(?:href|src)="(https:[^"]+\.(?:css|js))"/.exec(text)?.[1];
  must(file !== undefined, 'the login page refers to no file');
  const seconds = Number(values.seconds ?? (values.full === undefined ? 30 : 600));
  const stage = { preview, way, address, visitor, file: file ?? '', seconds };
  await whole(stage);
  return stage;
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const address = values.address ?? '127.0.0.1';
  await withStack(2, (template) => {
    hasten(template);
    return withPreview({ template, address, objectStore: true }, async (preview) => {
      const only = new RegExp(values.only ?? '');
      await preview.makeImages();
      await preview.start();
      await preview.manageGroup({ role: 'static' }, 2);
      for (const { id } of await preview.call('hosts')) {
        await preview.signalled(id);
      }
      if (only.test(FIRST)) {
        await check(FIRST, () => firstDeployment(preview));
      }
      const stage = await onStage(
        [BOOT, () => prepare(preview, address, values)],
        values.full === undefined ? SHORT : [...SHORT, ...FULL],
        values.only,
        (ready) => whole(ready),
      );
      stage?.visitor.close();
      stage?.way.close();
    });
  });
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'fault test',
    help: HELP,
    options: { full: 'boolean', seconds: 'string', only: 'string', address: 'string' },
    checks: [FIRST, BOOT, ...SHORT.map(([name]) => name)],
  },
  main,
);
