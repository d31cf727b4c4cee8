// Releases of static media that hosts of earlier previews have built: hosts that find theirs download it, as they do
// when a group has had hosts before.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { S3 } from '../cloud/aws/s3';
import type { Plan } from '../stack/plan';
import { variable } from '../stack/user-data';

/** The name of a release that no host has renewed. */
const NAME = /^[0-9a-f]{16}\.tar$/;
const PREFIX = 'releases/';

interface Options {
  readonly plan: Plan;
  readonly releases?: string;
}

/** Puts all releases of the folder into the bucket. */
export function storeReleases(s3: S3, { plan, releases }: Options): void {
  const bucket = bucketOf(plan);
  if (releases === undefined || bucket === undefined || !fs.existsSync(releases)) {
    return;
  }
  for (const name of fs.readdirSync(releases).filter((one) => NAME.test(one))) {
    s3.store(bucket, `${PREFIX}${name}`, fs.readFileSync(path.join(releases, name)));
  }
}

/** Puts the releases of the bucket into the folder, as far as it does not have them. */
export function keepReleases(s3: S3, options?: Options): void {
  const bucket = options && bucketOf(options.plan);
  if (options?.releases === undefined || bucket === undefined) {
    return;
  }
  fs.mkdirSync(options.releases, { recursive: true });
  for (const { key } of s3.objects().filter((object) => object.bucket === bucket)) {
    const name = key.slice(PREFIX.length);
    const file = path.join(options.releases, name);
    if (NAME.test(name) && !fs.existsSync(file)) {
      // There is never half of one: another preview may read it
      const temporary = `${file}.${process.pid}.part`;
      fs.writeFileSync(temporary, s3.content(bucket, key) ?? '');
      fs.renameSync(temporary, file);
    }
  }
}

function bucketOf({ hosts }: Plan): string | undefined {
  const dashboard = hosts.find(({ role }) => role === 'dashboard');
  return dashboard && variable(dashboard.userData, 'ASSET_BUCKET');
}
