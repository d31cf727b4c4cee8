"""Commands of the AWS CLI in documents, judged by botocore's service models, from which the AWS CLI makes
its own: services, operations and parameters have to exist, and required parameters have to be given."""
import json
import pathlib
import re
import shlex

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.validate import ParamValidator

# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html
GLOBAL = {'output', 'query', 'region', 'profile', 'endpoint-url', 'cli-binary-format'}
GLOBAL_FLAGS = {'no-cli-pager', 'no-paginate', 'debug'}
# Commands that the AWS CLI has besides operations, and their options.
# https://docs.aws.amazon.com/cli/latest/reference/
OTHERS = {
    # ec2-instance-connect/ssh.html
    ('ec2-instance-connect', 'ssh'): {'instance-id', 'os-user', 'connection-type', 'private-key-file'},
    # s3/rm.html, s3/ls.html, s3/cp.html
    ('s3', 'rm'): {'recursive'},
    ('s3', 'ls'): {'recursive'},
    ('s3', 'cp'): {'recursive'},
    # logs/tail.html
    ('logs', 'tail'): {'since', 'follow', 'format', 'filter-pattern', 'log-stream-names'},
    # cloudformation/wait/, autoscaling has none
    ('cloudformation', 'wait'): {'stack-name'},
}
# What a reader replaces.
PLACEHOLDER = re.compile(r'…|^[A-Z]+$|\$')


class Wrong(Exception):
    pass


def commands_of(text):
    """Each `aws` command of a page: of blocks of shell, and inline ones as far as they have options."""
    for block in re.findall(r'^ *```sh\n(.*?)^ *```', text, re.M | re.S):
        yield from commands_in(block)
    for inline in re.findall(r'`(aws [^`]+)`', re.sub(r'^ *```.*?^ *```', '', text, flags=re.M | re.S)):
        words = shlex.split(inline)
        yield words if any(word.startswith('--') for word in words) else [*words, None]


def commands_in(shell):
    lexer = shlex.shlex(shell.replace('\\\n', ' '), posix=True, punctuation_chars='();<>|&\n')
    lexer.whitespace, lexer.whitespace_split = ' \t', True
    command = None
    for token in lexer:
        # Commands in double quotes, as in "$(aws …)".
        if '$(aws ' in token:
            yield from commands_in(token[token.index('$(') + 2:].rpartition(')')[0])
        if re.fullmatch(r'[();<>|&\n]+', token):
            if command:
                yield command
            command = None
        elif command is not None:
            command.append(token)
        elif token == 'aws':
            command = [token]
    if command:
        yield command


def operation_of(service, name, session=botocore.session.Session(), cache={}):
    try:
        if service not in cache:
            cache[service] = session.get_service_model(service)
    except UnknownServiceError:
        raise Wrong(f'no service {service}') from None
    model = cache[service]
    for operation in model.operation_names:
        if xform_name(operation, '-') == name:
            return model.operation_model(operation)
    raise Wrong(f'{service} has no operation {name}')


def judge(words):
    """Raises Wrong with the reason."""
    _, service, name, *rest = [*words, None, None][:3] + words[3:]
    mentioned = bool(words) and words[-1] is None
    if (service, name) in OTHERS:
        for word in rest:
            if word and word.startswith('--') and word[2:] not in OTHERS[service, name] | GLOBAL:
                raise Wrong(f'aws {service} {name} has no option {word}')
        return
    operation = operation_of(service, name)
    if mentioned:
        return
    shape = operation.input_shape
    members = {xform_name(member, '-'): (member, value) for member, value in shape.members.items()} if shape else {}
    given = {}
    while rest:
        option = rest.pop(0)
        if not option.startswith('--'):
            raise Wrong(f'aws {service} {name}: {option} is no option')
        option, values = option[2:], []
        while rest and not rest[0].startswith('--'):
            values.append(rest.pop(0))
        if option in GLOBAL | GLOBAL_FLAGS:
            if len(values) != (option in GLOBAL):
                raise Wrong(f'aws {service} {name}: --{option} has {len(values)} values')
            continue
        negated = option.removeprefix('no-') if option.startswith('no-') else None
        if option not in members and negated in members and members[negated][1].type_name == 'boolean':
            option, values = negated, ['false']
        if option not in members:
            raise Wrong(f'aws {service} {name} has no option --{option}')
        member, value_shape = members[option]
        given[member] = (value_shape, values)
    missing = [xform_name(member, '-') for member in (shape.required_members if shape else ())
               if member not in given]
    if missing:
        raise Wrong(f'aws {service} {name} needs --{", --".join(missing)}')
    for member, (value_shape, values) in given.items():
        check_value(f'aws {service} {name} --{xform_name(member, "-")}', value_shape, values)


def check_value(name, shape, values):
    kind = shape.type_name
    if kind == 'boolean' and values in ([], ['false'], ['true']):
        return
    if not values:
        raise Wrong(f'{name} has no value')
    enumerated = getattr(shape, 'enum', None)
    if not enumerated and any(PLACEHOLDER.search(value) for value in values):
        return
    if kind in ('structure', 'map', 'list') and values[0][:1] in '{[':
        try:
            value = json.loads(values[0])
        except ValueError as error:
            raise Wrong(f'{name}: {error}') from None
        report = ParamValidator().validate(value, shape)
        if kind == 'structure' and set(value) - set(shape.members):
            raise Wrong(f'{name} has no {", ".join(set(value) - set(shape.members))}')
        if report.has_errors():
            raise Wrong(f'{name}: {report.generate_report()}')
    elif kind in ('integer', 'long') and not re.fullmatch(r'\d+', values[0]):
        raise Wrong(f'{name}: {values[0]} is no number')
    elif enumerated and values[0] not in shape.enum:
        raise Wrong(f'{name}: {values[0]} is none of {", ".join(shape.enum)}')
    elif kind not in ('list',) and len(values) > 1:
        raise Wrong(f'{name} has {len(values)} values')


def judge_file(path):
    """How many commands a page has, and what is wrong with some."""
    count, wrong = 0, []
    for words in commands_of(pathlib.Path(path).read_text()):
        count += 1
        try:
            judge(words)
        except Wrong as error:
            wrong.append(f'{path}: {error}')
    return count, wrong
