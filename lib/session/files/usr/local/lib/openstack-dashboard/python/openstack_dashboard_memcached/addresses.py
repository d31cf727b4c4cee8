"""The names of memcached nodes, and the list of nodes that a configuration endpoint sends.

ElastiCache uses these names for a cluster, here in use1 (us-east-1):
  sessions.abc123.cfg.use1.cache.amazonaws.com         the configuration endpoint
  0001.sessions.abc123.use1.cache.amazonaws.com        a node, with TLS
  sessions.abc123.0001.use1.cache.amazonaws.com        a node, without TLS
  sessions.abc123.cfg.0001.use1.cache.amazonaws.com    a node, in some of AWS's documents
The suffix is cache.amazonaws.com.cn in China. Certificates are for *.sessions.abc123.use1.….
"""
import ipaddress
import re
from typing import NamedTuple

NODE = re.compile(
    r'(?:(?P<tls>\d{4})\.)?(?P<cluster>[a-z0-9-]{1,63}\.[a-z0-9]{1,63})(?P<cfg>\.cfg)?'
    r'(?:\.(?P<plain>\d{4}))?\.(?P<domain>[a-z0-9-]{1,63}\.cache\.amazonaws\.com(?:\.cn)?)')
HOST = re.compile(r'(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?'
                  r'(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*')
IP = re.compile(r'[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*')
VERSION = re.compile(r'\d{1,20}')
PORT = re.compile(r'[1-9]\d{0,4}')
# A thousand nodes fit; ElastiCache has up to 300.
CONFIGURATION_BYTES = 2**17


class Node(NamedTuple):
    host: str
    # empty: the name is resolved
    address: str
    port: int

    def __str__(self):
        return f'{self.host}:{self.port}'


def parse_server(text):
    host, _, port = text.rpartition(':')
    return Node(host.strip('[]').lower(), '', int(port))


def _elasticache(host):
    match = NODE.fullmatch(host)
    # at most one node number
    return None if match and match['tls'] and (match['plain'] or match['cfg']) else match


def certificate_names(host):
    """The names to verify a certificate for, in this order. The second one, if any, is the name that
    a node of the same cluster has with TLS, and counts only if the first one does not match."""
    match = _elasticache(host)
    if not match or match['tls'] or not (match['cfg'] or match['plain']):
        return (host,)
    return host, f"{match['plain'] or '0001'}.{match['cluster']}.{match['domain']}"


def _belongs(host, endpoint):
    """Whether a node of that name may be in the list that the endpoint sends."""
    if host == endpoint:
        return True
    cluster, node = _elasticache(endpoint), _elasticache(host)
    if cluster:
        return bool(node and (node['tls'] or node['plain'])
                    and node.group('cluster', 'domain') == cluster.group('cluster', 'domain'))
    # Any other endpoint: names below it, and names in its domain unless that is a top-level domain.
    if IP.fullmatch(endpoint):
        return False
    _, _, domain = endpoint.partition('.')
    return host.endswith('.' + endpoint) or ('.' in domain and host.endswith('.' + domain))


def _node(entry, endpoint):
    fields = entry.split('|')
    if len(fields) != 3:
        raise ValueError(f'{entry[:80]!a} is not HOST|ADDRESS|PORT')
    host, address, port = fields
    host = host.lower()
    if not HOST.fullmatch(host) or not _belongs(host, endpoint):
        raise ValueError(f'{host[:80]!a} is not a node of {endpoint}')
    if not PORT.fullmatch(port) or int(port) > 65535:
        raise ValueError(f'{port[:80]!a} is not a port')
    if address:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            raise ValueError(f'{address[:80]!a} is not an IP address') from None
        # 169.254.169.254 is the instance metadata service
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise ValueError(f'{address!a} is not an address of a node')
        address = str(ip)
    return Node(host, address, int(port))


def parse_configuration(lines, endpoint):
    """The nodes in the answer to `config get cluster` from the endpoint of that name: a header, the
    version, then HOST|ADDRESS|PORT of each node. Raises ValueError if any of it is invalid: half a
    list of nodes would move sessions."""
    try:
        text = [line.decode('ascii').strip(' \r\n') for line in lines]
    except UnicodeDecodeError:
        raise ValueError('the list of nodes is not ASCII') from None
    header, *body = text or ['']
    body = [line for line in body if line]
    if not header.startswith('CONFIG cluster ') or not body or not VERSION.fullmatch(body[0]):
        raise ValueError(f'{header[:80]!a} does not begin a list of nodes')
    nodes = sorted(_node(entry, endpoint) for line in body[1:] for entry in line.split(' ') if entry)
    if not nodes:
        raise ValueError('the list of nodes is empty')
    if len({(node.host, node.port) for node in nodes}) < len(nodes) or len(
            {(node.address or node.host, node.port) for node in nodes}) < len(nodes):
        raise ValueError('the list of nodes has a node twice')
    return tuple(nodes)
