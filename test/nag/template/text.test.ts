import { gzipSync } from 'node:zlib';
import { COMPUTED, Literal, readLiteral } from '../../../lib/nag/reading/python';
import { unpack } from '../../../lib/nag/reading/unpack';
import {
  assignments,
  effectiveLines,
  flatten,
  holesIn,
  isAbsent,
  joinTexts,
  known,
  literal,
  userDataText,
} from '../../../lib/nag/template/text';

const ref = (id: string): unknown => ({ Ref: id });

describe('flatten', () => {
  test('joins, substitutes and encodes as CloudFormation does', () => {
    const value = {
      'Fn::Base64': {
        'Fn::Join': [
          '-',
          ['a', 1, { 'Fn::Sub': ['${b} ${!c} ${D}', { b: 'B' }] }, { 'Fn::Base64': 'e' }],
        ],
      },
    };
    const { text, holes } = flatten(value);
    expect(text.replace(/\uE000\d+\uE001/, '_')).toBe('a-1-B ${c} _-e');
    expect(holes).toEqual([ref('D')]);
  });

  test('reads attributes in Fn::Sub as Fn::GetAtt', () => {
    expect(flatten({ 'Fn::Sub': '${Db.Endpoint.Port}' }).holes).toEqual([
      { 'Fn::GetAtt': ['Db', 'Endpoint.Port'] },
    ]);
  });

  test('keeps the places of holes', () => {
    const { text, holes } = flatten({ 'Fn::Join': [';', [ref('A'), ref('B')]] });
    expect(holesIn(text.split(';')[1], holes)).toEqual([ref('B')]);
  });

  test.each([
    [{ 'Fn::Join': 'not a list' }],
    [{ 'Fn::Join': ['', ref('List')] }],
    [{ 'Fn::Join': [] }],
    [{ 'Fn::Sub': 7 }],
    [{ 'Fn::Sub': [] }],
    [{ 'Fn::If': ['A', 'b', 'c'] }],
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }],
    [['a', 'list']],
    [{ a: 'map', of: 'things' }],
  ])('leaves a hole for %j', (value) => {
    expect(flatten(value)).toEqual({ text: '\uE0000\uE001', holes: [value] });
    expect(literal(value)).toBeUndefined();
  });

  test('treats AWS::NoValue, null and undefined as omitted', () => {
    expect([ref('AWS::NoValue'), null, undefined].map(isAbsent)).toEqual([true, true, true]);
    expect([ref('AWS::Region'), '', 0, false].map(isAbsent)).toEqual([false, false, false, false]);
    expect(literal(ref('AWS::NoValue'))).toBeUndefined();
  });
});

describe('user data', () => {
  test('is decoded if it is in base64 in the template', () => {
    const script = '#!/bin/bash\nDEBUG=true\n';
    expect(userDataText(Buffer.from(script).toString('base64')).text).toBe(script);
  });

  test.each([
    'apt-get update',
    'echohell',
    Buffer.from([31, 139, 8, 0, 255, 1]).toString('base64'),
  ])('is unchanged if it is not the base64 of a text: %s', (data) => {
    expect(userDataText(data).text).toBe(data);
  });

  test('loses comments and line continuations', () => {
    expect(effectiveLines('#!/bin/sh\na \\\n b # c\n  # d\ne#f\n\ng "$#"\r\n')).toEqual([
      'a   b',
      'e#f',
      'g "$#"',
    ]);
  });
});

describe('assignments', () => {
  const value = (line: string, name = 'NAME'): string | undefined =>
    known(assignments({ text: line, holes: [] }).get(name));

  test.each([
    ['NAME="value"', 'value'],
    ['export NAME=value', 'value'],
    ["  NAME='value' # why", 'value'],
    ['NAME=value; other', 'value'],
    ['NAME="a \\"b\\" \\\\ \\$c \\`d"', 'a "b" \\ $c `d'],
    ['NAME="^.{8,}$"', '^.{8,}$'],
    ['NAME = "value"', 'value'],
    ['NAME = True', 'True'],
    ["NAME = r'^\\d+$'", '^\\d+$'],
    ['NAME = [\'a\', "b",]', 'a,b'],
    ["NAME = [\n  'a',  # first\n  # 'no',\n  'b',\n]", 'a,b'],
    ["NAME = ('HTTP_X_FORWARDED_PROTO', 'https')", 'HTTP_X_FORWARDED_PROTO,https'],
    ['NAME=', ''],
    ['NAME=one\nNAME=two', 'two'],
    ['A=1\nNAME=value\r\nB=2', 'value'],
  ])('reads %j', (line, expected) => {
    expect(value(line)).toBe(expected);
  });

  test.each([
    'NAME="$VALUE"',
    'NAME="${VALUE}"',
    'NAME=$(command)',
    'NAME=`command`',
    "NAME = '$VALUE'",
    'NAME = other_name',
    "NAME = os.environ['NAME']",
    'NAME = [name]',
    'NAME="never closed',
  ])('treats %j as unknown', (line) => {
    expect(assignments({ text: line, holes: [] }).get('NAME')?.dynamic).toBe(true);
    expect(value(line)).toBeUndefined();
  });

  test.each(['# NAME=value', 'NAME == 1', 'echo NAME=value', 'name=value', 'NAME: value'])(
    'finds none in %j',
    (line) => {
      expect(assignments({ text: line, holes: [] }).has('NAME')).toBe(false);
    },
  );

  test('a list without an end does not consume all settings after it', () => {
    const text = `NAME=[\n${'x\n'.repeat(200)}OTHER=value\n`;
    expect(known(assignments({ text, holes: [] }).get('OTHER'))).toBe('value');
  });
});

describe('a literal of Python', () => {
  const read = (text: string): unknown => {
    const value = readLiteral(text);
    const plain = (each: Literal): unknown => {
      if (each.kind === 'map') {
        return Object.fromEntries(each.entries.map(([key, inner]) => [key, plain(inner)]));
      }
      if (each.kind === 'list') {
        return each.items.map(plain);
      }
      return each.kind === 'expression' ? undefined : each.text;
    };
    return plain(value);
  };

  test.each<[string, unknown]>([
    ['{}', {}],
    ["{'a': 'b', \"c\": 1, 'd': True, 'e': None,}", { a: 'b', c: '1', d: 'True', e: 'None' }],
    ["{'a': {'b': ['c', ('d', 'e')]}}", { a: { b: ['c', ['d', 'e']] } }],
    ["{\n  # first\n  'a': 'b',  # second\n}", { a: 'b' }],
    ["{'a': 'one ' 'two'}", { a: 'one two' }],
    ["{'a': '''b'c'''}", { a: "b'c" }],
    [String.raw`{'a': r'^\d+$', 'b': 'it\'s'}`, { a: String.raw`^\d+$`, b: "it's" }],
    ["{'a': get(1, 'x'), 'b': 'c'}", { a: undefined, b: 'c' }],
    ["{'a': 'x' + y, 'b': 'c'}", { a: `x${COMPUTED}`, b: 'c' }],
    ["{'a': f'http://{HOST}/', 'b': 'c'}", { a: `http://${COMPUTED}/`, b: 'c' }],
    ["{'a': os.environ['A'], 'b': 'c'}", { a: undefined, b: 'c' }],
    ["{'a': lambda x: {1: 2}, 'b': 'c'}", undefined],
    ['dict(a=1)', { a: '1' }],
    ["{'a'", undefined],
    ["{'never closed", undefined],
    ['', undefined],
  ])('%s is read', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('with endless nesting is rejected quickly', () => {
    expect(readLiteral('['.repeat(100_000)).kind).toBe('expression');
    expect(readLiteral("{'a':".repeat(50_000)).kind).toBe('expression');
  });
});

describe('unpack', () => {
  const packed = (text: string): string => Buffer.from(text).toString('base64');

  test('unpacks nested contents, up to a depth', () => {
    let text = 'apt-get install -y nginx\n';
    for (let n = 0; n < 4; n++) {
      text = packed(text);
    }
    expect(unpack(text)).toEqual(['apt-get install -y nginx\n']);
    for (let n = 0; n < 40; n++) {
      text = packed(text).slice(0, 60_000);
    }
    expect(unpack(text)).toHaveLength(1);
  });

  test('does not unpack contents that would be enormous', () => {
    const bomb = gzipSync(Buffer.alloc(32 << 20)).toString('base64');
    expect(unpack(bomb)).toEqual([bomb]);
  });

  test('returns the parts of a message separately', () => {
    const message = [
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed;',
      ' boundary="a+b"',
      '',
      'a preamble',
      '--a+b',
      'Content-Type: text/x-shellscript',
      '',
      'one',
      '--a+b',
      'Content-Type: text/cloud-config',
      'Content-Transfer-Encoding: base64',
      '',
      packed('two, in base64'),
      '--a+b--',
      'an epilogue',
    ].join('\r\n');
    expect(unpack(message).slice(0, 2)).toEqual(['one', 'two, in base64']);
  });

  test.each(['Content-Type: text/plain\n\nnone', 'from here on\nnothing', 'subject', ''])(
    'takes %j for a text',
    (text) => {
      expect(unpack(text)).toEqual([text]);
    },
  );

  test('adds files of a cloud-config in other formats', () => {
    const config = [
      '#cloud-config',
      'write_files:',
      '- path: /a',
      '  content: |',
      '    plain text',
      '- path: /b',
      '  encoding: b64',
      `  content: ${packed('from base64')}`,
      '- path: /c',
      "  content: 'it''s quoted'",
      '- content: "with \\"escapes\\"\\n"',
      '',
    ].join('\n');
    expect(unpack(config).slice(1)).toEqual(['from base64', "it's quoted", 'with "escapes"\n']);
  });

  test('reads a cloud-config in JSON', () => {
    const config = {
      packages: ['nginx', ['varnish', '7.1']],
      runcmd: [['systemctl', 'start', 'nginx'], 'echo'],
      write_files: [{ path: '/a', content: packed('from base64'), encoding: 'b64' }],
    };
    expect(unpack(`#cloud-config\n${JSON.stringify(config)}`)[1].split('\n')).toEqual([
      '- nginx',
      '- varnish',
      'systemctl start nginx',
      'echo',
      '/a',
      'from base64',
      'b64',
    ]);
  });

  test('decodes only what a script decodes', () => {
    const inner = packed('echo something that is long enough');
    expect(unpack(`base64 -d <<<${inner} | sh\n`)).toHaveLength(2);
    expect(unpack(`echo ${inner}\n`)).toHaveLength(1);
  });

  test.each([
    ['blanks', ' '.repeat(300_000)],
    ['lines', '\n'.repeat(300_000)],
    ['a header without end', `Content-Type: multipart/mixed\n${' x\n'.repeat(100_000)}`],
    ['braces', `{${'} '.repeat(100_000)}x`],
    ['letters', 'A'.repeat(300_001)],
    ['contents', 'content: "'.repeat(30_000)],
    ['base64', `base64 ${'A+'.repeat(150_000)}`],
  ])('terminates with very many %s', (_name, text) => {
    expect(unpack(text).length).toBeGreaterThan(0);
    expect(assignments({ text, holes: [] }).size).toBe(0);
  });
});

describe('joined texts', () => {
  test('keep the places of holes', () => {
    const one = flatten({ 'Fn::Sub': '${A} ${B}' });
    const two = flatten({ 'Fn::Sub': '${C}' });
    const { text, holes } = joinTexts([one, two], ';');
    const [first, second] = text.split(';');
    expect(holesIn(first, holes)).toEqual([ref('A'), ref('B')]);
    expect(holesIn(second, holes)).toEqual([ref('C')]);
  });
});

test('a dynamic reference is unknown at synth time', () => {
  expect(literal('{{resolve:ssm:/a}}')).toBeUndefined();
  expect(literal({ 'Fn::Join': ['', ['a', '{{resolve:ssm:/a}}']] })).toBeUndefined();
  expect(known({ text: 'a {{resolve:ssm:/a}}', holes: [], dynamic: false })).toBeUndefined();
});

describe('Python in the field', () => {
  test.each<[string, string, string | undefined]>([
    ['a text of several lines', "DEBUG = False\nHELP = '''\nDEBUG = True\n'''", 'False'],
    ['a docstring', '"""\nDEBUG = True\n"""\nDEBUG = False', 'False'],
    ['three quotation marks without an end', 'x = """\nDEBUG = True', 'True'],
    ['three quotation marks on a line', 'DEBUG = """False"""', 'False'],
    ['a continued line', 'DEBUG = \\\n    True', 'True'],
    ['a condition on its line', 'if x == 1: DEBUG = True', 'True'],
    ['a choice', 'DEBUG = True if x else False', undefined],
    ['a method', "DEBUG = 'a b'.title()", undefined],
    ['a text that is split', "DEBUG = 'a b'.split()", 'a,b'],
    ['texts that are joined', "X = ['a', 'b']\nDEBUG = '.'.join(X)", 'a.b'],
    ['a format', "_X = 'a'\nDEBUG = '{}-{y}'.format(_X, y='b')", 'a-b'],
    ['a tuple without parentheses', "DEBUG = 'a', 'b'", 'a,b'],
    ['several names', 'DEBUG, OTHER = True, False', 'True'],
    ['statements of one line', "X = 'a; b'; DEBUG = X", 'a; b'],
    ['a name of a function', 'DEBUG = False\ndef f():\n    DEBUG = True', 'False'],
    ['a name behind a class', 'class A:\n    DEBUG = True\n\nDEBUG = False', 'False'],
    ['a line that ends early', 'DEBUG = (', undefined],
    ['texts beside each other', "DEBUG = ('a.'\n  'b')", 'a.b'],
  ])('%s', (_name, text, expected) => {
    expect(known(assignments({ text, holes: [] }).get('DEBUG'))).toBe(expected);
  });

  test('values that % inserts into a text are unknown', () => {
    const { text } = assignments({ text: "A = 'http://%s:5000/v3' % HOST", holes: [] }).get('A')!;
    expect(text).toBe(`http://${COMPUTED}:5000/v3`);
  });
});
