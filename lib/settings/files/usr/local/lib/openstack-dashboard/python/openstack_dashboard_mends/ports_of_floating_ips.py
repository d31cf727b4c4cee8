"""The list of floating IPs asks for the ports that these have, not for all ports of the project.

Horizon reads the instances of a few floating IPs from the list of all ports, which takes seconds if there are
thousands, and reads it again for a button above the table."""
import functools

from openstack_dashboard.api import neutron

MADE_FOR = {'Horizon 25.3.0': {
    'openstack_dashboard.api.neutron:FloatingIpManager.list': '0e887657ddeb',
    'openstack_dashboard.api.neutron:port_list': '6bc06175340b',
}}
# As many IDs as fit into a URL of 8 KB with room for the rest
AT_ONCE = 150


def with_their_ports(original):
    @functools.wraps(original)
    def listed(self, all_tenants=False, **search_opts):
        project = {} if all_tenants else {'tenant_id': self.request.user.tenant_id}
        found = [ip.to_dict() for ip in self.net_client.ips(**{**search_opts, **project})]
        wanted = sorted({ip['port_id'] for ip in found if ip['port_id']})
        ports = {}
        for start in range(0, len(wanted), AT_ONCE):
            # A tuple, so that Horizon keeps the answer for this request
            some = tuple(wanted[start:start + AT_ONCE])
            ports.update((port['id'], port) for port in neutron.port_list(self.request, id=some, **project))
        for ip in found:
            self._set_instance_info(ip, ports.get(ip['port_id']))
        return [neutron.FloatingIp(ip) for ip in found]
    return listed


def install():
    neutron.FloatingIpManager.list = with_their_ports(neutron.FloatingIpManager.list)
