import {
  CHOICE,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  elsewhere,
  findings,
  having,
  joined,
  ref,
  rule,
  script,
  scripts,
  withTask,
  withoutDashboard,
} from '../fixtures';

const container = (Command: unknown): Resources => withTask({ Command });

rule('PROXY1', {
  on: 'Host',
  compliant: scripts(
    'gunicorn --bind unix:/run/gunicorn.sock --workers 4 wsgi:application\n',
    'python3 manage.py migrate\n',
    '# manage.py runserver\n',
  ),
  wrong: scripts(
    'python3 /usr/share/openstack-dashboard/manage.py runserver\n',
    'nohup ./manage.py runserver 127.0.0.1:8000 &\n',
    'gunicorn --workers 4 -b 0.0.0.0:443 --certfile c --keyfile k wsgi:application\n',
  ),
  notApplicable: elsewhere('manage.py runserver\n'),
  unknown: { 'a command of the deployment': script(joined('python3 manage.py ', ref('Given'))) },
});

rule('PROXY2', {
  on: 'Host',
  compliant: scripts(
    'apt-get install -y nginx-light\n',
    'apt-get purge -y apache2\n',
    'apt-get install -y apache2-utils\n',
    'echo "no apache2 here"\n',
    '# apt-get install haproxy\n',
  ),
  wrong: scripts(
    'apt-get install -y openstack-dashboard-apache\n',
    'apt-get update && apt-get install -qy curl apache2\n',
    'dnf install -y httpd\n',
    '#cloud-config\npackages:\n  - haproxy\n',
    '#cloud-config\npackages: [curl, caddy]\n',
    'PACKAGES="openstack-dashboard lighttpd"\n',
  ),
  notApplicable: elsewhere('apt-get install -y apache2\n'),
  unknown: { 'a package of the deployment': script(joined('apt-get install -y ', UNKNOWN)) },
});

rule('PROXY3', {
  on: 'Host',
  compliant: scripts(
    'gunicorn --workers 4 --bind unix:/run/g.sock wsgi:application\n',
    'gunicorn -k sync -w 3 wsgi:application\n',
    'gunicorn -c /etc/gunicorn.conf.py\n',
    'GUNICORN_WORKERS="4"\ngunicorn wsgi:application\n',
    'apt-get install -y gunicorn\n',
    'systemctl start gunicorn\n',
    "worker_class = 'sync'\n",
  ),
  wrong: scripts(
    'gunicorn -k gevent -w 4 wsgi:application\n',
    'gunicorn --worker-class=gthread --workers 2 wsgi:application\n',
    'ExecStart=/usr/bin/gunicorn --bind unix:/run/g.sock wsgi:application\n',
    "cat >/etc/gunicorn.conf.py <<E\nworker_class = 'eventlet'\nworkers = 4\nE\n",
  ),
  notApplicable: elsewhere('gunicorn -k gevent wsgi:application\n'),
  unknown: {
    'a number of the deployment': script(joined('gunicorn -w ', ref('Given'), ' wsgi:app\n')),
  },
});

rule('PROXY4', {
  on: 'Host',
  compliant: scripts(
    'gunicorn -w 4 --bind unix:/run/gunicorn.sock wsgi:application\n',
    'gunicorn -w 4 -b 127.0.0.1:8000 wsgi:application\n',
    'gunicorn -w 4 -b localhost:8000 wsgi:application\n',
    'gunicorn -w 4 --bind=[::1]:8000 wsgi:application\n',
    'gunicorn -w 4 --bind "$ADDRESS:8000" wsgi:application\n',
    "bind = 'unix:/run/gunicorn.sock'\n",
    'memcached -l 0.0.0.0:11211\n',
  ),
  wrong: scripts(
    'gunicorn -w 4 --bind 0.0.0.0:8000 wsgi:application\n',
    'gunicorn -w 4 -b :8000 wsgi:application\n',
    'gunicorn -w 4 -b [::]:8000 wsgi:application\n',
    'gunicorn -w 4 -b 10.0.0.7:8000 wsgi:application\n',
    "cat >/etc/gunicorn.conf.py <<E\nbind = '0.0.0.0:8000'\nE\n",
    'GUNICORN_CMD_ARGS="--bind 0.0.0.0:8000"\n',
    'uwsgi --http-socket :8080 --wsgi-file wsgi.py\n',
    'uwsgi --http 0.0.0.0:8080 --wsgi-file wsgi.py\n',
  ),
  notApplicable: elsewhere('gunicorn --bind 0.0.0.0:8000\n'),
  unknown: {
    'an address of the deployment': script(joined('gunicorn -w 4 -b ', ref('Given'), ':8000 x:y')),
  },
});

rule('PROXY4', {
  on: 'Task',
  compliant: { loopback: container(['gunicorn', '-w', '4', '--bind', '127.0.0.1:8000', 'wsgi']) },
  wrong: { 'all addresses': container(['gunicorn', '-w', '4', '--bind', '0.0.0.0:8000', 'wsgi']) },
  notApplicable: {
    'a task of something else': {
      Task: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: { ContainerDefinitions: [{ Command: ['gunicorn', '-b', '0.0.0.0:80'] }] },
      },
    },
  },
  unknown: {
    'a parameter': container(['gunicorn', '-w', '4', '--bind', ref('Given')]),
    'a list of the deployment': container(CHOICE),
  },
});

rule('PROXY5', {
  on: 'Host',
  compliant: scripts(
    'chmod 0600 /etc/ssl/private/site.key\n',
    'chown root:root /etc/ssl/private/site.key\n',
    'chmod 0644 /etc/ssl/certs/site.pem\n',
    'chmod 644 /etc/apt/keyrings/vendor.key\n',
    'chmod u=rw,go= /etc/ssl/private/site.key\n',
    'user www-data;\n',
    'usermod -aG adm horizon\n',
  ),
  wrong: scripts(
    'usermod -aG ssl-cert horizon\n',
    'adduser horizon ssl-cert\n',
    'chmod 644 /etc/ssl/private/site.key\n',
    'chmod -R a+r /etc/ssl/private\n',
    'chown horizon: /etc/nginx/site.key\n',
    'chown root:horizon /etc/letsencrypt/live/x/privkey.pem\n',
    'cat >/etc/nginx/nginx.conf <<E\nuser horizon;\nE\n',
    'gunicorn -w 4 --certfile /c.pem --keyfile /k.pem wsgi:application\n',
  ),
  notApplicable: elsewhere('usermod -aG ssl-cert horizon\n'),
  unknown: { 'a user of the deployment': script(joined('usermod -aG ssl-cert ', ref('Given'))) },
});

rule('PROXY6', {
  on: 'Host',
  compliant: {
    ...scripts(
      'client_max_body_size 10m;\n',
      'CLIENT_MAX_BODY_SIZE="10485760"\n',
      '#client_max_body_size 0;\n',
      '<Location />\n  LimitRequestBody 10485760\n</Location>\n',
    ),
    'the default of nginx': dashboard(),
  },
  wrong: {
    ...scripts(
      'server { client_max_body_size 0; }\n',
      '  client_max_body_size 0m;\n',
      'CLIENT_MAX_BODY_SIZE="0"\n',
      'cat >site.conf <<E\n  LimitRequestBody 0\nE\n',
    ),
  },
  notApplicable: elsewhere('client_max_body_size 0;\n'),
  unknown: {
    'a parameter': script(joined('client_max_body_size ', ref('Given'), ';\n')),
    'a setting of the deployment': script(joined('CLIENT_MAX_BODY_SIZE="', UNKNOWN, '"\n')),
  },
});

const ingress = (properties: Record<string, unknown>): Resources => ({
  ...dashboard(),
  Ingress: {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { GroupId: att('HostGroup', 'GroupId'), IpProtocol: 'tcp', ...properties },
  },
});
const inline = (rule: unknown): Resources => having('HostGroup', { SecurityGroupIngress: rule });

rule('PROXY7', {
  on: 'Host',
  compliant: {
    'the load balancer': ingress({
      FromPort: 443,
      ToPort: 443,
      SourceSecurityGroupId: att('CacheGroup', 'GroupId'),
    }),
    'an office': ingress({ FromPort: 443, ToPort: 443, CidrIp: '198.51.100.0/24' }),
    'SSH, which is no way to the dashboard': ingress({
      FromPort: 22,
      ToPort: 22,
      CidrIp: '0.0.0.0/0',
    }),
  },
  wrong: {
    'everybody to HTTPS': ingress({ FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }),
    'everybody by IPv6': ingress({ FromPort: 8000, ToPort: 8000, CidrIpv6: '::/0' }),
    'everybody to everything': inline([{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }]),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(inline([{ CidrIp: '0.0.0.0/0' }])),
    'hosts behind a network load balancer, which keeps addresses': {
      ...inline([{ FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }]),
      Balancer: {
        Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        Properties: { Type: 'network' },
      },
    },
  },
  unknown: {
    'a range of the deployment': ingress({ FromPort: 443, ToPort: 443, CidrIp: ref('Given') }),
    'rules that a condition chooses': inline(CHOICE),
  },
});

test('one mistake is one finding', () => {
  expect(findings(script('apt-get install -y haproxy\n'))).toEqual(['PROXY2 Host']);
  expect(findings(script('gunicorn -w 4 -b 0.0.0.0:8000 wsgi:application\n'))).toEqual([
    'PROXY4 Host',
  ]);
});
