"""The contract of hosts and constructs: environment parameters, the settings that they become, the rules
about those, and what an https URL is. The constructs, the rule pack and docs/environment.md use the same JSON
file; the copy on hosts lacks the texts."""
import json
import os
import re

with open(f'{os.path.splitext(__file__)[0]}.json', encoding='utf-8') as _file:
    _contract = json.load(_file)
# what CONTENT_SECURITY_POLICY_SOURCES may have
POLICY_SOURCES = _contract['policySources']
# parameters in dashboard.env and release.env, by name, in the order in which they are read
PARAMETERS = _contract['application']
# parameters in host.env, by name
MACHINE = _contract['machine']
# settings without a parameter of that name; extra settings must not set them unless they have `override`
SETTINGS = _contract['settings']


def _rules():
    rules = {name: setting['rules'] for name, setting in SETTINGS.items() if 'rules' in setting}
    for name, parameter in PARAMETERS.items():
        # a part of HORIZON_CONFIG is named by its key
        section, *path = parameter.get('setting', '').split('.')
        if 'rules' in parameter and section in (name, 'HORIZON_CONFIG'):
            rules[path[0] if path else section] = parameter['rules']
    return {name: ids[0] for name, ids in rules.items()}


# by setting, the rule that a value other than the configured one breaks
RULES = _rules()


def is_https_url(text):
    """Whether it is an https URL, with its scheme in lower case."""
    return re.fullmatch(_contract['urls']['https'], text) is not None


def is_plain_url(text):
    """Whether it begins as an http URL."""
    return re.match(_contract['urls']['plain'], text) is not None
