import { imageBuilds } from '../../dashboard/image-builds';
import { CONTAINER_RECIPE, IMAGE_COMPONENT, IMAGE_RECIPE } from '../../dashboard/resource-types';
import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

export const staticBuild = scriptRule({
  id: 'STATIC6',
  guideRules: [31],
  level: 'warning',
  ours:
    'With `bakedImages`, releases are built in a machine image, on an instance that never takes ' +
    'traffic. Otherwise, the first host of a release builds it once, before it takes traffic, from ' +
    'Debian packages; every other host downloads it',
  cause: 'CSS and JavaScript are compressed on each production host (manage.py compress).',
  explanation:
    'The guide recommends compressing in a build environment: the dependencies do not belong ' +
    'on production hosts, and if each host compresses for itself, the results may differ, ' +
    'which breaks pages.',
  page: GuidePage.STATIC_MEDIA,
  fix:
    'Compress once, in an image or a build, and deploy the result to the hosts. With ' +
    '`OpenStackDashboard`, `bakedImages` does this.',
  // An image is built once, for all hosts that start from it.
  wrong: ({ lines }, facts, resource) =>
    ![IMAGE_COMPONENT, IMAGE_RECIPE, CONTAINER_RECIPE].includes(resource.type) &&
    !imageBuilds(facts).has(resource) &&
    commandsIn(lines).some((command) =>
      /\b(manage\.py|django-admin)\b.*\scompress\b/.test(command),
    ),
});
