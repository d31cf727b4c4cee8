import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as os from 'node:os';
import * as path from 'node:path';
import { sleep, until } from '../../../preview/shared/run';
import { Checks, measure, must } from '../harness/checks';
import { SPICE } from './consoles';
import type { Stage } from './stage';

const GIBIBYTE = 2 ** 30;
const SIZE = 2 * GIBIBYTE;
/** Of a download that takes longer than the minute which proxies allow by default. */
const OBJECT = { size: 100 * 2 ** 20, seconds: 75 };

interface Image {
  readonly name: string;
  readonly status: string;
  readonly size: number;
  readonly checksum: string;
}

async function images({ user }: Stage): Promise<readonly Image[]> {
  return user.page.evaluate<Image[]>(
    `fetch('/api/glance/images/', { headers: { 'X-Requested-With': 'XMLHttpRequest' } })
      .then((answer) => answer.json()).then(({ items }) => items)`,
  );
}

/** Fills in the form, and sends it. */
async function upload(stage: Stage, name: string, file: string, format: string): Promise<void> {
  const { page } = stage.user;
  await stage.user.open('/project/images', 'debian-13');
  await page.click('button:has-text("Create Image")');
  await page.fill('#imageForm-name', name);
  await page.setInputFiles('input[name=image_file]', file);
  await page.selectOption('#imageForm-format', { label: format });
  await page.click('.modal-content button.finish');
}

async function withFile(size: number, body: (file: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upload-'));
  const file = path.join(folder, 'image.raw');
  fs.writeFileSync(file, '');
  // All zeros, which take no room here.
  fs.truncateSync(file, size);
  // A browser may not run as root.
  fs.chmodSync(folder, 0o755);
  try {
    await body(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The MD5 of zeros, as Glance calculates it. */
function checksumOf(size: number): string {
  const hash = createHash('md5');
  const zeros = Buffer.alloc(2 ** 24);
  for (let left = size; left > 0; left -= zeros.length) {
    hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
  }
  return hash.digest('hex');
}

/** Waits until Glance has an image, and compares it. */
async function arrives(stage: Stage, name: string, size: number, seconds: number): Promise<void> {
  let image: Image | undefined;
  await until(
    `${name} is active`,
    seconds,
    async () => {
      image = (await images(stage)).find((each) => each.name === name);
      return image?.status === 'active';
    },
    1000,
  );
  must(image?.size === size, `Glance has ${image?.size} bytes`);
  must(image?.checksum === checksumOf(size), `Glance has the checksum ${image?.checksum}`);
}

/** What the processes of the dashboard hosts hold at most while something happens, in MiB above the start. */
/** Bytes of processes and of files in memory: a host's /tmp is a tmpfs. */
async function memoryDuring(stage: Stage, body: () => Promise<void>) {
  const host = (await stage.preview.call('hosts')).find(
    ({ role, running }) => role === 'dashboard' && running,
  );
  const id = host?.id ?? '';
  const read = async () => {
    const folders = await stage.preview.call('exec', id, [
      ...['df', '--block-size=1', '--type=tmpfs', '--output=used', '/tmp', '/dev/shm'],
    ]);
    const files = (folders.match(/^ *\d+$/gm) ?? []).map(Number);
    must(files.length === 2, `/tmp and /dev/shm are not in memory: ${folders}`);
    const processes = await stage.preview.call('memory', id);
    return (processes + files[0] + files[1]) / 2 ** 20;
  };
  const before = await read();
  let peak = before;
  let ended = false;
  const watch = (async () => {
    while (!ended) {
      peak = Math.max(peak, await read());
      await sleep(500);
    }
  })();
  try {
    await body();
  } finally {
    ended = true;
    await watch;
  }
  return { before, peak };
}

async function legacy(stage: Stage): Promise<void> {
  await withFile(SIZE, async (file) => {
    const began = Date.now();
    const { before, peak } = await memoryDuring(stage, async () => {
      await upload(stage, 'large-legacy', file, 'Raw');
      await arrives(stage, 'large-legacy', SIZE, 900);
    });
    measure(
      '2 GiB through a dashboard host, until Glance has it',
      (Date.now() - began) / 1000,
      's',
    );
    measure('memory of the host before', before, 'MiB');
    measure('and at most while it uploads', peak, 'MiB', before + 200);
    must(peak < before + 200, `the host holds ${peak} MiB, and ${before} MiB before`);
  });
}

async function refused(stage: Stage): Promise<void> {
  await withFile(2 ** 20, async (file) => {
    // The content is no QCOW2, which Glance finds out.
    await upload(stage, 'not-a-qcow2', file, 'QCOW2 - QEMU Emulator');
    await until('the user is told', 60, async () => (await stage.user.messages()).length > 0, 500);
    await stage.shoot('upload-refused');
    const messages = (await stage.user.messages()).join('; ');
    process.stdout.write(`          the user reads: ${messages}\n`);
    for (const part of ['The image was not uploaded', 'Unable to create the image.']) {
      must(messages.includes(part), `the user reads: ${messages}`);
    }
    must(!/TypeError|[{}]/.test(messages), `the user reads code: ${messages}`);
  });
  const left = (await images(stage)).find(({ name }) => name === 'not-a-qcow2');
  must(left === undefined, `an image is left: ${left?.status}`);
}

async function direct(stage: Stage): Promise<void> {
  await stage.become('direct');
  const { page } = stage.user;
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('glance.cloud.internal')) {
      sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    }
  });
  const size = 64 * 2 ** 20;
  await withFile(size, async (file) => {
    await upload(stage, 'direct', file, 'Raw');
    await arrives(stage, 'direct', size, 120);
  });
  must(
    sent.some((line) => /^PUT \/v2\/images\/.*\/file$/.test(line)),
    `the browser sent Glance ${sent.join(', ')}`,
  );
  stage.violations.none();
  must((await stage.user.messages()).length === 0, (await stage.user.messages()).join('; '));
}

/** A client that reads slowly gets all of an object. */
async function slowDownload(stage: Stage): Promise<void> {
  const { preview, user } = stage;
  const content = createHash('sha256');
  await user.open('/project/containers/');
  const made = await user.page.evaluate<number>(`(async () => {
    const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1]
      ?? document.querySelector('input[name=csrfmiddlewaretoken]')?.value ?? '';
    const bytes = new Uint8Array(${OBJECT.size});
    for (let at = 0; at < bytes.length; at += 65536) bytes.fill(at / 65536 % 251, at, at + 65536);
    const form = new FormData();
    form.append('file', new Blob([bytes]), 'large.bin');
    const answer = await fetch('/api/swift/containers/backups/object/large.bin',
      { method: 'POST', body: form, headers: { 'X-CSRFToken': csrf } });
    return answer.status;
  })()`);
  must(made === 201, `the upload of the object answered ${made}`);
  for (let at = 0; at < OBJECT.size; at += 65536) {
    content.update(Buffer.alloc(65536, (at / 65536) % 251));
  }
  const cookies = await user.page.context().cookies(preview.url);
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const began = Date.now();
  const { bytes, digest } = await readSlowly(stage, header);
  const took = (Date.now() - began) / 1000;
  measure('a download of 100 MiB by a slow client', took, 's');
  must(took > 60, `it took ${took} s, which is not slow`);
  must(bytes === OBJECT.size, `${bytes} bytes came`);
  must(digest === content.digest('hex'), 'other bytes came');
}

function readSlowly({ preview, address }: Stage, cookie: string) {
  const url = new URL('/api/swift/containers/backups/object/large.bin', preview.url);
  return new Promise<{ bytes: number; digest: string }>((resolve, reject) => {
    const options = { host: address, servername: url.hostname, ca: preview.ca, path: url.pathname };
    const began = Date.now();
    const request = https.get(
      { ...options, headers: { host: url.host, cookie }, agent: false },
      (response) => {
        must(response.statusCode === 200, `the download answered ${response.statusCode}`);
        const hash = createHash('sha256');
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          bytes += chunk.length;
          const due = (bytes / OBJECT.size) * OBJECT.seconds * 1000;
          const early = due - (Date.now() - began);
          if (early > 50) {
            response.pause();
            setTimeout(() => response.resume(), early);
          }
        });
        response.on('end', () => resolve({ bytes, digest: hash.digest('hex') }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
  });
}

const LARGE = 'an image of 2 GiB passes through a host without filling its memory';
const SLOW = 'an object is downloaded for more than a minute';
export const UPLOADS: Checks<Stage> = [
  [LARGE, legacy],
  ['an image that Glance refuses is reported, and not kept', refused],
  [SLOW, slowDownload],
  ['the browser sends an image to Glance itself', direct],
  SPICE,
];

/** What takes minutes. */
export const LONG = new Set([LARGE, SLOW]);
