import { Checks, measure, must } from '../harness/checks';
import { asRoot, inUnit, Stage } from './stage';

/** What code that an attacker runs in a serving process gets. */
export const APPLICATION: Checks<Stage> = [
  ['code in a serving process does not reach the metadata service', metadata],
  ['code in the application reads no key and writes nothing that is served', files],
  ['code in the application sees no process but its own', processes],
];

const TOKEN =
  'curl -s -o /dev/null -m 4 -w "%{http_code}" -X PUT ' +
  '-H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token || true';

async function metadata(stage: Stage): Promise<void> {
  const [host] = stage.hosts;
  const [staticHost] = stage.staticHosts;
  const answer = await asRoot(stage, host, TOKEN);
  must(answer.trim() === '200', `root gets ${answer}: this shows nothing`);
  const serving = [
    [host, 'openstack-dashboard.service', 'horizon'],
    [host, 'openstack-dashboard-health.service', 'www-data'],
    [host, 'nginx.service', 'www-data'],
    [staticHost, 'nginx.service', 'www-data'],
  ] as const;
  for (const [on, unit, user] of serving) {
    const got = await inUnit(stage, on, unit, user, TOKEN);
    must(got.trim() === '000', `${unit} on ${on.name} gets ${got}`);
  }
  measure('units that serve requests, cut off from the metadata service', serving.length, '');
}

async function files(stage: Stage): Promise<void> {
  const [host] = stage.hosts;
  const script = [
    'for file in /etc/ssl/private/openstack-dashboard.key /etc/openstack-dashboard/host.env \\',
    '  /etc/shadow /proc/1/environ /root; do',
    '  [[ ! -r $file ]] || echo "reads $file"',
    'done',
    'for folder in /etc /usr /var/lib/openstack-dashboard/release /var/www /var/log /run /opt \\',
    '  /usr/local/lib/openstack-dashboard /var/lib/nginx /etc/openstack-dashboard; do',
    // Its own board, which only says what its workers do; sockets decide for themselves.
    '  find "$folder" -xdev -writable ! -type l ! -type s \\',
    '    ! -path "/run/openstack-dashboard-scoreboard*" 2>/dev/null |',
    '    sed "s/^/writes /" | head -n 3',
    'done',
    'echo done',
  ].join('\n');
  const said = await inUnit(stage, host, 'openstack-dashboard.service', 'horizon', script);
  must(said.trim().endsWith('done'), `it ended early: ${said}`);
  const bad = said.split('\n').filter((line) => /^(reads|writes) /.test(line));
  must(bad.length === 0, bad.join(', '));
}

async function processes(stage: Stage): Promise<void> {
  const [host] = stage.hosts;
  const script =
    'for p in /proc/[0-9]*; do echo "$(stat -c %U "$p") $(tr "\\0" " " <"$p/cmdline")"; done';
  const said = await inUnit(stage, host, 'openstack-dashboard.service', 'horizon', script);
  const others = said
    .split('\n')
    .filter(
      (line) => line !== '' && !/^(horizon|UNKNOWN) /.test(line) && !/No such file/.test(line),
    );
  must(/gunicorn/.test(said), `it does not see itself: ${said.slice(0, 300)}`);
  must(others.length === 0, `it sees ${others.slice(0, 4).join(' | ')}`);
}
