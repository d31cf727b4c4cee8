"""Makes pages of Horizon quicker without changing their content. docs/performance.md has the reasons, and
what each measure gains.

The settings snippet calls `install`. A measure has a module, a switch, and a list of the functions of
libraries that it replaces or relies on. With other versions of these it stays off: the boot check and the log
report that, and pages take longer.
"""
import hashlib
import importlib.util
import inspect

import openstack_dashboard_api
import openstack_dashboard_contract as contract

# modules by parameter, in the order of the contract
MEASURES = {name: name.removeprefix('QUICK_').lower() for name in contract.PARAMETERS
            if name.startswith('QUICK_')}
# measures of this process, by parameter, and why others are off
installed = {}
off = {}


def fingerprint(path):
    """Of the source of a function, "module:Class.function", or of a module, which is not imported."""
    module, _, name = path.partition(':')
    if not name:
        source = importlib.util.find_spec(module).loader.get_source(module)
        return hashlib.sha256(source.encode()).hexdigest()[:12]
    found = importlib.import_module(module)
    for part in name.split('.'):
        found = getattr(found, part)
    return hashlib.sha256(inspect.getsource(found).encode()).hexdigest()[:12]


def differences(made_for):
    """What differs from the versions that a measure was made for, as text."""
    found = []
    for version, functions in made_for.items():
        for path, expected in functions.items():
            try:
                actual = fingerprint(path)
            except (ImportError, AttributeError, OSError, TypeError) as error:
                actual = f'missing ({error})'
            if actual != expected:
                found.append(f'{path} is {actual}, made for {expected} of {version}')
    return ', '.join(found)


def start(name, namespace):
    measure = importlib.import_module(f'{__name__}.{name}')
    reason = differences(measure.MADE_FOR)
    if not reason and getattr(measure, 'NEEDS_HOOK', False):
        reason = openstack_dashboard_api.other_versions()
    needs = getattr(measure, 'NEEDS', None)
    if not reason and needs and needs not in installed:
        reason = f'it needs {needs}'
    if not reason:
        measure.install(namespace)
    return measure, reason


def install(settings, namespace):
    """`settings` has the switches; `namespace` has all settings, and measures may change it."""
    for parameter, name in MEASURES.items():
        if not settings[parameter] or parameter in installed:
            continue
        try:
            measure, reason = start(name, namespace)
        except Exception as error:
            # for example a library that cannot be imported: pages work without measures
            measure, reason = None, f'{type(error).__name__}: {error}'
        if reason:
            off[parameter] = reason
        else:
            installed[parameter] = measure


def warnings():
    """The measures that are off though they are switched on, one per line."""
    return [f'{parameter} is off: {reason}' for parameter, reason in off.items()]


def warm():
    """Called before workers are forked."""
    if 'QUICK_WARM_START' in installed:
        installed['QUICK_WARM_START'].warm()
