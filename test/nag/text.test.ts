import {
  assignments,
  effectiveLines,
  flatten,
  holesIn,
  isAbsent,
  known,
  literal,
  userDataText,
} from '../../lib/nag/text';

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

  test('takes attributes in Fn::Sub for Fn::GetAtt', () => {
    expect(flatten({ 'Fn::Sub': '${Db.Endpoint.Port}' }).holes).toEqual([
      { 'Fn::GetAtt': ['Db', 'Endpoint.Port'] },
    ]);
  });

  test('knows which hole is where', () => {
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

  test('takes AWS::NoValue, null and undefined for left out', () => {
    expect([ref('AWS::NoValue'), null, undefined].map(isAbsent)).toEqual([true, true, true]);
    expect([ref('AWS::Region'), '', 0, false].map(isAbsent)).toEqual([false, false, false, false]);
    expect(literal(ref('AWS::NoValue'))).toBeUndefined();
  });
});

describe('user data', () => {
  test('is decoded where the template has it in base64', () => {
    const script = '#!/bin/bash\nDEBUG=true\n';
    expect(userDataText(Buffer.from(script).toString('base64')).text).toBe(script);
  });

  test.each([
    'apt-get update',
    'echohell',
    Buffer.from([31, 139, 8, 0, 255, 1]).toString('base64'),
  ])('is left as it is where it is no base64 of a text: %s', (data) => {
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
  ])('takes %j for unknown', (line) => {
    expect(assignments({ text: line, holes: [] }).get('NAME')?.dynamic).toBe(true);
    expect(value(line)).toBeUndefined();
  });

  test.each(['# NAME=value', 'NAME == 1', 'echo NAME=value', 'name=value', 'NAME: value'])(
    'finds none in %j',
    (line) => {
      expect(assignments({ text: line, holes: [] }).has('NAME')).toBe(false);
    },
  );

  test('a list that never ends does not swallow the settings after it for ever', () => {
    const text = `NAME=[\n${'x\n'.repeat(200)}OTHER=value\n`;
    expect(known(assignments({ text, holes: [] }).get('OTHER'))).toBe('value');
  });
});
