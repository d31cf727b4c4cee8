import { evaluate } from '../../../lib/nag/reading/shell/evaluate';

const SETTINGS = '/etc/openstack-dashboard/local_settings.py';
const file = (script: string, path = SETTINGS): string | undefined =>
  evaluate(script).files.get(path)?.text;

test.each<[string, string, string]>([
  ['a redirection', `echo 'DEBUG = True' > ${SETTINGS}`, 'DEBUG = True\n'],
  ['an appended line', `echo "A = 1" >> ${SETTINGS}\necho B=2 >>${SETTINGS}`, 'A = 1\nB=2\n'],
  ['a relative path', 'cd /etc/openstack-dashboard && echo A >> local_settings.py', 'A\n'],
  ['a group', `{ echo A; printf '%s\\n' B C; } > ${SETTINGS}`, 'A\nB\nC\n'],
  ['a pipeline', `echo A | sudo tee -a ${SETTINGS} >/dev/null`, 'A\n'],
  ['a here-document', `cat > ${SETTINGS} <<'E'\nA = '$x'\nE\n`, "A = '$x'\n"],
  ['one with a variable', `v=1\ncat > ${SETTINGS} <<E\nA = $v $w\nE\n`, 'A = 1 ${w}\n'],
  ['one with tabs', `tee ${SETTINGS} <<-E\n\tA\n\tE\n`, 'A\n'],
  ['a variable in the path', `f=${SETTINGS}; echo A > "$f"`, 'A\n'],
  ['a default', `echo A > "\${FILE:-${SETTINGS}}"`, 'A\n'],
  ['a loop', `for n in 1 2; do echo "A$n" >> ${SETTINGS}; done`, 'A1\nA2\n'],
  ['a function', `put() { echo "$1 = $2" >> ${SETTINGS}; }\nput A 1\nput B 2`, 'A = 1\nB = 2\n'],
  ['both branches', `if x; then echo A >> ${SETTINGS}; else echo B >> ${SETTINGS}; fi`, 'A\nB\n'],
  ['a case', `case $x in a|b) echo A >> ${SETTINGS} ;; *) : ;; esac`, 'A\n'],
  ['another shell', `sh -c "echo 'A = 1' >> ${SETTINGS}"`, 'A = 1\n'],
  ['xargs', `echo A B | xargs -I {} sh -c "echo {} > ${SETTINGS}"`, 'A B\n'],
  ['eval', `eval "echo A > ${SETTINGS}"`, 'A\n'],
  ['a copy', `echo A > /root/x\ncp /root/x ${SETTINGS}`, 'A\n'],
  ['a copy to a folder', 'cd /root; echo A > x.py; mv x.py /etc/y/', 'A\n'],
  [
    'an edit of what is known',
    `echo 'A = 1' > ${SETTINGS}; sed -i 's/1/2/' ${SETTINGS}`,
    'A = 2\n',
  ],
  [
    'an edit of what is not',
    `sed -i "s/^HOSTS = .*/HOSTS = ['*']/" ${SETTINGS}`,
    "HOSTS = ['*']\n",
  ],
  ['an edit with a group', `sed -ri 's/^#?(DEBUG).*/\\1 = True/' ${SETTINGS}`, 'DEBUG = True\n'],
  ['an edit at an address', `sed -i '/^DEBUG/ s/False/True/' ${SETTINGS}`, 'DEBUG = True\n'],
  ['a changed line', `sed -i '/^DEBUG/c\\DEBUG = True' ${SETTINGS}`, 'DEBUG = True\n'],
  ['a line at the end', `sed -i '$ a DEBUG = True' ${SETTINGS}`, 'DEBUG = True\n'],
  ['a default that is kept', `: "\${A:=1}"; echo $A > ${SETTINGS}`, '1\n'],
  [
    'an array',
    `x=("A = 1" B); for l in "\${x[@]}"; do echo "$l" >> ${SETTINGS}; done`,
    'A = 1\nB\n',
  ],
  ['another user', `su - root -c "echo A > ${SETTINGS}"`, 'A\n'],
  ['perl with braces', `echo AB > ${SETTINGS}; perl -i -pe 's{(A).}{$1C}' ${SETTINGS}`, 'AC\n'],
  ['an edit by perl', `perl -pi -e 's/^DEBUG.*/DEBUG = True/' ${SETTINGS}`, 'DEBUG = True\n'],
])('%s is followed', (_name, script, expected) => {
  const { files } = evaluate(script);
  const path = files.has(SETTINGS) ? SETTINGS : '/etc/y/x.py';
  expect(file(script, path)).toBe(expected);
});

test.each([
  `sed -i 's/False/True/' ${SETTINGS}`,
  `sed -i '1,5s/a/b/' ${SETTINGS}`,
  `python3 -c "open('${SETTINGS}', 'a').write('x')"`,
  `patch ${SETTINGS} < x`,
  `perl -0pe 's/a/b/' ${SETTINGS}`,
])('the effect of %s is reported as unknown', (script) => {
  expect(evaluate(script).doubts.map(({ what }) => what)).toEqual([SETTINGS]);
});

test.each<[string, string[]]>([
  [
    'for p in a b; do apt-get install -y "$p"; done',
    ['apt-get install -y a', 'apt-get install -y b'],
  ],
  ['P="a b"\napt-get install $P', ['apt-get install a b']],
  ['i() { yum install -y "$@"; }; i a b', ['yum install -y a b']],
  ['X=1 run; exec "$X"', ['1']],
  ['P=(a "b c")\nP+=(d)\napt-get install "${P[@]}"', ['apt-get install a b c d']],
  ['A=$B; B="a b"; A=$B; run "$A"', ['run a b']],
  [': ${A:="$(x "${B}" \'}\')"}\nC=c; run $C', ['run c']],
  ['X="$(echo "don\'t") $(# it\'s\necho)"; Y=1; run $Y', ['run 1']],
  ['if (( $(left) > 0 && a < b )); then Y=1; run $Y; fi', ['run 1']],
  ['X="$(cat <<E\ndon\'t )\nE\n)"; Y=1; run $Y', ['run 1']],
  ['if [[ $a =~ ^(x|y)$ && ( $b < $c ) ]]; then Y=1; run $Y; fi', ['run 1']],
])('%s becomes the commands that run', (script, expected) => {
  expect(evaluate(script).commands).toEqual(expected);
});

test('here-documents that become files are removed from the rest', () => {
  const script = `a\ncat > /x <<'E'\nb\nE\nmysql <<'E'\nc\nE\ncat <<E | tee /y\nd\nE\n`;
  expect(evaluate(script).rest).toBe(`a\ncat > /x <<'E'\nmysql <<'E'\nc\nE\ncat <<E | tee /y\n`);
});

test.each<[string, string]>([
  ['loops in loops', 'for a in 1 2 3 4 5 6 7 8 9; do '.repeat(30) + 'echo x;' + ' done'.repeat(30)],
  ['what doubles', 'a=x;' + 'a=${a}${a};'.repeat(3000)],
  ['a function of itself', 'x() { x; x; }; x'],
  ['substitutions without an end', '$('.repeat(50_000)],
  ['quoted ones', '"$(" '.repeat(20_000)],
  ['expansions without an end', '${'.repeat(50_000)],
  ['conditions without an end', '[[ a '.repeat(20_000)],
  ['arrays without an end', 'A=( '.repeat(20_000)],
  ['documents in substitutions', '$(cat <<A\n'.repeat(10_000)],
  ['quotation marks', `"'`.repeat(50_000)],
  ['groups without an end', '{ ( '.repeat(20_000)],
  ['documents without an end', 'cat <<A '.repeat(10_000)],
  ['branches without an end', 'case x in '.repeat(20_000)],
  ['a long word', 'a'.repeat(300_000)],
  ['many lines', 'echo a >> f\n'.repeat(25_000)],
  ['a wild expression', `sed -i 's/${'(a*)*'.repeat(40)}b/x/' f;`.repeat(200)],
])('%s terminate', (_name, script) => {
  const { commands, files } = evaluate(script);
  const size = [...commands, ...[...files.values()].map(({ text }) => text)].join('').length;
  expect(size).toBeLessThan(1_000_000);
});

test.each<[string, string]>([
  ['echo "run x" > /etc/motd', 'run'],
  ['printf "run x"; logger run y', 'run'],
  ['cat <<E\nrun x\nE', 'run'],
  [": <<'E'\nrun x\nE", 'run'],
])('%j only prints', (script, word) => {
  const { commands, rest } = evaluate(script);
  expect([...commands, rest].join('\n')).not.toContain(word);
});

test('references in words are kept', () => {
  expect(evaluate('echo "run \uE0000\uE001"; x').rest).toBe('echo \uE0000\uE001; x');
});

test('input of a program that is not followed is kept', () => {
  expect(evaluate('echo "run x" | mysql').rest).toContain('run x');
});

test.each<[string, string | undefined, string | undefined]>([
  ['chmod 644 x; chmod 640 x', '640', undefined],
  ['chmod 644 x; chmod o-r x', '0640', undefined],
  ['chmod u=rw,g=r,o= x', '0640', undefined],
  ['chmod 644 y; mv y x', '644', undefined],
  ['chown www-data x; chgrp horizon x', undefined, 'www-data:horizon'],
  ['install -o root -g horizon -m0640 y x', '0640', 'root:horizon'],
  ['find /etc/a -exec chmod 644 {} +', undefined, undefined],
  ['chmod 644 x; rm x', undefined, undefined],
])('%s results in mode %s and owner %s', (script, mode, owner) => {
  const { permissions } = evaluate(`cd /etc/a; ${script}`);
  const { mode: given, owner: by } = permissions.get('/etc/a/x') ?? {};
  expect([given, by]).toEqual([mode, owner]);
});

test('xargs runs a command with the words of its input', () => {
  expect(evaluate("printf '%s\\n' jq varnish | xargs -r -n 5 apt-get install -y").commands).toEqual(
    ['apt-get install -y jq varnish'],
  );
});
