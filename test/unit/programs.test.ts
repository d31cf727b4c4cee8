/** Programs of the repository say what they did not do: by a message, and by their status. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from './fixtures';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (
  args: string[],
  env: NodeJS.ProcessEnv = {},
  cwd = ROOT,
): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, output: stdout + stderr };
};

describe('npm run synth', () => {
  /** The programs that it runs, each of which says what it was given. */
  const stubs = (status = 0): string => {
    const text = (name: string): string =>
      `console.log('${name}', JSON.stringify(process.argv.slice(2))); process.exit(${status});`;
    for (const path of ['node_modules/aws-cdk/bin', 'bin', 'scripts']) {
      spawnSync('mkdir', ['-p', join(folder, path)]);
    }
    writeFileSync(join(folder, 'node_modules/aws-cdk/bin/cdk'), text('cdk'));
    writeFileSync(join(folder, 'bin/summary.js'), text('summary'));
    copyFileSync(join(ROOT, 'scripts/synth.mjs'), join(folder, 'scripts/synth.mjs'));
    return 'scripts/synth.mjs';
  };

  test.each([
    [[], 'cdk.out'],
    [['-c', 'domainName=dashboard.example'], 'cdk.out'],
    [['-o', 'elsewhere', '-c', 'a=b'], 'elsewhere'],
    [['--output', 'elsewhere'], 'elsewhere'],
    [['--output=elsewhere'], 'elsewhere'],
  ])('passes %j to the CDK CLI, and summarizes %s', (args, out) => {
    const { status, output } = run([stubs(), ...args], {}, folder);
    expect(status).toBe(0);
    expect(output.split('\n').slice(0, 2)).toEqual([
      `cdk ${JSON.stringify(['synth', '--strict', '--quiet', ...args])}`,
      `summary ${JSON.stringify([out])}`,
    ]);
  });

  test('fails as the CDK CLI does, without a summary', () => {
    const { status, output } = run([stubs(3)], {}, folder);
    expect(status).toBe(3);
    expect(output).not.toContain('summary');
  });

  // npm run synth -c domainName=… : npm takes -c for its own --call, and --context likewise.
  test.each(['npm_config_call', 'npm_config_context', 'npm_config_output'])(
    'fails where npm kept an option for itself: %s',
    (name) => {
      const { status, output } = run([stubs()], { [name]: 'domainName=a.example' }, folder);
      expect(status).toBe(1);
      expect(output).toMatch(/^npm kept an option for itself \(domainName=a\.example\)/);
      expect(output).toContain('npm run synth -- -c name=value');
      expect(output).not.toContain('cdk');
    },
  );
});

describe.each(['session', 'static'])('the bench of %s', (bench) => {
  test('fails if it cannot run', () => {
    const file = join(ROOT, 'node_modules', `.bench-${bench}-${process.pid}.js`);
    try {
      buildSync({
        entryPoints: [join(ROOT, 'bench', `${bench}.ts`)],
        outfile: file,
        bundle: true,
        packages: 'external',
        platform: 'node',
        logLevel: 'error',
      });
      const program = `process.getuid = () => 1000; require(${JSON.stringify(file)})`;
      const { status, output } = run(['-e', program]);
      expect(output).toContain('cannot run here');
      expect(status).toBe(1);
    } finally {
      rmSync(file, { force: true });
    }
  });
});
