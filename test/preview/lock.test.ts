import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../preview/shared/lock';

// The start of a process is in /proc
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
    unlock();
    (await second)();
    expect(said).toEqual(['first', 'second']);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['has ended', () => `${spawnSync('true').pid} 1`],
    ['had the ID of this one', () => `${process.pid} 1`],
  ])('is taken from a process that %s', async (_, owner) => {
    fs.symlinkSync(owner(), file);
    (await takeLock(file))();
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
