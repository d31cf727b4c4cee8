"""The policy files of services: those that plugins bring, those of the site, and what is wrong with any of them.

Horizon allows every action of a service whose files it does not find or cannot read, and only logs that."""
import os
import re

SITE = '/usr/local/share/openstack-dashboard/site/policies'
SERVICE = '[a-z][a-z0-9_-]{0,63}'
PATH = r'(?:/[A-Za-z0-9._+-]+)*'


def plugin_policies(text):
    """(service, file, defaults, folder) of each entry; an empty path is None."""
    found = []
    for entry in text.split():
        match = re.fullmatch(f'({SERVICE})=({PATH})(?::({PATH}))?(?::({PATH}))?', entry)
        if not match:
            raise ValueError('must be SERVICE=FILE:DEFAULTS:FOLDER with absolute paths, separated by spaces')
        found.append((match[1], *(path or None for path in match.groups()[1:])))
    return found


def services(text):
    names = text.split(',')
    if not all(re.fullmatch(SERVICE, name) for name in names):
        raise ValueError('must be types of services, separated by commas')
    return names


def install(namespace, of_plugins, of_site):
    """Into POLICY_FILES and the like, after all snippets of plugins."""
    files, folders = namespace['POLICY_FILES'], namespace['POLICY_DIRS']
    for service, file, defaults, folder in of_plugins or ():
        if file:
            files[service] = file
        if defaults:
            namespace['DEFAULT_POLICY_FILES'][service] = defaults
        if folder:
            folders[service] = [*folders.get(service, ()), folder]
    for service in of_site or ():
        # the last rule of a name applies
        folders[service] = [*folders.get(service, ()), f'{SITE}/{service}']


def problems(settings, of_site):
    """What is wrong with the policies of any service, as texts."""
    from openstack_auth import policy

    of_site, found = of_site or (), []
    for service in settings.POLICY_FILES:
        file, folders = policy._get_policy_file_with_full_path(service)
        defaults = settings.DEFAULT_POLICY_FILES.get(service)
        for text in (*(text for path in files_of(file, folders) for text in problems_of_rules(path)),
                     *problems_of_defaults(settings.POLICY_FILES_PATH, defaults)):
            found.append(f'{service}: {text}')
    for service in of_site:
        if not os.path.isfile(f'{SITE}/{service}/rules.json'):
            found.append(f'{service}: {SITE}/{service}/rules.json is missing')
        elif service not in settings.POLICY_FILES:
            found.append(f'{service}: POLICY_FILES has no such service, so nothing would use the rules of the site')
    if found:
        # Horizon would fail at some of them
        return found
    enforcers = read_all()
    for service, file in settings.POLICY_FILES.items():
        if service not in enforcers:
            found.append(f'{service}: {missing(os.path.join(settings.POLICY_FILES_PATH, file))}')
        elif service in of_site:
            found += (f'{service}: {text}' for text in undefined(enforcers[service], service))
    return found


def read_all():
    """Horizon's enforcers of all services. It reads their files with the parser in Python, which takes a second or two
    of each start: here the one in C does."""
    import yaml
    from openstack_auth import policy

    in_python = yaml.SafeLoader
    yaml.SafeLoader = getattr(yaml, 'CSafeLoader', in_python)
    try:
        return policy._get_enforcer()
    finally:
        yaml.SafeLoader = in_python


def missing(path):
    return (f'no rules in {path}, so every action would be offered to every user; '
            'if a plugin brings the file, name the plugin in `plugins`')


def files_of(file, folders):
    if os.path.isfile(file):
        yield file
    for folder in folders:
        # oslo.policy passes over a folder that does not exist
        for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
            if not name.startswith('.') and os.path.isfile(os.path.join(folder, name)):
                yield os.path.join(folder, name)


def read(path):
    import yaml

    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    try:
        with open(path, encoding='utf-8') as file:
            return yaml.load(file, Loader=loader), None
    except (OSError, ValueError, yaml.YAMLError) as error:
        return None, f'{path}: {" ".join(str(error).split())}'


def problems_of_rules(path):
    rules, error = read(path)
    if error:
        return [error]
    if rules is None:
        # nothing but comments: the defaults apply
        return []
    if not isinstance(rules, dict):
        return [f'{path}: must be a map of rules, got a {type(rules).__name__}']
    return [f'{path}: {name}: {text}' for name, rule in rules.items() for text in problems_of_rule(rule)]


def problems_of_rule(rule):
    from oslo_policy import _checks, _parser

    if isinstance(rule, list):
        # the former syntax
        return []
    if not isinstance(rule, str):
        return [f'must be a rule such as "role:admin", got {rule!r}']
    # oslo.policy refuses everybody if it does not understand a rule
    if rule.strip() != '!' and isinstance(_parser.parse_rule(rule), _checks.FalseCheck):
        return [f'must be a rule that oslo.policy understands, got {rule!r}']
    return []


def problems_of_defaults(folder, name):
    if not name:
        return []
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return [missing(path)]
    rules, error = read(path)
    if error:
        return [error]
    if not isinstance(rules, list) or not all(isinstance(rule, dict) and 'name' in rule for rule in rules):
        return [f'{path}: must be a list of rules with names']
    return []


def undefined(enforcer, service):
    """Rules of the site that refer to rules which do not exist, or to themselves."""
    from oslo_policy import policy

    rules, _ = read(f'{SITE}/{service}/rules.json')
    try:
        enforcer.check_rules(raise_on_violation=True)
    except policy.InvalidDefinitionError as error:
        for name in rules:
            if repr(name) in str(error):
                yield (f'{SITE}/{service}/rules.json: {name}: {rules[name]!r} refers to a rule that does not exist, '
                       'or to itself')
