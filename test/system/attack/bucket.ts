import { HostState } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { Checks, measure, must } from '../harness/checks';
import { asRoot, Stage } from './stage';

/** What whoever has the role of a dashboard host can do with the bucket of static media. */
export const BUCKET: Checks<Stage> = [
  ['the role of hosts can neither overwrite nor delete a release', overwrite],
  ['objects that are no release take no static host out of service', rubbish],
  ['hostile archives put nothing into the world but plain files of a release', archives],
];

/** A request to the bucket, signed with the host's role; gives its status. */
async function s3(stage: Stage, host: HostState, key: string, ...words: string[]): Promise<string> {
  const script = [
    '. /usr/local/lib/openstack-dashboard/common.sh',
    'credentials',
    `aws s3 /dev/null "$(bucket_url)/${key}" ${words.join(' ')}`,
  ].join('\n');
  return (await asRoot(stage, host, script)).trim().slice(-3);
}

async function overwrite(stage: Stage): Promise<void> {
  const { preview, hosts } = stage;
  const [host] = hosts;
  const keys = (await preview.call('objects')).filter((key) => key.startsWith('releases/'));
  must(keys.length > 0, 'there is no release');
  await asRoot(stage, host, 'echo poison >/run/poison');
  for (const key of keys) {
    const tries: [string, string[]][] = [
      ['put', ['-T', '/run/poison']],
      ['put where it is not there yet', ['-T', '/run/poison', '-H', '"If-None-Match: *"']],
      ['copy onto itself', ['-X', 'PUT', '-H', `"x-amz-copy-source: /$ASSET_BUCKET/${key}"`]],
      ['delete', ['-X', 'DELETE']],
    ];
    for (const [what, words] of tries) {
      const status = await s3(stage, host, key, ...words);
      must(/^(403|409|412|405)$/.test(status), `${what} of ${key} answers ${status}`);
    }
    for (const from of stage.staticHosts) {
      const status = await s3(stage, from, key, '-T', '/etc/hostname', '-H', '"If-None-Match: *"');
      must(status === '403', `a static host's put of ${key} answers ${status}`);
    }
  }
  measure('writes to releases tried with a role of hosts', keys.length * 5, '');
}

// As hosts make archives: what is refused is refused for what is in it.
const AS_BUILT = "AS_BUILT='--sort=name --owner=0 --group=0 --numeric-owner --format=ustar'";

/** Puts a file as a release of some id; the role of hosts may add what is not there yet. */
async function publish(stage: Stage, id: string, make: string): Promise<void> {
  const [host] = stage.hosts;
  await asRoot(
    stage,
    host,
    `${AS_BUILT}; cd "$(mktemp -d)" && ${make} && mv made.tar /run/made.tar`,
  );
  const [sample] = (await stage.preview.call('objects')).filter((key) =>
    /^releases\/[0-9a-f]{16}/.test(key),
  );
  const key = sample.replace(/[0-9a-f]{16}/, id);
  const status = await s3(stage, host, key, '-T', '/run/made.tar', '-H', '"If-None-Match: *"');
  must(status === '200', `put of ${key} answers ${status}`);
}

/** Static hosts go on and serve what they have; they get what comes after, too. */
async function unmoved(stage: Stage): Promise<void> {
  const { preview, staticHosts, way } = stage;
  await sleep(20000);
  const targets = await preview.call('targets');
  for (const { id, name } of staticHosts) {
    const target = targets.find(({ instance }) => instance === id);
    must(target?.health === 'healthy', `${name} is ${target?.health}: ${target?.reason}`);
  }
  const { text } = await way.request('/auth/login/', {});
  const url = /https:\/\/[^"']+\.css/.exec(text)?.[0] ?? '';
  const { status } = await way.request(url, {});
  must(status === 200, `${url} answers ${status}`);
}

async function rubbish(stage: Stage): Promise<void> {
  await publish(stage, 'bbbbbbbbbbbbbbbb', 'printf 12345 >made.tar');
  await publish(stage, 'bbbbbbbbbbbbbbb0', ': >made.tar');
  await publish(stage, 'bbbbbbbbbbbbbbb1', 'head -c 300000 /dev/urandom >made.tar');
  await publish(
    stage,
    'bbbbbbbbbbbbbbb2',
    'mkdir r && echo 0000000000000000 >r/release && tar $AS_BUILT -C r -cf made.tar .',
  );
  await unmoved(stage);
}

async function archives(stage: Stage): Promise<void> {
  const { preview, staticHosts, way } = stage;
  const evil: Record<string, string> = {
    cccccccccccccc00: 'ln -s / r/all',
    cccccccccccccc01: 'ln -s /etc/passwd r/passwd.css',
    cccccccccccccc02: 'mknod r/disk b 8 0',
    cccccccccccccc03: 'cp /bin/true r/true && chmod 4755 r/true',
    cccccccccccccc04: 'mkfifo r/fifo',
    cccccccccccccc05: 'echo x >r/a && ln r/a r/b',
  };
  for (const [id, make] of Object.entries(evil)) {
    await publish(
      stage,
      id,
      `mkdir r && echo ${id} >r/release && ${make} && tar $AS_BUILT -C r -cf made.tar .`,
    );
  }
  const outside = 'cccccccccccccc06';
  await publish(
    stage,
    outside,
    `mkdir r && echo ${outside} >r/release && echo x >r/x && ` +
      "tar $AS_BUILT -C r --transform 's:^./x:../../../../../tmp/escaped:' -P -cf made.tar .",
  );
  // A plain one behind them: when it is there, those before were looked at.
  const plain = 'cccccccccccccc99';
  await publish(
    stage,
    plain,
    `mkdir r && echo ${plain} >r/release && echo 'a {}' >r/a.css && tar $AS_BUILT -C r -cf made.tar .`,
  );
  const url = `https://${preview.staticName}/static/${plain}/a.css`;
  await until('a plain release is served', 180, async () => {
    return (await way.request(url, {})).status === 200;
  });
  await unmoved(stage);
  for (const id of [...Object.keys(evil), outside]) {
    for (const path of ['all/etc/passwd', 'passwd.css', 'disk', 'true', 'fifo', 'release']) {
      const asked = `https://${preview.staticName}/static/${id}/${path}`;
      const { status, text } = await way.request(asked, {});
      const open = status === 200 && /root:|ELF/.test(text);
      must(!open, `${asked} answers ${status} ${text.slice(0, 60)}`);
    }
  }
  for (const host of staticHosts) {
    const find =
      'find /var/lib/openstack-dashboard-static /tmp /var/tmp -xdev ' +
      '\\( -type l -o -type b -o -type c -o -type p -o -perm /7000 -o -name escaped \\) ' +
      "! -path '/tmp/systemd-*' ! -perm -1777 -print";
    const found = (await asRoot(stage, host, find)).trim();
    must(found === '', `${host.name} has ${found}`);
  }
  measure('hostile archives', Object.keys(evil).length + 1, '');
}
