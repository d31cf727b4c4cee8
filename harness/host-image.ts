import { DASHBOARD_PACKAGES } from '../lib/dashboard-hosts/dashboard-hosts';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Image, Images } from '../preview/machine/image';

/** A Debian 13 root file system with Horizon and what its tests need. */
export function hostTestImage(): Promise<Image> {
  const images = new Images({
    directory: process.env.OPENSTACK_DASHBOARD_PREVIEW_CACHE ?? DEFAULT_CACHE,
    mirror: DEFAULT_MIRROR,
    progress: async (step, work) => {
      console.log(`${step} …`);
      return work();
    },
  });
  return images.withPackages('host-tests', [
    ...DASHBOARD_PACKAGES,
    'unattended-upgrades',
    'memcached',
    // A plugin of Horizon.
    'python3-designate-dashboard',
  ]);
}
