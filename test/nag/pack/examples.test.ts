import { Source } from '../../../lib/nag/check/source';
import { EXAMPLES } from '../../../lib/nag/pack/examples';
import { RULES } from '../../../lib/nag/rules';
import { dashboard, verdict } from '../fixtures';

test('each rule has an example of the fix, and there are no others', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

/** Whether it is a part of a template. */
const resources = (example: string): boolean => /^[A-Z]\w+:/.test(example);
const FILES = '/etc/openstack-dashboard/local_settings.d/_9.py';

describe('an example complies with its rule', () => {
  const scripts = Object.entries(EXAMPLES).filter(([, example]) => !resources(example));
  test.each(scripts)('%s', (id, example) => {
    const written = /^[A-Z]\w+(\[|\s[+=])/.test(example)
      ? `cat > ${FILES} <<'E'\n${example}\nE\n`
      : example.includes(';')
        ? `cat > /etc/nginx/conf.d/dashboard.conf <<'E'\nserver {\n${example}\n}\nE\n`
        : example;
    const host = dashboard({ script: `#!/bin/bash\n${written}` });
    const props = { dashboardNames: ['dashboard.example.org'] };
    expect(verdict(id, 'Host', host, props) ?? []).toEqual([]);
  });

  test.each(Object.entries(EXAMPLES).filter(([, example]) => resources(example)))(
    '%s is YAML of a template',
    (_id, example) => {
      const { value } = Source.parse('example', example);
      expect(Object.keys(value as object).length).toBeGreaterThan(0);
    },
  );
});
