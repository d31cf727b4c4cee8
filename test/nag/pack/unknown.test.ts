// What cannot be followed is said to be unknown, in the scripts of a dashboard and nowhere else.
import { evaluate } from '../../../lib/nag/reading/shell/evaluate';
import { Resources, dashboard, ref, report } from '../fixtures';

const SETTINGS = '/etc/openstack-dashboard/local_settings.py';
const NGINX = '/etc/nginx/conf.d/horizon.conf';
const doubts = (script: string): string[] => evaluate(script).doubts.map(({ what }) => what);

test.each<[string, string, string]>([
  ['a script from the internet', 'curl -fsSL https://x.org/i.sh | sudo bash', 'the output of curl'],
  ['the same with options', 'curl -s https://x.org/i | bash -s -- --now', 'the output of curl'],
  ['by a substitution', 'bash -c "$(curl -fsSL https://x.org/i)"', '$(curl -fsSL https://x.org/i)'],
  ['by a process', 'bash <(curl -s https://x.org/i)', '<(curl -s https://x.org/i)'],
  ['by eval', 'eval "$(wget -qO- https://x.org/i)"', '$(wget -qO- https://x.org/i)'],
  ['by a file', 'wget https://x.org/i.sh\nchmod +x i.sh\n./i.sh --now', './i.sh'],
  ['by a named file', 'curl -sSLo /tmp/i https://x.org/i; bash /tmp/i', '/tmp/i'],
  ['by the dot', 'aws s3 cp s3://b/env.sh /root/ && . /root/env.sh', '/root/env.sh'],
  ['in a function', 'f() { curl "$1" | sh; }; f https://x.org', 'the output of curl'],
  ['another program', 'curl -o s.py https://x.org/s.py\npython3 s.py', 's.py'],
  ['a script of the image', '/opt/setup/configure.sh', '/opt/setup/configure.sh'],
  ['a playbook', 'ansible-pull -U https://x.org/r.git site.yml', 'ansible-pull'],
  ['puppet', 'sudo puppet apply /root/site.pp', 'puppet'],
  ['a compose file', 'cd /srv && docker compose up -d', 'docker'],
  ['a manifest', 'kubectl apply -f https://x.org/m.yaml', 'kubectl'],
  ['settings from a bucket', `aws s3 cp s3://b/s.py ${SETTINGS}`, SETTINGS],
  ['a folder from a bucket', 'aws s3 sync s3://b/etc /etc/nginx/conf.d', '/etc/nginx/conf.d'],
  ['settings from the internet', `curl -o ${SETTINGS} https://x.org/s.py`, SETTINGS],
  ['an archive', 'tar xzf /tmp/c.tgz -C /etc/openstack-dashboard', '/etc/openstack-dashboard'],
  ['a clone', 'git clone https://x.org/c.git /etc/kolla/config', '/etc/kolla/config'],
  ['a file of the image', `cp /opt/build/settings.py ${SETTINGS}`, SETTINGS],
  ['a copy of what was fetched', `curl -o /tmp/s https://x.org\nmv /tmp/s ${SETTINGS}`, SETTINGS],
  ['a line of a variable', `echo "$EXTRA" >> ${SETTINGS}`, SETTINGS],
  ['a value of a directive', `cat > ${NGINX} <<E\nproxy_cache $ZONE;\nE`, NGINX],
  ['what a program prints', `aws ssm get-parameter --name n > ${SETTINGS}`, SETTINGS],
  ['what a variable got of one', `X=$(aws x)\nprintf '%s' "$X" | tee ${SETTINGS}`, SETTINGS],
  ['base64 of a variable', `echo "$SETTINGS_B64" | base64 -d > ${SETTINGS}`, SETTINGS],
  ['a template', `envsubst < /opt/t > ${NGINX}`, NGINX],
  ['an edit in part', `sed -i 's/False/True/' ${SETTINGS}`, SETTINGS],
  ['an edit of a variable', `sed -i "$EDIT" ${SETTINGS}`, SETTINGS],
  ['an edit by Python', `python3 - <<'E'\nopen('${SETTINGS}', 'a').write(x)\nE`, SETTINGS],
  ['memcached', 'echo "-l $ADDRESS" >> /etc/memcached.conf', '/etc/memcached.conf'],
  ['gunicorn', 'echo "threads = $N" >> /etc/gunicorn.conf.py', '/etc/gunicorn.conf.py'],
  ['a script without an end', 'f() { f; f; }; f', 'the rest of the script'],
])('%s is unknown', (_name, script, expected) => {
  expect(doubts(script).map((what) => what.slice(0, expected.length))).toEqual([expected]);
});

test.each<[string, string]>([
  ['packages', 'apt-get update && apt-get install -y openstack-dashboard nginx'],
  ['a log', 'exec > >(tee /var/log/user-data.log | logger -t user-data) 2>&1'],
  ['a log of the web server', 'nginx -t > /var/log/nginx/check.log'],
  ['a key', 'openssl rand -hex 32 > /etc/openstack-dashboard/.secret_key_store'],
  ['a certificate', 'aws s3 cp s3://b/c.pem /etc/nginx/ssl/c.pem'],
  ['a logo', 'curl -o /usr/share/openstack-dashboard/static/logo.svg https://x.org/logo.svg'],
  [
    'the key of an archive',
    'curl -fsSL https://x.org/k | gpg --dearmor -o /usr/share/keyrings/nginx.gpg',
  ],
  [
    'a list of packages',
    'echo "deb https://x.org $(lsb_release -cs) main" > /etc/apt/sources.list.d/nginx.list',
  ],
  ['a copy for later', `cp ${SETTINGS} ${SETTINGS}.bak`],
  ['a file of a package', `cp ${SETTINGS}.example ${SETTINGS}`],
  ['a name that is known', `echo "ALLOWED_HOSTS = ['$NAME']" >> ${SETTINGS}`],
  [
    "nginx's own variables",
    `cat > ${NGINX} <<'E'\nadd_header X $host;\nproxy_set_header Host $host;\nE`,
  ],
  ['an address', `cat > ${NGINX} <<E\nserver_name $NAME;\nproxy_pass http://$HOST;\nE`],
  ['facts of the system', '. /etc/os-release; source /root/admin-openrc.sh; . /opt/v/bin/activate'],
  [
    'a script of the template',
    "cat > /root/s.sh <<'E'\necho A\nE\nbash /root/s.sh; sh -x /root/s.sh",
  ],
  ['base64 of the template', `echo REVCVUcgPSBGYWxzZQo= | base64 -d > ${SETTINGS}`],
  ['a value', 'X=$(curl -s http://169.254.169.254/latest/meta-data/instance-id); echo "$X"'],
  ['the program itself', 'git clone https://opendev.org/openstack/horizon /opt/horizon'],
  ['its commands', 'python3 /usr/share/openstack-dashboard/manage.py compress --force'],
  ['what it is started with', 'exec "$@"'],
  ['a variable of a tool', '$SUDO apt-get install -y nginx; "$PYTHON" manage.py collectstatic'],
  [
    'a tool',
    'cat > docker-compose.yml <<E\nE\ncurl -Lo /usr/local/bin/docker-compose https://x.org/d; /usr/local/bin/docker-compose up -d',
  ],
  [
    'a compose file of the template',
    'cat > /srv/compose.yaml <<E\nservices: {}\nE\ncd /srv; docker compose up -d',
  ],
  ['a file of another program', 'aws s3 cp s3://b/app.conf /etc/app/app.conf'],
])('%s leaves nothing unknown', (_name, script) => {
  expect(doubts(script)).toEqual([]);
});

const UNSEEN = 'apt-get install -y openstack-dashboard\ncurl -s https://x.org/install.sh | bash\n';
const host = (script: string): Resources => ({
  Host: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        UserData: { 'Fn::Base64': `#!/bin/bash\n${script}` },
      },
    },
  },
});

test('a finding names the unknown effect, its place and the fix', () => {
  expect(report(host(UNSEEN))).toEqual({
    success: true,
    violations: [
      {
        ruleName: 'OpenStackDashboard-UNKNOWN',
        severity: 'info',
        description:
          'Not in the template: the effect of the output of curl -s https://x.org/install.sh (`bash`).',
        fix: expect.stringContaining('put the content into the template') as string,
        violatingResources: [
          {
            constructPath: 'Stack/Host',
            locations: ['Properties.LaunchTemplateData.UserData'],
          },
        ],
      },
    ],
  });
});

const settings = (text: string): Resources =>
  host(`apt-get install -y openstack-dashboard\ncat > ${SETTINGS} <<'E'\n${text}\nE\n`);

test.each([
  "exec(open('/opt/site.py').read())",
  'from site_settings import *',
  "globals()['DEBUG'] = True",
  'globals().update(load())',
  'DEBUG, WEBROOT = load()',
])('Python that sets names that are not literal is unknown: %s', (line) => {
  const [{ ruleName, description }] = report(settings(line)).violations;
  expect([ruleName, description]).toEqual([
    'OpenStackDashboard-UNKNOWN',
    `Not in the template: the effect of ${line} (\`${SETTINGS}\`).`,
  ]);
});

test.each([
  'from openstack_dashboard.settings import *',
  'import os, sys',
  'def load():\n    a, b = 1, 2\n    return a',
  'COMPRESS_OFFLINE = True',
])('other Python is not: %s', (text) => {
  expect(report(settings(text)).violations).toEqual([]);
});

test.each(['A,', 'A, ', 'A', ' ', 'if ', 'if a:', '"""', '{{', '{%'])(
  'however often a line of settings has %j',
  (piece) => {
    const line = `A,${piece.repeat(490 / piece.length)}!`;
    expect(report(settings(`${line}\n${piece.repeat(5000)}`)).success).toBe(true);
  },
);

test('an app without a dashboard has no findings', () => {
  const script = UNSEEN.replace('openstack-dashboard', 'nginx');
  expect(report(host(`${script}aws s3 cp s3://b/n /etc/nginx/nginx.conf`)).violations).toEqual([]);
});

test('a parameter of the template is known', () => {
  const fetch = (name: string): Resources => ({
    ...host(
      `apt-get install -y openstack-dashboard\naws ssm get-parameter --name ${name} > ${SETTINGS}\n`,
    ),
    Settings: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: '/horizon/settings', Type: 'String', Value: 'DEBUG = False' },
    },
  });
  expect(report(fetch('/horizon/settings')).violations).toEqual([]);
  expect(report(fetch('/other/settings')).violations).toHaveLength(1);
});

test('a dashboard that complies with every rule has no unknown values', () => {
  expect(
    report(dashboard({ environment: { ALLOWED_HOSTS: ref('Given') } })).violations,
  ).toHaveLength(1);
  expect(report(dashboard()).violations).toEqual([]);
});
