import { federationPackages } from '../cloud/identity/federation';
import {
  FULL_CLOUD_PACKAGES,
  fullCloudPackages,
  fullCloudSetup,
} from '../cloud/openstack/full-cloud';
import { keystoneSetup } from '../cloud/openstack/keystone';
import type { Image, Images } from '../machine/image';

/** What the services around the hosts need. */
const PACKAGES = ['keystone', 'memcached', 'gunicorn'];

/** The image of the services that stand around the hosts. */
export async function serviceImage(
  images: Images,
  federation: boolean,
  full: boolean,
): Promise<Image> {
  const keystone = await images.withPackages('cloud', PACKAGES, keystoneSetup());
  const image = federation
    ? await images.withPackages('cloud-federation', federationPackages(), undefined, keystone)
    : keystone;
  if (!full) {
    return image;
  }
  const packages = await images.derive(
    'cloud-full-packages',
    image,
    fullCloudPackages(),
    FULL_CLOUD_PACKAGES,
    "Debian's packages of OpenStack, once: some minutes",
  );
  return images.derive(
    'cloud-full',
    packages,
    fullCloudSetup(),
    [],
    'databases, and instances, volumes and images in them, once: some minutes',
  );
}
