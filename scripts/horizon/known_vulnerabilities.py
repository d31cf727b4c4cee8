"""Compares locks of Horizon with a database of advisories on disk: a clone of github.com/github/advisory-database
or of github.com/pypa/advisory-database, both of which have OSV's format. Unlike pip-audit it sends nothing.
usage: python3 scripts/horizon/known_vulnerabilities.py DATABASE [LOCK...]   (needs packaging, and PyYAML for PyPA's)
"""
import glob
import json
import os
import re
import sys

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCKS = os.path.join(os.path.dirname(__file__), '../../lib/dashboard-hosts/horizon/files/*.txt')


def packages(lock):
    with open(lock) as file:
        return dict(re.findall(r'^([a-z0-9-]+)==(\S+)', file.read(), re.MULTILINE))


def advisories(folder):
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != '.git']
        for name in files:
            with open(os.path.join(parent, name), errors='replace') as file:
                if name.endswith('.json'):
                    text = file.read()
                    # most are of other ecosystems
                    if '"PyPI"' in text:
                        yield json.loads(text)
                elif name.endswith('.yaml') and 'vulns' in parent:
                    import yaml
                    yield yaml.load(file, getattr(yaml, 'CSafeLoader', yaml.SafeLoader))


def order(text):
    """Of a version; text that is none comes first."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version('0')


def is_in(version, affected):
    if version in affected.get('versions', ()):
        return True
    for span in affected.get('ranges', ()):
        if span['type'] != 'ECOSYSTEM':
            continue
        within = False
        events = [(order(at), kind) for event in span['events'] for kind, at in event.items() if kind != 'limit']
        # at the same version, a last affected one comes after the others
        for at, kind in sorted(events, key=lambda event: (event[0], event[1] == 'last_affected')):
            if kind == 'introduced' and at <= order(version):
                within = True
            elif kind == 'fixed' and at <= order(version) or kind == 'last_affected' and at < order(version):
                within = False
        if within:
            return True
    return False


def main():
    database, *locks = sys.argv[1:]
    locked = {lock: packages(lock) for lock in locks or sorted(glob.glob(LOCKS))}
    count, newest, found = 0, '', set()
    for advisory in advisories(database):
        if not advisory or advisory.get('withdrawn'):
            continue
        count += 1
        newest = max(newest, str(advisory.get('published', ''))[:10])
        for affected in advisory.get('affected', ()):
            of = affected.get('package', {})
            for lock, versions in locked.items():
                version = versions.get(canonicalize_name(of.get('name', '')))
                if of.get('ecosystem') == 'PyPI' and version and is_in(version, affected):
                    names = ' '.join([advisory['id'], *advisory.get('aliases', ())])
                    found.add(f'{os.path.basename(lock)}: {of["name"]} {version}: {names}')
    print('\n'.join(sorted(found)))
    for lock, versions in locked.items():
        print(f'{os.path.basename(lock)}: {len(versions)} packages')
    print(f'{len(found)} found; {count} advisories, the newest of {newest}')
    return 1 if found or not count else 0


if __name__ == '__main__':
    sys.exit(main())
