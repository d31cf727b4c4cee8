import { federationPackages } from '../cloud/identity/federation';
import { keystoneSetup } from '../cloud/openstack/keystone';
import type { Image, Images } from '../machine/image';

/** What the services around the hosts need. */
const PACKAGES = ['keystone', 'memcached', 'gunicorn'];

/** The image of the services that stand around the hosts. */
export function serviceImage(images: Images, federation: boolean): Promise<Image> {
  return federation
    ? images.withPackages(
        'cloud-federation',
        [...PACKAGES, ...federationPackages()],
        keystoneSetup(),
      )
    : images.withPackages('cloud', PACKAGES, keystoneSetup());
}
