"""Mends faults of Debian's Horizon that upstream has mended later, or not yet: a Django application.

Each fault of a Python function has a module with the fingerprints of what it replaces, in Debian's version and
maybe in one of upstream (`OR_FOR`). With another version the module changes nothing, since that version may not
have the fault: the boot check reports it, unless the module has the fingerprints of a version that has
upstream's mend (`HAVE_IT`). Each fault of a script has a file in `static`, which first looks whether the
browser or the library has the fault.
docs/decisions/0021-changes-of-libraries-at-run-time.md has the reasons.
"""
import importlib
import importlib.util

import openstack_dashboard_quick

SCRIPTS = ('angular-lowercase.js', 'inserted-fields.js', 'template-paths.js', 'error-texts.js', 'promise-methods.js',
           'static-name.js')
MODULES = ('totp_redirect', 'overview_without_usage', 'ports_of_project', 'image_upload', 'projects_in_pages',
           'usage_in_pages', 'ports_of_floating_ips', 'sdk_ca', 'tab_without_data', 'heat_generator')
installed = []
off = {}
# mended by this version of Horizon
of_upstream = []
# of plugins that this host does not have
absent = []


def matches(module, versions):
    made_for = getattr(module, versions, None)
    return made_for is not None and not openstack_dashboard_quick.differences(made_for)


def install():
    """Called when Django has loaded the applications."""
    for name in MODULES:
        try:
            module = importlib.import_module(f'{__name__}.{name}')
            plugin = getattr(module, 'PLUGIN', None)
            if plugin and importlib.util.find_spec(plugin) is None:
                absent.append(name)
                continue
            reason = openstack_dashboard_quick.differences(module.MADE_FOR)
            if not reason or matches(module, 'OR_FOR'):
                reason = ''
                module.install()
            elif matches(module, 'HAVE_IT'):
                of_upstream.append(name)
                continue
        except Exception as error:
            # for example a module that another version of Horizon does not have
            reason = f'{type(error).__name__}: {error}'
        if reason:
            off[name] = reason
        else:
            installed.append(name)


def warnings():
    return [f'{name} is off: {reason}' for name, reason in off.items()]
