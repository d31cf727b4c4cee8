import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../../lib/nag/check/check';
import { Source } from '../../../lib/nag/check/source';
import { RIGHT } from '../matrix/right';
import { Case } from '../matrix/stacks';
import { CONSTRUCTS } from '../matrix/wrong-constructs';
import { PLAIN } from '../matrix/wrong-plain';

/** The rules that the command finds broken in what an app synthesises. */
function broken({ apps, props = {} }: Case): string[] {
  const folder = Object.values(apps)[0]().synth().directory;
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => Source.parse(file, readFileSync(join(folder, file), 'utf8')));
  const { findings } = check(sources, {
    names: {
      dashboards: props.dashboardNames ?? [],
      memcachedClusters: props.memcachedClusterNames ?? [],
      imageUploadPlan: props.imageUploadPlan,
      privateCaTrust: props.privateCaTrust,
    },
    parameters: new Map(),
    acknowledgements: [],
  });
  const wrong = findings
    .filter(({ level }) => level !== 'info')
    .map(({ file, resource, ruleId }) => `${ruleId} ${file} ${resource}`);
  return [...new Set(wrong)]
    .map((each) => each.replace(/^OpenStackDashboard-(\S+) .*$/, '$1'))
    .sort();
}

test.each([...PLAIN, ...CONSTRUCTS, ...RIGHT].map((each) => [each.name, each] as const))(
  'the template of an app says what the app says: %s',
  (_name, each) => {
    expect(broken(each)).toEqual(each.deserves.map((one) => one.split(' ')[0]).sort());
  },
);
