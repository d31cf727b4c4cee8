import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGINS_BY_NAME } from '../../lib/dashboard-hosts/horizon-plugin';

// Later tables have other facts
const [text] = readFileSync(join(__dirname, '../../docs/plugins.md'), 'utf8').split(
  '## Pages without the service',
);

test('the table of plugins is that of the code', () => {
  const rows = text
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+` /.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, name]) => name.replaceAll('`', ''))).toEqual(
    Object.keys(PLUGINS_BY_NAME).map((name) => name.toUpperCase().replaceAll('-', '_')),
  );
  Object.values(PLUGINS_BY_NAME).forEach((plugin, at) => {
    const [, , , name, ports, policies] = rows[at];
    expect(name).toBe(`\`${plugin.debianPackage}\``);
    expect(ports).toBe(plugin.apis.flatMap((api) => api.ports).join(', '));
    const services = plugin.policies.map(({ service }) => `\`${service}\``).join(', ');
    expect(services ? policies.split(': ')[0] : '').toBe(services);
  });
});
