"""What each project has: made of its id when it is first asked for, and kept in memory.

Nothing is shared between projects but images, flavors, volume types and the external network, which a
cloud's operator offers to all. Every id and name of a project's own is made of the project's, so what
is seen elsewhere shows whose it is."""
import datetime
import ipaddress
import os
import uuid

BEGAN = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.timezone.utc)
OPERATOR = uuid.uuid5(uuid.NAMESPACE_DNS, 'operator.cloud.internal').hex
ZONE = 'nova'


class NotFound(Exception):
    pass


def identifier(*words):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, '/'.join(map(str, words))))


def moment(hours, suffix='Z'):
    return (BEGAN + datetime.timedelta(hours=hours)).strftime('%Y-%m-%dT%H:%M:%S') + suffix


FLAVORS = [{'id': identifier('flavor', name), 'name': name, 'vcpus': cores, 'ram': ram,
            'disk': disk, 'OS-FLV-EXT-DATA:ephemeral': 0, 'swap': 0, 'rxtx_factor': 1.0,
            'OS-FLV-DISABLED:disabled': False, 'os-flavor-access:is_public': True,
            'description': None, 'extra_specs': {'hw_rng:allowed': 'True'}}
           for name, cores, ram, disk in [
               ('m1.tiny', 1, 512, 1), ('m1.small', 1, 2048, 20), ('m1.medium', 2, 4096, 40),
               ('m1.large', 4, 8192, 80), ('m1.xlarge', 8, 16384, 160), ('c1.large', 8, 4096, 20),
               ('r1.large', 2, 32768, 40)]]
VOLUME_TYPES = [{'id': identifier('volume type', name), 'name': name, 'is_public': True,
                 'description': text, 'extra_specs': {'volume_backend_name': name},
                 'qos_specs_id': None, 'os-volume-type-access:is_public': True}
                for name, text in [('ssd', 'replicated on solid state disks'),
                                   ('archive', 'slow and large'),
                                   ('__DEFAULT__', 'Default Volume Type')]]
SYSTEMS = ['debian-12', 'debian-13', 'ubuntu-22.04', 'ubuntu-24.04', 'rocky-9', 'fedora-41',
           'opensuse-15.6', 'cirros-0.6.3', 'freebsd-14', 'windows-2025', 'coreos-41', 'alma-9']


def image(number, name, owner, visibility):
    key = identifier('image', owner, name)
    size = (300 + 37 * number) << 20
    distribution, _, version = name.partition('-')
    return {
        'id': key, 'name': name, 'status': 'active', 'visibility': visibility, 'owner': owner,
        'protected': False, 'os_hidden': False, 'container_format': 'bare', 'disk_format': 'qcow2',
        'size': size, 'virtual_size': size * 4, 'min_disk': 2, 'min_ram': 256,
        'checksum': uuid.UUID(key).hex, 'os_hash_algo': 'sha512',
        'os_hash_value': uuid.UUID(key).hex * 4, 'created_at': moment(number),
        'updated_at': moment(number, 'Z'), 'file': f'/v2/images/{key}/file',
        'self': f'/v2/images/{key}', 'schema': '/v2/schemas/image', 'tags': [],
        'os_distro': distribution, 'os_version': version, 'hw_disk_bus': 'scsi',
        'hw_scsi_model': 'virtio-scsi', 'hw_qemu_guest_agent': 'yes', 'architecture': 'x86_64',
    }


IMAGES = [image(number, name, OPERATOR, 'public') for number, name in enumerate(SYSTEMS)]

EXTERNAL = {
    'id': identifier('network', 'public'), 'name': 'public', 'tenant_id': OPERATOR,
    'project_id': OPERATOR, 'status': 'ACTIVE', 'admin_state_up': True, 'shared': True,
    'router:external': True, 'is_default': True, 'mtu': 1500, 'port_security_enabled': True,
    'subnets': [identifier('subnet', 'public')], 'availability_zone_hints': [],
    'availability_zones': [ZONE], 'ipv4_address_scope': None, 'ipv6_address_scope': None,
    'description': '', 'qos_policy_id': None, 'tags': [], 'created_at': moment(0),
    'updated_at': moment(0), 'revision_number': 2, 'dns_domain': '', 'l2_adjacency': True}


def subnet(key, name, network, project, prefix, length=24):
    return {
        'id': key, 'name': name, 'network_id': network, 'tenant_id': project,
        'project_id': project, 'ip_version': 4,
        'cidr': str(ipaddress.ip_network(f'{prefix}.0/{length}', strict=False)),
        'gateway_ip': f'{prefix}.1', 'enable_dhcp': True, 'dns_nameservers': ['192.0.2.53'],
        'host_routes': [], 'allocation_pools': [{'start': f'{prefix}.2', 'end': f'{prefix}.254'}],
        'ipv6_ra_mode': None, 'ipv6_address_mode': None, 'subnetpool_id': None,
        'service_types': [], 'segment_id': None, 'description': '', 'tags': [],
        'created_at': moment(0), 'updated_at': moment(0), 'revision_number': 0,
        'dns_publish_fixed_ip': False}


EXTERNAL_SUBNET = subnet(EXTERNAL['subnets'][0], 'public', EXTERNAL['id'], OPERATOR, '203.0.113')


class Project:
    """One project's resources, by kind."""
    SERVERS, VOLUMES, PRIVATE_IMAGES = int(os.environ.get('SERVERS') or 20), 20, 8
    FLOATING_IPS = 70
    # of networks that have addresses for all servers
    PREFIX_LENGTH = 24 if SERVERS <= 200 else 16

    def __init__(self, key, name):
        self.id, self.name = key, name
        self.images = [image(20 + number, f'{name} build {number + 1}', key, 'private')
                       for number in range(self.PRIVATE_IMAGES)]
        self.make_networks()
        self.make_volumes()
        self.make_servers()

    def of(self, kind, number):
        return identifier(self.id, kind, number)

    def make_networks(self):
        own = {'tenant_id': self.id, 'project_id': self.id}
        self.networks, self.subnets, self.ports, self.floatingips = [], [], [], []
        for number, role in enumerate(('web', 'data', 'management')):
            prefix = f'10.{20 + number}.{int(self.id[:2], 16)}'
            key, inner = self.of('network', number), self.of('subnet', number)
            self.networks.append({
                **EXTERNAL, **own, 'id': key, 'name': f'{self.name} {role}', 'shared': False,
                'router:external': False, 'is_default': False, 'mtu': 1442, 'subnets': [inner]})
            self.subnets.append(subnet(inner, f'{self.name} {role}', key, self.id, prefix,
                                       self.PREFIX_LENGTH))
        self.routers = [{
            **own, 'id': self.of('router', 0), 'name': f'{self.name} router', 'status': 'ACTIVE',
            'admin_state_up': True, 'ha': False, 'distributed': False, 'routes': [],
            'external_gateway_info': {
                'network_id': EXTERNAL['id'], 'enable_snat': True,
                'external_fixed_ips': [{'subnet_id': EXTERNAL_SUBNET['id'],
                                        'ip_address': '203.0.113.20'}]},
            'availability_zones': [ZONE], 'availability_zone_hints': [], 'description': '',
            'flavor_id': None, 'tags': [], 'created_at': moment(1), 'updated_at': moment(1),
            'revision_number': 4}]
        self.security_groups = []
        for number, name in enumerate(('default', 'web', 'database', 'ssh')):
            key = self.of('security group', number)
            rules = [{
                **own, 'id': self.of('rule', f'{number}-{index}'), 'security_group_id': key,
                'direction': direction, 'ethertype': 'IPv4', 'protocol': protocol,
                'port_range_min': port, 'port_range_max': port, 'remote_ip_prefix': prefix,
                'remote_group_id': None, 'remote_address_group_id': None, 'description': '',
                'normalized_cidr': prefix, 'created_at': moment(1), 'updated_at': moment(1),
                'revision_number': 0, 'tags': []}
                for index, (direction, protocol, port, prefix) in enumerate([
                    ('egress', None, None, None), ('ingress', 'tcp', 22 + number, '0.0.0.0/0'),
                    ('ingress', 'tcp', 443, '198.51.100.0/24')])]
            self.security_groups.append({
                **own, 'id': key, 'name': name, 'description': f'{self.name}: {name}',
                'stateful': True, 'shared': False, 'tags': [], 'created_at': moment(1),
                'updated_at': moment(1), 'revision_number': 3, 'security_group_rules': rules})

    def make_volumes(self):
        self.volumes, self.snapshots, self.backups = [], [], []
        for number in range(self.VOLUMES):
            kind = VOLUME_TYPES[number % 2]['name']
            base = IMAGES[number % len(IMAGES)]
            bootable = number < 8
            volume = {
                'id': self.of('volume', number), 'name': f'{self.name} volume {number + 1:02}',
                'description': f'volume {number + 1} of {self.name}', 'status': 'available',
                'size': 10 + 5 * number, 'volume_type': kind, 'bootable': str(bootable).lower(),
                'availability_zone': ZONE, 'attachments': [], 'metadata': {}, 'links': [],
                'encrypted': False, 'multiattach': False, 'snapshot_id': None,
                'source_volid': None, 'consistencygroup_id': None, 'replication_status': None,
                'user_id': OPERATOR, 'created_at': moment(10 + number, '.000000'),
                'updated_at': moment(11 + number, '.000000'), 'group_id': None,
                'os-vol-tenant-attr:tenant_id': self.id,
                'os-vol-host-attr:host': f'storage-1@{kind}#{kind}', 'shared_targets': False,
                'service_uuid': None, 'cluster_name': None, 'provider_id': None,
                'consumes_quota': True, 'volume_type_id': VOLUME_TYPES[number % 2]['id']}
            if bootable:
                volume['volume_image_metadata'] = {
                    'image_id': base['id'], 'image_name': base['name'], 'min_ram': '256',
                    'min_disk': '2', 'disk_format': 'qcow2', 'container_format': 'bare',
                    'checksum': base['checksum'], 'size': str(base['size'])}
            self.volumes.append(volume)
        for number in range(6):
            source = self.volumes[number]
            self.snapshots.append({
                'id': self.of('snapshot', number), 'name': f'{source["name"]} snapshot',
                'description': None, 'volume_id': source['id'], 'status': 'available',
                'size': source['size'], 'metadata': {}, 'created_at': moment(40, '.000000'),
                'updated_at': moment(41, '.000000'), 'user_id': OPERATOR, 'group_snapshot_id': None,
                'os-extended-snapshot-attributes:progress': '100%',
                'os-extended-snapshot-attributes:project_id': self.id})

    def make_servers(self):
        self.servers, self.keypairs, self.server_groups = [], {}, []
        own = {'tenant_id': self.id, 'project_id': self.id}
        for number in range(self.SERVERS):
            part, index = divmod(number, 7)
            role, index = part % 3, part // 3 * 7 + index
            network = self.networks[role]
            key, port = self.of('server', number), self.of('port', number)
            inside = ipaddress.ip_network(self.subnets[role]['cidr'])
            address, mac = str(inside[10 + number]), 'fa:16:3e:' + ':'.join(
                port[at:at + 2] for at in (0, 2, 4))
            groups = [self.security_groups[0], self.security_groups[1 + role]]
            floating = None
            addresses = [{'version': 4, 'addr': address, 'OS-EXT-IPS:type': 'fixed',
                          'OS-EXT-IPS-MAC:mac_addr': mac}]
            if number % 3 == 0 and len(self.floatingips) < self.FLOATING_IPS:
                floating = f'203.0.113.{40 + number}'
                addresses.append({**addresses[0], 'addr': floating, 'OS-EXT-IPS:type': 'floating'})
                self.floatingips.append({
                    **own, 'id': self.of('floating ip', number), 'status': 'ACTIVE',
                    'floating_network_id': EXTERNAL['id'], 'floating_ip_address': floating,
                    'fixed_ip_address': address, 'port_id': port,
                    'router_id': self.routers[0]['id'], 'description': '', 'dns_domain': '',
                    'dns_name': '', 'port_details': None, 'qos_policy_id': None, 'tags': [],
                    'port_forwardings': [], 'created_at': moment(20), 'updated_at': moment(20),
                    'revision_number': 1})
            self.ports.append({
                **own, 'id': port, 'name': '', 'network_id': network['id'], 'status': 'ACTIVE',
                'admin_state_up': True, 'mac_address': mac, 'device_id': key,
                'device_owner': 'compute:nova', 'fixed_ips': [
                    {'subnet_id': network['subnets'][0], 'ip_address': address}],
                'security_groups': [group['id'] for group in groups], 'allowed_address_pairs': [],
                'extra_dhcp_opts': [], 'binding:vnic_type': 'normal', 'dns_name': '',
                'dns_assignment': [], 'port_security_enabled': True, 'qos_policy_id': None,
                'description': '', 'tags': [], 'created_at': moment(20), 'updated_at': moment(20),
                'revision_number': 4})
            volumes = [self.volumes[number]] if number < 12 else []
            for volume in volumes:
                volume['status'] = 'in-use'
                volume['attachments'] = [{
                    'id': volume['id'], 'attachment_id': self.of('attachment', number),
                    'volume_id': volume['id'], 'server_id': key, 'host_name': None,
                    'device': '/dev/vda' if number < 8 else '/dev/vdb',
                    'attached_at': moment(21, '.000000')}]
            active = number % 7 != 6
            self.servers.append({
                'id': key, 'name': f'{self.name} {network["name"].rsplit(" ", 1)[1]}-{index + 1:02}',
                'status': 'ACTIVE' if active else 'SHUTOFF', 'tenant_id': self.id,
                'user_id': OPERATOR, 'metadata': {'role': network['name']}, 'hostId': uuid.UUID(
                    identifier(self.id, 'host', number % 3)).hex,
                # one that boots from a volume has no image
                'image': '' if number < 8 else IMAGES[number % len(IMAGES)]['id'],
                'flavor': FLAVORS[number % len(FLAVORS)], 'created': moment(20 + number),
                'updated': moment(21 + number), 'addresses': {network['name']: addresses},
                'accessIPv4': '', 'accessIPv6': '', 'OS-DCF:diskConfig': 'AUTO',
                'OS-EXT-AZ:availability_zone': ZONE, 'config_drive': '', 'key_name': 'laptop',
                'OS-SRV-USG:launched_at': moment(20 + number, '.000000'),
                'OS-SRV-USG:terminated_at': None, 'OS-EXT-STS:task_state': None,
                'OS-EXT-STS:vm_state': 'active' if active else 'stopped',
                'OS-EXT-STS:power_state': 1 if active else 4, 'description': None, 'locked': False,
                'locked_reason': None, 'host_status': 'UP', 'tags': [], 'trusted_image_certificates':
                None, 'server_groups': [], 'progress': 0,
                'security_groups': [{'name': group['name']} for group in groups],
                'os-extended-volumes:volumes_attached': [
                    {'id': volume['id'], 'delete_on_termination': False} for volume in volumes]})
        for number, network in enumerate(self.networks):
            interface = {**self.ports[0], 'id': self.of('router port', number), 'device_id':
                         self.routers[0]['id'], 'device_owner': 'network:router_interface',
                         'network_id': network['id'], 'security_groups': [], 'fixed_ips': [
                             {'subnet_id': network['subnets'][0], 'ip_address':
                              self.subnets[number]['gateway_ip']}]}
            self.ports.append(interface)

    def visible_networks(self):
        return [*self.networks, EXTERNAL]

    def visible_subnets(self):
        return [*self.subnets, EXTERNAL_SUBNET]

    def visible_images(self):
        return sorted([*self.images, *IMAGES], key=lambda image: image['created_at'], reverse=True)


_projects = {}


def project_of(request):
    """The project of the caller's token; nothing that a request says otherwise is listened to."""
    caller = request.caller
    if caller.project_id not in _projects:
        _projects[caller.project_id] = Project(caller.project_id, caller.project_name)
    return _projects[caller.project_id]


def one(items, key, name='id'):
    for item in items:
        if item[name] == key:
            return item
    raise NotFound(key)
