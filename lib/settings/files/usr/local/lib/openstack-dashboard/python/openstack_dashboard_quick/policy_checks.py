"""Policies are not evaluated from scratch for each check; Horizon makes hundreds for a list of servers.

Whether a check takes the name of its rule depends on its class, and is not inspected each time. Policy files
are checked for changes every few seconds, not for each check.
"""
import inspect
import time

from oslo_policy import _checks
from oslo_policy.policy import Enforcer

MADE_FOR = {
    'oslo.policy 4.5.1': {
        'oslo_policy._checks:_check': '5fe31c3212f4',
        'oslo_policy.policy:Enforcer.load_rules': 'e9be213a1227',
        'oslo_policy.policy:Enforcer.enforce': '3a231b477f0e',
    },
}
SECONDS = 5.0


def check(original):
    wants_name = {}

    def _check(rule, target, creds, enforcer, current_rule):
        kind = type(rule)
        if kind not in wants_name:
            if not isinstance(rule, _checks.BaseCheck):
                return original(rule, target, creds, enforcer, current_rule)
            wants_name[kind] = len(inspect.getfullargspec(rule.__call__).args) > 4
        if wants_name[kind]:
            return rule(target, creds, enforcer, current_rule)
        return rule(target, creds, enforcer)
    return _check


def load(original):
    def load_rules(self, force_reload=False):
        now = time.monotonic()
        since, rules, registered = getattr(self, 'quick_pages_loaded', (float('-inf'), None, 0))
        if not force_reload and now - since < SECONDS and (
                rules is self.rules and registered == len(self.registered_rules)):
            return
        original(self, force_reload)
        self.quick_pages_loaded = now, self.rules, len(self.registered_rules)
    return load_rules


def install(namespace):
    _checks._check = check(_checks._check)
    Enforcer.load_rules = load(Enforcer.load_rules)
