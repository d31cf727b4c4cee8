import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { KEYCLOAK_BUILD } from '../../../preview/cloud/identity/keycloak';
import { run } from '../../../preview/shared/run';
import { progress } from '../harness/checks';

export const KEYCLOAK_VERSION = '26.7.3';
const SHA256 = '27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f';
const CACHE = '/var/cache/cdk-openstack-dashboard';
const ARTIFACT = `org/keycloak/keycloak-quarkus-dist/${KEYCLOAK_VERSION}/keycloak-quarkus-dist-${KEYCLOAK_VERSION}.zip`;
const MAVEN_CENTRAL = 'https://repo1.maven.org/maven2';
/** The last file that a build writes. */
const BUILT = 'lib/quarkus/generated-bytecode.jar';

/** The folder of Keycloak from Maven Central, after its build. The first time, it is downloaded and built. */
export async function keycloakFolder(): Promise<string> {
  await run('java', ['-version']).catch((error: Error) => {
    throw new Error('Keycloak needs Java: install the package openjdk-21-jre-headless', {
      cause: error,
    });
  });
  const folder = path.join(CACHE, `keycloak-${KEYCLOAK_VERSION}`);
  if (!fs.existsSync(path.join(folder, BUILT))) {
    fs.mkdirSync(CACHE, { recursive: true });
    const part = fs.mkdtempSync(`${folder}.`);
    try {
      await progress('get Keycloak, once', () => unpack(part));
      const home = path.join(part, `keycloak-${KEYCLOAK_VERSION}`);
      const variables = Object.entries(KEYCLOAK_BUILD.env).map(
        ([name, value]) => `${name}=${value}`,
      );
      await progress('build Keycloak, once', () =>
        run('env', [...variables, path.join(home, 'bin/kc.sh'), ...KEYCLOAK_BUILD.args]),
      );
      fs.rmSync(folder, { recursive: true, force: true });
      fs.renameSync(home, folder);
    } finally {
      fs.rmSync(part, { recursive: true, force: true });
    }
  }
  return folder;
}

/** Unpacks it, from the repository of Maven on this machine if it is there. */
async function unpack(folder: string): Promise<void> {
  const local = path.join(os.homedir(), '.m2/repository', ARTIFACT);
  const zip = fs.existsSync(local) ? local : path.join(folder, 'keycloak.zip');
  if (zip !== local) {
    await run('curl', ['-fsS', '--retry', '3', '-o', zip, `${MAVEN_CENTRAL}/${ARTIFACT}`]);
  }
  const sum = createHash('sha256').update(fs.readFileSync(zip)).digest('hex');
  if (sum !== SHA256) {
    throw new Error(`${zip} must have the SHA-256 ${SHA256}, got ${sum}: remove it`);
  }
  await run('python3', ['-m', 'zipfile', '-e', zip, folder]);
  for (const name of ['kc.sh', 'kcadm.sh']) {
    fs.chmodSync(path.join(folder, `keycloak-${KEYCLOAK_VERSION}/bin`, name), 0o755);
  }
}
