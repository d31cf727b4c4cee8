import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { file, HeldOut, instance, LOCAL_SETTINGS as F, onHosts, settings, withScript } from './kit';

const sh = (
  name: string,
  mechanism: string,
  wants: string[],
  script: string,
  unknownIsFine?: true,
): HeldOut => ({
  name: `shell: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: withScript(script),
});

const raw = String.raw;

/** Settings that a script spoils after it has written them. */
export const WRONG_SHELL: readonly HeldOut[] = [
  sh(
    'sed with | as delimiter',
    'sed -i',
    ['SETTINGS1'],
    `sed -i -e 's|^DEBUG = False|DEBUG = True|' ${F}`,
  ),
  sh(
    'sed changes a whole line',
    'sed -i c',
    ['SETTINGS3'],
    raw`sed -i "/^ALLOWED_HOSTS/c\ALLOWED_HOSTS = ['*']" ${F}`,
  ),
  sh(
    'sed appends after the last line',
    'sed -i a',
    ['SETTINGS4'],
    raw`sed -i '$ a SESSION_COOKIE_SECURE = False' ${F}`,
  ),
  sh(
    'sed inserts after a match',
    'sed -i a',
    ['SETTINGS1'],
    raw`sed -i '/^DEBUG = False/a DEBUG = True' ${F}`,
  ),
  sh(
    'sed -E with a group',
    'sed -i -E',
    ['SETTINGS5'],
    raw`sed -i -E 's/^(CSRF_COOKIE_SECURE)[[:space:]]*=.*$/\1 = False/' ${F}`,
  ),
  sh(
    'sed with an address before the substitution',
    'sed -i',
    ['SETTINGS5'],
    `sed -e '/^CSRF_COOKIE_SECURE/ s/.*/CSRF_COOKIE_SECURE = False/' -i ${F}`,
  ),
  sh(
    'sed with several commands in one script',
    'sed -i',
    ['SETTINGS7', 'SETTINGS9'],
    `sed -i 's/^TIME_ZONE.*/TIME_ZONE = "Asia\\/Shanghai"/; s/^DISALLOW_IFRAME_EMBED.*/DISALLOW_IFRAME_EMBED = False/' ${F}`,
  ),
  sh(
    'sed on a file named by a variable',
    'variables',
    ['SETTINGS1'],
    `conf=/etc/openstack-dashboard/local_settings.py\nsed --in-place=.orig "s/^DEBUG =.*/DEBUG = True/" "$conf"`,
  ),
  sh(
    'sed -f with a script from a here-document',
    'sed -f',
    ['SETTINGS3'],
    `cat > /root/edit.sed <<'EOF'\ns/^ALLOWED_HOSTS = .*/ALLOWED_HOSTS = ['*', ]/\nEOF\nsed -i -f /root/edit.sed ${F}`,
    true,
  ),
  sh(
    'sed into another file that is moved back',
    'sed > and mv',
    ['SETTINGS1'],
    `sed 's/^DEBUG = .*/DEBUG = True/' ${F} > /tmp/ls.new\nmv /tmp/ls.new ${F}`,
  ),
  sh(
    'sed takes a value from a variable',
    'sed with variables',
    ['HTTPS5'],
    `KEYSTONE_HOST=10.0.1.20\nsed -i "s#^OPENSTACK_KEYSTONE_URL = .*#OPENSTACK_KEYSTONE_URL = 'http://$KEYSTONE_HOST:5000/v3'#" ${F}`,
  ),
  sh(
    'a function sets a key',
    'functions',
    ['SETTINGS6'],
    `set_option() {\n  local key=$1 value=$2\n  sed -i "s|^$key = .*|$key = $value|" ${F}\n}\nset_option TIME_ZONE "'Europe/Paris'"\nset_option SESSION_COOKIE_HTTPONLY False`,
  ),
  sh(
    'a function appends its arguments',
    'functions',
    ['SETTINGS1'],
    `function append_setting {\n  echo "$1 = $2" >> "$SETTINGS_FILE"\n}\nSETTINGS_FILE=${F}\nappend_setting DEBUG True`,
  ),
  sh(
    'a loop over names of settings',
    'loops',
    ['SETTINGS4', 'SETTINGS5'],
    `for key in SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE; do\n  sed -i "s/^\${key} = True/\${key} = False/" ${F}\ndone`,
  ),
  sh(
    'a loop over an array of lines',
    'arrays',
    ['SETTINGS9'],
    `extra=(\n  "DROPDOWN_MAX_ITEMS = 30"\n  "ENFORCE_PASSWORD_CHECK = False"\n)\nfor line in "\${extra[@]}"; do echo "$line" >> ${F}; done`,
    true,
  ),
  sh(
    'while read over a here-document',
    'while read',
    ['SETTINGS1'],
    `while read -r key value; do\n  echo "$key = $value" >> ${F}\ndone <<'EOF'\nDEBUG True\nAPI_RESULT_LIMIT 500\nEOF`,
    true,
  ),
  sh(
    'sudo tee -a with a here-document',
    'tee -a',
    ['SETTINGS7'],
    `sudo tee -a ${F} > /dev/null <<EOF\nDISALLOW_IFRAME_EMBED = False\nEOF`,
  ),
  sh(
    'tee --append at the end of a pipe',
    'tee -a',
    ['SETTINGS1'],
    `echo "DEBUG = True" | sudo tee --append ${F}`,
  ),
  sh('tee -a with a here-string', 'here-strings', ['SETTINGS1'], `tee -a ${F} <<< "DEBUG = True"`),
  sh(
    'a here-document indented with tabs',
    '<<-',
    ['SETTINGS8'],
    `if true; then\n\tcat >> ${F} <<-EOF\n\tCOMPRESS_ENABLED = True\n\tCOMPRESS_OFFLINE = False\n\tEOF\nfi`,
  ),
  sh(
    'a group of commands with one redirection',
    '{ …; } >>',
    ['SETTINGS9'],
    `{\n  echo "# site"\n  echo "ENFORCE_PASSWORD_CHECK = False"\n} >> ${F}`,
  ),
  sh(
    'a subshell with one redirection',
    '( … ) >>',
    ['SETTINGS1'],
    `(echo; echo 'DEBUG = True') >> ${F}`,
  ),
  sh(
    'printf repeats its format',
    'printf',
    ['SETTINGS4'],
    raw`printf '%s\n' 'SESSION_TIMEOUT = 7200' 'SESSION_COOKIE_SECURE = False' >> ${F}`,
  ),
  sh(
    'printf with a name and a value',
    'printf',
    ['SETTINGS1'],
    raw`printf '%s = %s\n' DEBUG True >> ${F}`,
  ),
  sh(
    'echo -e with line breaks',
    'echo -e',
    ['SETTINGS10'],
    raw`echo -e "\n# company\nHORIZON_CONFIG['disable_password_reveal'] = False\n" >> ${F}`,
  ),
  sh(
    'cd and a relative name',
    'cd',
    ['SETTINGS3'],
    `cd /etc/openstack-dashboard/\nsed -i "s/^ALLOWED_HOSTS.*/ALLOWED_HOSTS = ['example.org', '*']/" local_settings.py`,
  ),
  sh(
    'pushd and a relative name',
    'pushd',
    ['SETTINGS1'],
    `pushd /etc/openstack-dashboard\necho 'DEBUG = True' >> local_settings.py\npopd`,
    true,
  ),
  sh(
    'installed from a draft',
    'install',
    ['SETTINGS1'],
    `cp ${F} /root/draft.py\necho 'DEBUG = True' >> /root/draft.py\ninstall -o root -g horizon -m 0640 /root/draft.py ${F}`,
  ),
  sh(
    'files put together with cat',
    'cat a b >',
    ['SETTINGS3'],
    `cp ${F} /root/a.py\necho "ALLOWED_HOSTS = ['.example.org']" > /root/b.py\ncat /root/a.py /root/b.py > ${F}`,
  ),
  sh(
    'base64 in the script',
    'base64 -d',
    ['SETTINGS1'],
    `echo '${Buffer.from('\nDEBUG = True\n').toString('base64')}' | base64 -d >> ${F}`,
    true,
  ),
  sh('perl -pi -e', 'perl', ['SETTINGS1'], `perl -pi -e 's/^DEBUG = .*/DEBUG = True/' ${F}`),
  sh(
    'perl -i.bak -pe with braces',
    'perl',
    ['SETTINGS3'],
    raw`perl -i.bak -pe 's{^ALLOWED_HOSTS\s*=.*}{ALLOWED_HOSTS = ["*"]}' ${F}`,
  ),
  sh(
    'ex in silent mode',
    'ex',
    ['SETTINGS1'],
    `ex -s -c '%s/^DEBUG = .*/DEBUG = True/' -c 'x' ${F}`,
    true,
  ),
  sh(
    'ed with a here-document',
    'ed',
    ['SETTINGS1'],
    `ed -s ${F} <<'EOF'\n/^DEBUG/c\nDEBUG = True\n.\nw\nq\nEOF`,
    true,
  ),
  sh(
    'python rewrites the file',
    'python3 - <<',
    ['SETTINGS1'],
    `python3 - <<'PY'\nfrom pathlib import Path\np = Path('${F}')\np.write_text(p.read_text().replace('DEBUG = False', 'DEBUG = True'))\nPY`,
    true,
  ),
  sh(
    'python3 -c appends',
    'python3 -c',
    ['SETTINGS1'],
    `python3 -c "open('${F}', 'a').write('DEBUG = True')"`,
    true,
  ),
  sh(
    'awk into another file',
    'awk',
    ['SETTINGS1'],
    `awk '/^DEBUG/ {print "DEBUG = True"; next} {print}' ${F} > /tmp/x && cat /tmp/x > ${F}`,
    true,
  ),
  sh(
    'patch',
    'patch',
    ['SETTINGS1'],
    `patch -d /etc/openstack-dashboard -p0 <<'EOF'\n--- local_settings.py\n+++ local_settings.py\n@@ -2 +2 @@\n-DEBUG = False\n+DEBUG = True\nEOF`,
    true,
  ),
  sh(
    'envsubst over a template',
    'envsubst',
    ['SETTINGS3'],
    `export HOSTS="['*']"\necho 'ALLOWED_HOSTS = $HOSTS' > /root/t.py\nenvsubst < /root/t.py >> ${F}`,
    true,
  ),
  sh(
    'ansible ad hoc lineinfile',
    'ansible',
    ['SETTINGS1'],
    `ansible localhost -b -m lineinfile -a "path=${F} regexp='^DEBUG' line='DEBUG = True'"`,
    true,
  ),
  sh(
    'a playbook written by the script',
    'ansible-playbook',
    ['SETTINGS3'],
    `cat > /root/site.yml <<'EOF'\n- hosts: localhost\n  tasks:\n    - ansible.builtin.lineinfile:\n        path: ${F}\n        regexp: '^ALLOWED_HOSTS'\n        line: "ALLOWED_HOSTS = ['*']"\nEOF\nansible-playbook -c local /root/site.yml`,
    true,
  ),
  sh(
    'only if grep finds nothing',
    'if',
    ['SETTINGS8'],
    `if ! grep -q '^COMPRESS_OFFLINE = False' ${F}; then\n  echo 'COMPRESS_OFFLINE = False' >> ${F}\nfi`,
  ),
  sh(
    'grep && sed || echo',
    '&& ||',
    ['SETTINGS1'],
    `grep -q '^DEBUG' ${F} && sed -i 's/^DEBUG.*/DEBUG = True/' ${F} || echo 'DEBUG = True' >> ${F}`,
  ),
  sh(
    'a default of a parameter expansion',
    '${x:-…}',
    ['SETTINGS3'],
    `cat >> ${F} <<EOF\nALLOWED_HOSTS = ['\${DASHBOARD_HOST:-*}']\nEOF`,
  ),
  sh(
    'a default assigned with :=',
    '${x:=…}',
    ['SETTINGS1'],
    `: "\${HORIZON_DEBUG:=True}"\necho "DEBUG = $HORIZON_DEBUG" >> ${F}`,
  ),
  sh(
    'variables of a file that is sourced',
    'source',
    ['SETTINGS3'],
    `cat > /root/params.sh <<'EOF'\nexport HOSTS="*"\nEOF\n. /root/params.sh\necho "ALLOWED_HOSTS = ['$HOSTS']" >> ${F}`,
  ),
  sh(
    'a script written and then run',
    'bash script',
    ['SETTINGS1'],
    `cat > /root/fix.sh <<'EOF'\n#!/bin/sh\nsed -i 's/^DEBUG.*/DEBUG = True/' ${F}\nEOF\nchmod +x /root/fix.sh\n/root/fix.sh`,
  ),
  sh('sudo bash -c', 'bash -c', ['SETTINGS1'], `sudo bash -c "echo 'DEBUG = True' >> ${F}"`),
  sh('su -c', 'su -c', ['SETTINGS1'], `su - root -s /bin/sh -c "echo 'DEBUG = True' >> ${F}"`),
  sh(
    'a piece of local_settings.d',
    'local_settings.d',
    ['SETTINGS1'],
    `mkdir -p /usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d\necho 'DEBUG = True' > /usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d/_2000-site.py`,
  ),
  sh(
    'settings behind a symbolic link',
    'ln -s',
    ['SETTINGS12'],
    `mkdir -p /opt/site\n${file('/opt/site/horizon.py', "HORIZON_CONFIG['password_validator'] = {'regex': '.*', 'help_text': ''}")}ln -sf /opt/site/horizon.py /usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d/_900-site.py`,
    true,
  ),
  sh(
    'the CSRF middleware deleted from settings.py',
    'sed d',
    ['SETTINGS15'],
    `sed -i '/CsrfViewMiddleware/d' /usr/share/openstack-dashboard/openstack_dashboard/settings.py`,
  ),
  sh(
    'a download in place of the settings',
    'curl -o',
    [],
    `curl -fsSL https://config.example.org/local_settings.py -o ${F}`,
    true,
  ),
  sh(
    'settings synced from a bucket',
    'aws s3',
    [],
    `aws s3 sync s3://site-config/openstack-dashboard/ /etc/openstack-dashboard/`,
    true,
  ),
  sh(
    'a script from the web is run',
    'curl | bash',
    [],
    'curl -fsSL https://config.example.org/horizon.sh | bash -s -- --site example',
    true,
  ),
  sh(
    'a script from a bucket is run',
    'aws s3 cp',
    [],
    'aws s3 cp s3://site-config/horizon.sh /root/horizon.sh\nbash /root/horizon.sh',
    true,
  ),
  {
    name: 'shell: settings of Red Hat, without .py',
    mechanism: 'file names',
    wants: ['SETTINGS3'],
    build: (stack) => {
      instance(
        stack,
        `#!/bin/bash\ndnf install -y openstack-dashboard\nsed -i.orig -e "s/^ALLOWED_HOSTS = .*/ALLOWED_HOSTS = ['*']/" /etc/openstack-dashboard/local_settings\nsystemctl reload httpd`,
      );
    },
  },
  {
    name: 'shell: a git checkout with its example of settings',
    mechanism: 'git install',
    wants: ['SETTINGS1', 'SETTINGS3'],
    build: (stack) => {
      instance(
        stack,
        `#!/bin/bash -ex
git clone -b stable/2025.1 https://opendev.org/openstack/horizon /opt/horizon
cd /opt/horizon
python3 -m venv venv && . venv/bin/activate
pip install -c https://releases.openstack.org/constraints/upper/2025.1 . gunicorn
cp openstack_dashboard/local/local_settings.py.example openstack_dashboard/local/local_settings.py
sed -i "s/^DEBUG = .*/DEBUG = True/; s/^#ALLOWED_HOSTS = .*/ALLOWED_HOSTS = ['*']/" openstack_dashboard/local/local_settings.py`,
      );
    },
  },
  {
    name: 'shell: settings in the folder of a package from pip',
    mechanism: 'pip install',
    wants: ['SETTINGS1'],
    build: (stack) => {
      instance(
        stack,
        `#!/bin/bash
pip3 install horizon gunicorn
SITE=$(python3 -c 'import openstack_dashboard, os; print(os.path.dirname(openstack_dashboard.__file__))')
cat > "$SITE/local/local_settings.py" <<'EOF'
DEBUG = True
OPENSTACK_KEYSTONE_URL = 'https://keystone.example.org:5000/v3'
EOF`,
      );
    },
  },
  {
    name: 'shell: the second part of a multipart user data',
    mechanism: 'multipart',
    wants: ['SETTINGS1'],
    build: (stack) => {
      const multipart = new ec2.MultipartUserData();
      multipart.addUserDataPart(
        ec2.UserData.custom('#!/bin/bash\napt-get install -y openstack-dashboard'),
      );
      multipart.addUserDataPart(ec2.UserData.custom(`#!/bin/bash\necho "DEBUG = True" >> ${F}`));
      new ec2.LaunchTemplate(stack, 'Template', { userData: multipart, requireImdsv2: true });
    },
  },
  {
    name: 'shell: commands of addCommands, one by one',
    mechanism: 'UserData.forLinux',
    wants: ['SETTINGS4'],
    build: (stack) => {
      const userData = ec2.UserData.forLinux();
      userData.addCommands(
        'yum install -y openstack-dashboard',
        `cat > /root/s.py <<'EOF'`,
        'SESSION_COOKIE_SECURE = False',
        'EOF',
      );
      userData.addCommands('cat /root/s.py >> /etc/openstack-dashboard/local_settings');
      new ec2.LaunchTemplate(stack, 'Template', { userData, requireImdsv2: true });
    },
  },
  {
    name: 'shell: cloud-config writes the settings in base64',
    mechanism: 'cloud-config write_files',
    wants: ['SETTINGS3'],
    build: (stack) => {
      instance(
        stack,
        `#cloud-config
packages: [openstack-dashboard]
write_files:
  - path: ${F}
    owner: root:horizon
    permissions: '0640'
    encoding: b64
    content: ${Buffer.from("OPENSTACK_KEYSTONE_URL = 'https://k.example.org:5000/v3'\nALLOWED_HOSTS = ['*']\n").toString('base64')}
`,
      );
    },
  },
  {
    name: 'shell: cloud-config appends to the settings',
    mechanism: 'cloud-config append',
    wants: ['SETTINGS1'],
    build: (stack) => {
      instance(
        stack,
        `#cloud-config
package_update: true
packages:
  - [openstack-dashboard, 4:25.3.0-1]
write_files:
- path: ${F}
  append: true
  defer: true
  content: |
    DEBUG = True
`,
      );
    },
  },
  {
    name: 'shell: cloud-config runs a line',
    mechanism: 'cloud-config runcmd',
    wants: ['SETTINGS3'],
    build: (stack) => {
      instance(
        stack,
        `#cloud-config
packages:
  - openstack-dashboard
runcmd:
  - echo "ALLOWED_HOSTS = ['*']" >> ${F}
  - systemctl reload apache2
`,
      );
    },
  },
  {
    name: 'shell: cloud-config runs a list of words',
    mechanism: 'cloud-config runcmd',
    wants: ['SETTINGS1'],
    build: (stack) => {
      instance(
        stack,
        `#cloud-config
packages: ['openstack-dashboard']
runcmd:
 - [ sed, -i, 's/^DEBUG = False/DEBUG = True/', ${F} ]
 - [ sh, -xc, "echo 'DEBUG = True' >> ${F}" ]
`,
      );
    },
  },
  {
    name: 'shell: the settings come from a heredoc inside a function',
    mechanism: 'functions with here-documents',
    wants: ['SETTINGS1'],
    build: (stack) => {
      onHosts(stack, {
        script: (_, cache) => `#!/usr/bin/env bash
apt-get -qqy install openstack-dashboard
CONF_DIR=/etc/openstack-dashboard
debug=True
write_settings() {
cat <<EOF
${settings(cache).replace('DEBUG = False', 'DEBUG = $debug')}
EOF
}
write_settings > "$CONF_DIR/local_settings.py"
`,
      });
    },
  },
];
