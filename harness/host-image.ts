import { HorizonRelease } from '../lib';
import { DASHBOARD_PACKAGES } from '../lib/dashboard-hosts/dashboard-hosts';
import { DEBIAN_PLUGINS } from '../lib/dashboard-hosts/horizon-plugin';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Image, Images } from '../preview/machine/image';

const NEEDED = [...DASHBOARD_PACKAGES, 'unattended-upgrades', 'memcached'];

/**
 * A Debian 13 root file system with Horizon and what its tests need.
 *
 * @param series of Horizon from PyPI; Debian's by default
 */
export function hostTestImage(series?: string): Promise<Image> {
  if (series !== undefined) {
    const release = HorizonRelease.upstream(series);
    return images().withHorizon('host-tests', [...release._packages, ...NEEDED], release._files!);
  }
  // A plugin of Horizon
  return imageWith('host-tests', [...NEEDED, 'python3-designate-dashboard']);
}

/** The same with all plugins of Debian 13. */
export function pluginTestImage(): Promise<Image> {
  return imageWith('host-tests-plugins', [
    ...NEEDED,
    ...DEBIAN_PLUGINS.map((plugin) => plugin.debianPackage),
  ]);
}

function imageWith(name: string, packages: string[]): Promise<Image> {
  const release = HorizonRelease.debian();
  return images().withPackages(name, [...release._packages, ...packages]);
}

function images(): Images {
  return new Images({
    directory: process.env.OPENSTACK_DASHBOARD_PREVIEW_CACHE ?? DEFAULT_CACHE,
    mirror: DEFAULT_MIRROR,
    progress: async (step, work) => {
      console.log(`${step} …`);
      return work();
    },
  });
}
