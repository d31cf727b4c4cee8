/** What a user does, for the recorder: pages, forms of Horizon, and calls of its JavaScript. */

/** A form of a page, by its address. What is not given stays as the page has it. */
export interface Form {
  readonly name: string;
  readonly open: string;
  readonly selector: string;
  readonly values: Record<string, string>;
}

/** A call of one of Horizon's API services in the browser. */
export interface Call {
  readonly name: string;
  readonly service: string;
  readonly call: string;
  /** `{ file }` is a file with this text. */
  readonly args: unknown[];
}

const ID = '9b1f6a52-6a52-4b1d-8c37-2f0f3c0a7d14';
const OTHER = '4c7e2d90-1b3a-4f58-9d26-7a8b9c0d1e2f';
const PASSWORD = 'correct horse battery staple';
const PUBLIC_KEY =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA+17IAqPzXy1Kx0m8mK3Zb8jT0hYqB3Xc5w== erika@laptop';

/** Pages whose addresses have more than a path. */
export const GETS: readonly { readonly name: string; readonly open: string }[] = [
  { name: 'log in again after the session', open: '/auth/login/?next=/project/instances/' },
  { name: 'a further page of instances', open: `/project/instances/?marker=${ID}` },
  { name: 'the previous page of instances', open: `/project/instances/?prev_marker=${ID}` },
  { name: 'another project', open: `/auth/switch/${ID.replaceAll('-', '')}/?next=/project/` },
];

/** A launch, as the wizard sends it, with some user data. */
function launch(userData: string): unknown[] {
  return [
    {
      availability_zone: 'nova',
      config_drive: false,
      user_data: userData,
      disk_config: 'AUTO',
      instance_count: 1,
      name: 'web-1',
      scheduler_hints: {},
      security_groups: [ID],
      create_volume_default: true,
      hide_create_volume: false,
      source_id: OTHER,
      flavor_id: '2',
      nics: [{ 'net-id': ID, 'v4-fixed-ip': '' }],
      key_name: 'laptop',
      meta: {},
    },
  ];
}

const CLOUD_CONFIG = `#cloud-config
packages:
  - nginx
write_files:
  - path: /etc/nginx/conf.d/status.conf
    content: |
      server { listen 8080; location /status { stub_status; } }
runcmd:
  - [systemctl, restart, nginx]
`;
const SCRIPT = `#!/bin/bash
set -e
apt-get update && apt-get install -y nginx curl
echo "$(hostname)" > /var/www/html/index.html
curl -s https://example.org/setup.sh | bash
cat /etc/passwd | cut -d: -f1
`;
const METADATA = `#!/bin/sh
INSTANCE=$(curl -s http://169.254.169.254/openstack/latest/meta_data.json)
echo "$INSTANCE" > /run/instance.json
`;
const SQL = `#!/bin/bash
mysql -e "CREATE DATABASE app; SELECT user, host FROM mysql.user WHERE 1=1 UNION SELECT 1, 2"
mysql -e "DROP USER ''@'localhost'"
`;
const PHP = `#!/bin/bash
echo '<?php phpinfo(); ?>' > /var/www/html/index.php
`;
const PAGE = `#!/bin/bash
cat > /var/www/html/index.html <<END
<html><head><script src="/app.js"></script></head><body onload="start()"></body></html>
END
`;

export const FORMS: readonly Form[] = [
  {
    name: 'allow SSH in a security group',
    open: `/project/security_groups/${ID}/add_rule/`,
    selector: 'form[action*="add_rule"]',
    values: {
      rule_menu: 'tcp',
      description: 'ssh from the office',
      port_or_range: 'port',
      port: '22',
      cidr: '203.0.113.0/24',
    },
  },
  {
    name: 'create a security group',
    open: '/project/security_groups/create/',
    selector: 'form[action*="security_groups/create"]',
    values: { name: 'web', description: 'HTTP and HTTPS; see https://wiki.example.org/net' },
  },
  {
    name: 'settings of the user',
    open: '/settings/',
    selector: 'form[action*="/settings/"]',
    values: { language: 'de', timezone: 'Europe/Berlin', pagesize: '50' },
  },
  {
    name: 'change the password',
    open: '/settings/password/',
    selector: 'form[action*="/settings/password"]',
    values: {
      current_password: PASSWORD,
      new_password: "Tr0ub4dor&3';--",
      confirm_password: "Tr0ub4dor&3';--",
    },
  },
  {
    name: 'allocate a floating IP address',
    open: '/project/floating_ips/allocate/',
    selector: 'form[action*="floating_ips/allocate"]',
    values: { description: 'for web-1' },
  },
  {
    name: 'create a volume',
    open: '/project/volumes/create/',
    selector: 'form[action*="volumes/create"]',
    values: { name: 'data', description: 'Mount at /var/lib/mysql' },
  },
];

export const CALLS: readonly Call[] = [
  {
    name: 'a policy check',
    service: 'policy',
    call: 'check',
    args: [
      {
        rules: [
          ['compute', 'os_compute_api:servers:create'],
          ['network', 'create_network'],
        ],
      },
    ],
  },
  {
    name: 'import a key pair',
    service: 'nova',
    call: 'createKeypair',
    args: [{ name: 'laptop', public_key: PUBLIC_KEY, key_type: 'ssh' }],
  },
  { name: 'delete a key pair', service: 'nova', call: 'deleteKeypair', args: ['laptop'] },
  { name: 'launch without user data', service: 'nova', call: 'createServer', args: launch('') },
  {
    name: 'launch with cloud-config',
    service: 'nova',
    call: 'createServer',
    args: launch(CLOUD_CONFIG),
  },
  {
    name: 'launch with a shell script',
    service: 'nova',
    call: 'createServer',
    args: launch(SCRIPT),
  },
  {
    name: 'launch with a script that reads metadata',
    service: 'nova',
    call: 'createServer',
    args: launch(METADATA),
  },
  {
    name: 'launch with a script that has SQL',
    service: 'nova',
    call: 'createServer',
    args: launch(SQL),
  },
  {
    name: 'launch with a script that has PHP',
    service: 'nova',
    call: 'createServer',
    args: launch(PHP),
  },
  { name: 'launch with a web page', service: 'nova', call: 'createServer', args: launch(PAGE) },
  {
    name: 'launch with long user data',
    service: 'nova',
    call: 'createServer',
    args: launch(`#cloud-config\nfqdn: web-1\n${'# A line of a long file\n'.repeat(1900)}`),
  },
  { name: 'stop an instance', service: 'nova', call: 'stopServer', args: [ID] },
  { name: 'delete an instance', service: 'nova', call: 'deleteServer', args: [ID] },
  { name: 'read the log of a console', service: 'nova', call: 'getConsoleLog', args: [ID, 100] },
  {
    name: 'change metadata of an instance',
    service: 'nova',
    call: 'editInstanceMetadata',
    args: [ID, { role: 'web', 'hw:boot': 'uefi' }, ['old']],
  },
  {
    name: 'create a server group',
    service: 'nova',
    call: 'createServerGroup',
    args: [{ name: 'web', policies: ['anti-affinity'] }],
  },
  {
    name: 'create a network',
    service: 'neutron',
    call: 'createNetwork',
    args: [{ name: 'inner', admin_state_up: true, shared: false }],
  },
  {
    name: 'create a subnet',
    service: 'neutron',
    call: 'createSubnet',
    args: [
      {
        network_id: ID,
        name: 'inner-4',
        ip_version: 4,
        cidr: '10.0.0.0/24',
        gateway_ip: '10.0.0.1',
        dns_nameservers: ['192.0.2.53'],
      },
    ],
  },
  {
    name: 'change a trunk',
    service: 'neutron',
    call: 'updateTrunk',
    args: [
      { id: ID, name: 'trunk' },
      { id: ID, name: 'trunk-1' },
    ],
  },
  {
    name: 'create an image from a URL',
    service: 'glance',
    call: 'createImage',
    args: [
      {
        name: 'cirros',
        source_type: 'url',
        image_url: 'http://203.0.113.7/cirros-0.6.2-x86_64-disk.img',
        visibility: 'private',
        container_format: 'bare',
        disk_format: 'qcow2',
        min_disk: 0,
        min_ram: 0,
        protected: false,
        kernel: '',
        ramdisk: '',
      },
    ],
  },
  {
    name: 'change an image',
    service: 'glance',
    call: 'updateImage',
    args: [
      { id: ID, name: 'debian-13', description: 'Built with mmdebstrap', visibility: 'shared' },
    ],
  },
  { name: 'delete an image', service: 'glance', call: 'deleteImage', args: [ID] },
  {
    name: 'change properties of an image',
    service: 'glance',
    call: 'editImageProps',
    args: [ID, { os_distro: 'debian', hw_qemu_guest_agent: 'yes' }, ['old']],
  },
  {
    name: 'create a volume in the wizard',
    service: 'cinder',
    call: 'createVolume',
    args: [{ name: 'data', description: '', size: 10, volume_type: 'ssd' }],
  },
  {
    name: 'create a container of objects',
    service: 'swift',
    call: 'createContainer',
    args: ['backups', false, 'default'],
  },
  {
    name: 'publish a container of objects',
    service: 'swift',
    call: 'setContainerAccess',
    args: ['backups', true],
  },
  {
    name: 'upload an object',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', 'notes/2026.txt', { file: 'Notes of a meeting\n' }],
  },
  {
    name: 'upload a configuration file',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', 'etc/nginx.conf', { file: 'worker_processes auto;\n' }],
  },
  {
    name: 'upload a hidden file',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', 'app/.env', { file: 'DATABASE=app\n' }],
  },
  {
    name: 'upload a log',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', 'var/log/app.log', { file: 'started\n' }],
  },
  {
    name: 'upload a dump of a database',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', 'app.sql', { file: 'SELECT * FROM users; DROP TABLE old;\n' }],
  },
  {
    name: 'upload into deep folders with Japanese names',
    service: 'swift',
    call: 'uploadObject',
    args: ['backups', `${'バックアップ/報告書の写し/'.repeat(10)}請求書.txt`, { file: '請求書\n' }],
  },
  {
    name: 'delete an object',
    service: 'swift',
    call: 'deleteObject',
    args: ['backups', 'notes/2026.txt'],
  },
  {
    name: 'copy an object',
    service: 'swift',
    call: 'copyObject',
    args: ['backups', 'notes/2026.txt', 'archive', 'notes/2026.txt'],
  },
];
