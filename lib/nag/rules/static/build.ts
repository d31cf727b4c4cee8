import { CONTAINER_RECIPE, IMAGE_COMPONENT, IMAGE_RECIPE } from '../../dashboard/resource-types';
import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

export const staticBuild = scriptRule({
  id: 'STATIC6',
  guideRules: [31],
  level: 'warning',
  ours:
    'The first host of a release builds it once, before it takes traffic, from what Debian packages ' +
    'bring; every other host downloads it',
  cause: 'CSS and JavaScript are compressed on each production host (manage.py compress).',
  explanation:
    'The guide wants compression in a build environment: what it depends on does not belong on ' +
    'production hosts, and hosts that each compress for themselves may differ, which breaks pages.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Compress once, in an image or a build, and give hosts the result.',
  // an image is made once, for all hosts that start from it
  wrong: ({ lines }, _facts, { type }) =>
    ![IMAGE_COMPONENT, IMAGE_RECIPE, CONTAINER_RECIPE].includes(type) &&
    commandsIn(lines).some((command) =>
      /\b(manage\.py|django-admin)\b.*\scompress\b/.test(command),
    ),
});
