"""Compares the default rules that Horizon and its plugins have with those of the services' own code.

Runs as root on a Debian 13 root file system with the services' packages (python3-nova and others) and Horizon's.
usage: compare.py HORIZON LIBRARY. HORIZON is the folder that has Horizon's and the plugins' dist-packages and
/etc/openstack-dashboard/policy below it, LIBRARY the one with this library's own policies. Prints JSON: by service, the
rules that only one side has, and those whose text differs."""
import json
import sys

import yaml
from oslo_policy import generator

ROOT, LIBRARY = sys.argv[1:]
CONF = f'{ROOT}/etc/openstack-dashboard/policy'
PACKAGES = f'{ROOT}/usr/lib/python3/dist-packages'
FILES = {
    'keystone': f'{CONF}/default_policies/keystone.yaml', 'nova': f'{CONF}/default_policies/nova.yaml',
    'glance': f'{CONF}/default_policies/glance.yaml', 'cinder': f'{CONF}/default_policies/cinder.yaml',
    'neutron': f'{CONF}/default_policies/neutron.yaml',
    'heat': f'{PACKAGES}/heat_dashboard/conf/default_policies/heat.yaml',
    'manila': f'{PACKAGES}/manila_ui/conf/default_policies/manila.yaml',
    'masakari': f'{PACKAGES}/masakaridashboard/conf/masakari_policy.yaml',
    'designate': f'{LIBRARY}/designate.yaml',
    'octavia': f'{CONF}/octavia_policy.json', 'watcher': f'{CONF}/watcher_policy.json'}


def of_horizon(path):
    with open(path) as file:
        rules = yaml.load(file, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
    return rules if isinstance(rules, dict) else {rule['name']: rule['check_str'] for rule in rules}


def words(rule):
    return ' '.join(str(rule).lower().replace('(', ' ( ').replace(')', ' ) ').split())


found = {}
for namespace, path in FILES.items():
    theirs = {rule.name: rule.check_str for rule in generator.get_policies_dict([namespace])[namespace]}
    ours = of_horizon(path)
    differ = {name: {'horizon': ours[name], 'service': theirs[name]} for name in sorted(ours.keys() & theirs.keys())
              if words(ours[name]) != words(theirs[name])}
    found[namespace] = {'rules': len(theirs), 'onlyService': sorted(theirs.keys() - ours.keys()),
                        'onlyHorizon': sorted(ours.keys() - theirs.keys()), 'different': differ}
print(json.dumps(found, indent=1))
