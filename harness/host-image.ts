import { HorizonRelease } from '../lib';
import { DASHBOARD_PACKAGES } from '../lib/dashboard-hosts/dashboard-hosts';
import { DEBIAN_PLUGINS } from '../lib/dashboard-hosts/horizon-plugin';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Image, Images } from '../preview/machine/image';

/**
 * The image of the preview's dashboard hosts with what the tests of host files need.
 *
 * @param series of Horizon from PyPI; Debian's by default
 */
export async function hostTestImage(series?: string): Promise<Image> {
  const release = series === undefined ? HorizonRelease.debian() : HorizonRelease.upstream(series);
  // In the order of the template: the name of an image is a hash of it
  const packages = [...release._packages, ...DASHBOARD_PACKAGES, 'unattended-upgrades'];
  const dashboard =
    release._files === undefined
      ? await images().withPackages('dashboard', packages)
      : await images().withHorizon('dashboard', packages, release._files);
  // Debian's with a plugin of Horizon
  const more = series === undefined ? ['python3-designate-dashboard'] : [];
  return images().withPackages('host-tests', ['memcached', ...more], undefined, dashboard);
}

/** The same with all plugins of Debian 13. */
export async function pluginTestImage(): Promise<Image> {
  const plugins = DEBIAN_PLUGINS.map(({ debianPackage }) => debianPackage);
  return images().withPackages('host-tests-plugins', plugins, undefined, await hostTestImage());
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
