import { below, readYaml } from '../../../lib/nag/reading/yaml';

test('configuration is read', () => {
  const text = `---
# a comment
debug: "False"  # another
plain: yes it is # a comment
url: https://x.org:5000/v3
conf:
  horizon:
    local_settings:
      config:
        allowed_hosts:
        - 'a.example'
        - b.example
        empty:
    apache: |
      <VirtualHost *:80>
        A "b"
      </VirtualHost>
    folded: >-
      one
      two
list:
  - name: a
    value: {b: 1, "c": [d, 'e f']}
  - [sh, -c, "x: y"]
  - - nested
  - echo "a:b"
'quo ted': 'it''s'
jinja: "{{ a }}"
go: {{ .Values.x }}
`;
  expect(readYaml(text)).toEqual({
    debug: 'False',
    plain: 'yes it is',
    url: 'https://x.org:5000/v3',
    conf: {
      horizon: {
        local_settings: { config: { allowed_hosts: ['a.example', 'b.example'], empty: '' } },
        apache: '<VirtualHost *:80>\n  A "b"\n</VirtualHost>\n',
        folded: 'one two',
      },
    },
    list: [
      { name: 'a', value: { b: '1', c: ['d', 'e f'] } },
      ['sh', '-c', 'x: y'],
      ['nested'],
      'echo "a:b"',
    ],
    'quo ted': "it's",
    jinja: '{{ a }}',
    go: '{{ .Values.x }}',
  });
});

test('a value is found by its path', () => {
  const value = readYaml('a:\n  b:\n    c: d');
  expect(below(value, 'a', 'b', 'c')).toBe('d');
  expect(below(value, 'a', 'x', 'c')).toBeUndefined();
  expect(below(value, 'a', 'toString')).toBeUndefined();
});

test.each(['[', '{', '- ', 'a:\n', ' a: [', '"', "'", '|\n', 'a: |\n ', '  ', '{a: ', '-\n  - '])(
  'however often a text has %j',
  (piece) => {
    expect(() => readYaml(piece.repeat(200_000 / piece.length))).not.toThrow();
  },
);
