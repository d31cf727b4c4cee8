import {
  CHOICE,
  Resources,
  dashboard,
  elsewhere,
  findings,
  joined,
  ref,
  rule,
  script,
  scripts,
} from '../fixtures';

const SETTINGS = '/etc/openstack-dashboard/local_settings.py';
const cloudConfig = (entry: string): string =>
  `#cloud-config\nwrite_files:\n  - path: ${SETTINGS}\n${entry}    content: ''\nruncmd:\n  - ls\n`;
const init = (file: unknown, path = SETTINGS): Resources => {
  const resources = dashboard();
  return {
    ...resources,
    Host: {
      ...resources.Host,
      Metadata: {
        ...resources.Host.Metadata,
        'AWS::CloudFormation::Init': { config: { files: { [path]: file } } },
      },
    },
  };
};

rule('FILES1', {
  on: 'Host',
  compliant: {
    ...scripts(
      `chown root:horizon ${SETTINGS}\n`,
      'chown -R root:root /etc/openstack-dashboard\n',
      `chgrp horizon ${SETTINGS}\n`,
      'chown -R horizon:horizon /var/lib/openstack-dashboard\n',
      `install -m 0640 -o root -g horizon local_settings.py ${SETTINGS}\n`,
      `# chown www-data ${SETTINGS}\n`,
      'chown "$OWNER" /etc/openstack-dashboard\n',
      cloudConfig('    owner: root:horizon\n'),
    ),
    'root and horizon by cfn-init': init({ owner: 'root', group: 'horizon' }),
    'another file by cfn-init': init({ owner: 'www-data' }, '/etc/motd'),
  },
  wrong: {
    ...scripts(
      `chown horizon:horizon ${SETTINGS}\n`,
      'chown -R www-data /etc/openstack-dashboard\n',
      `cp x ${SETTINGS} && chown root:www-data ${SETTINGS}\n`,
      'chgrp -R adm /etc/openstack-dashboard\n',
      `install -o horizon -g horizon local_settings.py ${SETTINGS}\n`,
      cloudConfig('    owner: www-data:www-data\n'),
    ),
    'another by cfn-init': init({ owner: 'horizon', group: 'horizon' }),
  },
  notApplicable: elsewhere(`chown www-data ${SETTINGS}\n`),
  unknown: {
    'a parameter': script(joined('chown ', ref('Given'), ` ${SETTINGS}\n`)),
    'what a condition chooses': init({ owner: CHOICE, group: 'horizon' }),
    'a file that a condition chooses': init(CHOICE),
  },
});

rule('FILES2', {
  on: 'Host',
  compliant: {
    ...scripts(
      `chmod 0640 ${SETTINGS}\n`,
      `chmod 600 ${SETTINGS}\n`,
      'chmod 0750 /etc/openstack-dashboard\n',
      `chmod u=rw,g=r,o= ${SETTINGS}\n`,
      `chmod o-rwx ${SETTINGS}\n`,
      'chmod 0755 /var/lib/openstack-dashboard\n',
      `install -m 0640 local_settings.py ${SETTINGS}\n`,
      `# chmod 777 ${SETTINGS}\n`,
      cloudConfig("    permissions: '0640'\n"),
    ),
    '0640 by cfn-init': init({ mode: '000640' }),
    'another file by cfn-init': init({ mode: '000644' }, '/etc/motd'),
  },
  wrong: {
    ...scripts(
      `chmod 644 ${SETTINGS}\n`,
      `chmod 0660 ${SETTINGS}\n`,
      'chmod -R 777 /etc/openstack-dashboard\n',
      'chmod -R a+r /etc/openstack-dashboard\n',
      `chmod +r ${SETTINGS}\n`,
      `chmod g+w ${SETTINGS}\n`,
      'chmod -R u=rwX,go=rX /etc/openstack-dashboard\n',
      `install -m 0644 local_settings.py ${SETTINGS}\n`,
      cloudConfig("    permissions: '0644'\n"),
      `#cloud-config\nwrite_files:\n  - permissions: "0666"\n    path: ${SETTINGS}\n`,
    ),
    '0644 by cfn-init': init({ mode: '000644' }),
  },
  notApplicable: elsewhere(`chmod 777 ${SETTINGS}\n`),
  unknown: {
    'a parameter': script(joined('chmod ', ref('Given'), ` ${SETTINGS}\n`)),
    'what a condition chooses': init({ mode: CHOICE }),
  },
});

test('an owner and a mode are two findings', () => {
  expect(findings(script(`install -m 0644 -o horizon x.py ${SETTINGS}\n`))).toEqual([
    'FILES1 Host',
    'FILES2 Host',
  ]);
});
