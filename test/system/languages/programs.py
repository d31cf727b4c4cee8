"""Translated snippets as files that a compiler takes: statements of a script are in a class or a function."""
import re

JAVA_VARIABLE = re.compile(r'[A-Z][\w.]*(<.*>)? \w+( = |;)')
GO_VARIABLE = re.compile(r'(\w+) := ')


def statements(text, is_end):
    """The statements of a script, of one or several lines each, with the comments before them."""
    depth, lines = 0, []
    for line in text.splitlines():
        code = re.sub(r'//.*', '', re.sub(r'"(\\.|[^"\\])*"', '""', line)).strip()
        depth += sum(code.count(bracket) for bracket in '([{') - sum(code.count(bracket) for bracket in ')]}')
        lines.append(line)
        if code and depth == 0 and is_end(code):
            yield '\n'.join(lines)
            lines = []
    if any(line.strip() and not line.strip().startswith('//') for line in lines):
        raise AssertionError(f'no end of a statement: {lines}')


def code_of(statement):
    """Without the comments before it."""
    return re.sub(r'^(\s*//.*\n|\s*\n)+', '', statement)


def java(name, text):
    """A class of this name. Variables are its fields, since classes of the snippet use them."""
    imports, members = [], []
    for statement in statements(text, lambda code: code.endswith((';', '}'))):
        code = code_of(statement)
        if code.startswith('import '):
            imports.append(statement)
        elif re.match(r'public (class|interface) ', code) or JAVA_VARIABLE.match(code):
            members.append(f'static {code}')
        else:
            members.append(f'static {{\n{statement}\n}}')
    return '\n'.join([*imports, f'class {name} {{', *members, '}', ''])


def used(function):
    """A function with a use of each of its variables: one without is an error in Go."""
    names = re.findall(r'^\t(\w+) := ', function, re.MULTILINE)
    uses = ''.join(f'\t_ = {name}\n' for name in names if name != 'this')
    before, end, after = function.rpartition('\treturn this\n')
    return f'{before}{uses}{end}{after}' if end else function[:-1] + uses + '}'


def go(text):
    """A package. Variables are its own, since functions of the snippet use them."""
    imports, members, body = [], [], []
    for statement in statements(text, lambda code: not code.endswith(('.', ',', '+', '='))):
        code = code_of(statement)
        if code.startswith('import '):
            imports.append(code)
        elif code.startswith('type '):
            members.append(code)
        elif code.startswith('func '):
            members.append(used(code))
        elif GO_VARIABLE.match(code):
            members.append(GO_VARIABLE.sub(r'var \1 = ', code, count=1))
        else:
            body.append(statement)
    return '\n'.join(['package snippet', *imports, *members, 'func run() {', *body, '}', ''])
