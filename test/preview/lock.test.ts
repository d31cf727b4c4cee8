import { transformFileSync } from '@swc/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../preview/shared/lock';

// Flock(1) is of Linux
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a lock', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'lock-'));
  const file = join(folder, 'lock');

  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('is for one at a time', async () => {
    const said: string[] = [];
    const unlock = await takeLock(file);
    const second = takeLock(file).then((release) => {
      said.push('second');
      return release;
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    said.push('first');
    await unlock();
    const unlockSecond = await second;
    await unlockSecond();
    expect(said).toEqual(['first', 'second']);
    // The file of a lock stays: whoever waits has it open
    expect(fs.readdirSync(folder)).toEqual(['lock']);
  });

  test('is free again when whoever had it was killed', async () => {
    const source = require.resolve('../../preview/shared/lock');
    const { code } = transformFileSync(source, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    const take = `takeLock(process.argv[1]).then(() => console.log('taken'))`;
    const other = spawn(process.execPath, ['-e', `${code};${take}`, file]);
    await once(other.stdout, 'data');
    other.kill('SIGKILL');
    const unlock = await takeLock(file);
    await unlock();
    expect(other.signalCode).toBe('SIGKILL');
  });

  test('cannot be taken in a folder that is not there', async () => {
    await expect(takeLock(join(folder, 'none', 'lock'))).rejects.toThrow('ended with 66');
  });
});
