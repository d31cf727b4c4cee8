"""Fills the preview's cloud: what an operator offers to all, and what one user made in each project.

usage: populate.py keystone|cloud KEYSTONE PASSWORD"""
import base64
import io
import struct
import sys

import openstack
from start import PORTS, start

PREVIEW = 'preview'
# the URL of each service as Keystone's catalog has it, and as it is here
CATALOG = {'nova': ('compute', '/v2.1'), 'glance': ('image', ''), 'neutron': ('network', ''),
           'cinder': ('volumev3', '/v3/%(project_id)s'), 'placement': ('placement', ''),
           'swift': ('object-store', '/v1/AUTH_%(project_id)s')}
PROJECTS = ['demo', 'research', 'web shop']
FLAVORS = [('m1.tiny', 1, 512, 1), ('m1.small', 1, 2048, 20), ('m1.medium', 2, 4096, 40),
           ('m1.large', 4, 8192, 80), ('c1.large', 8, 4096, 20), ('r1.large', 2, 32768, 40)]
IMAGES = [('cirros-0.6.3', 1, 2), ('debian-13', 3, 12), ('ubuntu-24.04', 4, 16),
          ('rocky-9', 10, 14), ('windows-2025', 40, 30)]
SERVERS = [('web-1', 'm1.small', 'debian-13', 'web'), ('web-2', 'm1.small', 'debian-13', 'web'),
           ('jump', 'm1.tiny', 'cirros-0.6.3', 'web'), ('database-1', 'm1.large', 'rocky-9', 'data')]
OBJECTS = {'backups': {'2026-10-01.sql': 'insert', '2026-11-01.sql': 'insert'},
           'website': {'index.html': '<p>hello</p>', 'assets/site.css': 'p {}'}}


def qcow2(gibibytes, mebibytes):
    """An empty image in QEMU's format, of which most is a hole.

    https://www.qemu.org/docs/master/interop/qcow2.html"""
    header = struct.pack('>4sIQIIQIIQQIIQQQQII', b'QFI\xfb', 3, 0, 0, 16, gibibytes << 30, 0, 1,
                         3 << 16, 1 << 16, 1, 0, 0, 0, 0, 0, 4, 104)
    return io.BytesIO(header.ljust(mebibytes << 20, b'\0'))


class Cloud:
    def __init__(self, keystone, password):
        self.keystone, self.password = keystone, password
        self.admin = self.connect('admin', 'admin')

    def connect(self, user, project, project_id=None):
        overrides = {}
        for name, (kind, path) in CATALOG.items():
            kind = 'block_storage' if name == 'cinder' else kind.replace('-', '_')
            path = path % {'project_id': project_id} if project_id else path.split('/%')[0]
            overrides[f'{kind}_endpoint_override'] = f'http://127.0.0.1:{PORTS[name]}{path}'
        return openstack.connect(
            load_envvars=False, load_yaml_config=False, region_name=PREVIEW,
            auth={'auth_url': self.keystone, 'username': user, 'password': self.password,
                  'project_name': project, 'user_domain_id': 'default',
                  'project_domain_id': 'default'},
            identity_endpoint_override=self.keystone, **overrides)

    def fill_keystone(self):
        identity = self.admin.identity
        for name, (kind, path) in CATALOG.items():
            service = identity.create_service(name=name, type=kind)
            for interface in ('public', 'internal', 'admin'):
                identity.create_endpoint(
                    service_id=service.id, region_id=PREVIEW, interface=interface,
                    url=f'https://{name}.cloud.internal:{PORTS[name]}{path}')
        roles = {role.name: role for role in identity.roles()}
        services = identity.create_project(domain_id='default', name='service',
                                           description='of the services')
        user = identity.create_user(domain_id='default', name='cloud', password=self.password)
        for role in ('admin', 'service'):
            identity.assign_project_role_to_user(services, user, roles[role])
        demo = identity.create_user(domain_id='default', name='demo', password=self.password,
                                    description='a user of the preview')
        for name in PROJECTS:
            project = identity.create_project(domain_id='default', name=name,
                                              description=f'the preview’s project {name}')
            for role in ('admin', 'member'):
                identity.assign_project_role_to_user(project, demo, roles[role])

    def offer(self):
        """What all projects have."""
        for name, cores, memory, disk in FLAVORS:
            self.admin.compute.create_flavor(name=name, vcpus=cores, ram=memory, disk=disk)
        for name, gibibytes, mebibytes in IMAGES:
            self.admin.image.create_image(
                name, data=qcow2(gibibytes, mebibytes), disk_format='qcow2', container_format='bare',
                visibility='public', min_disk=1, min_ram=256, validate_checksum=False,
                **{'os_distro': name.split('-')[0], 'hw_disk_bus': 'scsi'})
        for name, text in [('ssd', 'replicated on solid state disks'),
                           ('archive', 'slow and large')]:
            kind = self.admin.block_storage.create_type(name=name, description=text)
            self.admin.block_storage.update_type_extra_specs(kind, volume_backend_name=name)
        public = self.admin.network.create_network(
            name='public', is_router_external=True, is_shared=True, is_default=True,
            provider_network_type='flat', provider_physical_network='provider')
        self.admin.network.create_subnet(
            name='public', network_id=public.id, ip_version=4, cidr='203.0.113.0/24',
            gateway_ip='203.0.113.1', is_dhcp_enabled=False)
        return public

    def fill(self, number, project, public):
        """One project, as its user."""
        cloud = self.connect('demo', project.name, project.id)
        networks = {}
        for index, name in enumerate(('web', 'data')):
            networks[name] = cloud.network.create_network(name=name)
            subnet = cloud.network.create_subnet(
                name=name, network_id=networks[name].id, ip_version=4,
                cidr=f'10.{20 + number}.{index}.0/24', dns_nameservers=['192.0.2.53'])
            if index == 0:
                router = cloud.network.create_router(
                    name='main', external_gateway_info={'network_id': public.id})
            cloud.network.add_interface_to_router(router, subnet_id=subnet.id)
        group = cloud.network.create_security_group(name='web', description='web servers')
        for port in (22, 80, 443):
            cloud.network.create_security_group_rule(
                security_group_id=group.id, direction='ingress', ethertype='IPv4', protocol='tcp',
                port_range_min=port, port_range_max=port, remote_ip_prefix='0.0.0.0/0')
        if number == 0:
            # a user's key pairs are the same in all projects
            key = f'ssh-ed25519 {self.public_key()} demo@laptop'
            cloud.compute.create_keypair(name='laptop', public_key=key)
        flavors = {flavor.name: flavor for flavor in cloud.compute.flavors()}
        images = {image.name: image for image in cloud.image.images()}
        servers = [cloud.compute.create_server(
            name=name, flavor_id=flavors[flavor].id, image_id=images[image].id, key_name='laptop',
            networks=[{'uuid': networks[network].id}],
            security_groups=[{'name': 'web' if network == 'web' else 'default'}])
            for name, flavor, image, network in SERVERS[:None if number == 0 else 2]]
        volumes = [cloud.block_storage.create_volume(name=name, size=size, volume_type=kind)
                   for name, size, kind in [('database', 100, 'ssd'), ('media', 200, 'archive'),
                                            ('scratch', 20, 'ssd')]]
        for container, objects in OBJECTS.items():
            cloud.create_container(container)
            for name, text in objects.items():
                cloud.create_object(container, name, data=text.encode())
        servers = [cloud.compute.wait_for_server(server, wait=300) for server in servers]
        for volume in volumes:
            cloud.block_storage.wait_for_status(volume, 'available', ['error'], 1, 300)
        cloud.compute.create_volume_attachment(servers[-1], volume_id=volumes[0].id)
        cloud.block_storage.create_snapshot(volume_id=volumes[1].id, name='media before the move')
        port = next(cloud.network.ports(device_id=servers[0].id))
        cloud.network.create_ip(floating_network_id=public.id, port_id=port.id)
        cloud.network.create_ip(floating_network_id=public.id)
        cloud.compute.stop_server(servers[-2])
        cloud.block_storage.wait_for_status(volumes[0], 'in-use', ['error'], 1, 300)
        cloud.compute.wait_for_server(servers[-2], status='SHUTOFF', wait=300)

    @staticmethod
    def public_key():
        """Any: nothing logs in to these servers."""
        return base64.b64encode(struct.pack('>I11sI32s', 11, b'ssh-ed25519', 32, b'\x07' * 32)).decode()


def main(step, keystone, password):
    cloud = Cloud(keystone, password)
    if step == 'keystone':
        cloud.fill_keystone()
        return
    public = cloud.offer()
    # the compute service is in its cell once it has reported
    discovery = start(['nova-manage', '--config-file', '/run/cloud/etc/nova.conf', 'cell_v2',
                       'discover_hosts'], 'cloud')
    if discovery.wait():
        sys.exit('Nova did not find its compute service')
    for number, name in enumerate(PROJECTS):
        cloud.fill(number, cloud.admin.identity.find_project(name), public)


if __name__ == '__main__':
    main(*sys.argv[1:])
