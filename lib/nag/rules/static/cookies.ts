import { targetGroupsOf } from '../../dashboard/references';
import {
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
  INSTANCE,
  LISTENER_RULE,
  TARGET_GROUP,
} from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { isForStatic, staticTier } from '../../dashboard/static-tier';
import { GuidePage, Rule } from '../../pack/rule';
import { directives, headers, staticBlocks } from '../../reading/nginx';
import { get } from '../../template/template';
import { isTrue, literal } from '../../template/text';

export const staticCookies: Rule = {
  id: 'STATIC3',
  guideRules: [27],
  level: 'warning',
  ours: 'No stickiness, and nothing on static hosts that could set a cookie',
  cause: 'The static media host sets cookies.',
  explanation:
    'The guide says that the subdomain for static media must not set cookies. A cookie makes ' +
    'every response different, so that responses cannot be cached, and it is one more thing to ' +
    'steal.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Turn off stickiness (stickiness.enabled), authentication and Set-Cookie for static media.',
  types: [TARGET_GROUP, LISTENER_RULE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE],
  check(resource, facts) {
    const tier = staticTier(facts);
    if (resource.type === TARGET_GROUP) {
      if (!tier.targetGroups.has(resource)) {
        return undefined;
      }
      const attributes = resource.list('TargetGroupAttributes') ?? [];
      const value = (key: string): string | undefined =>
        literal(
          get(
            attributes.find((one) => literal(get(one, 'Key')) === key),
            'Value',
          ),
        );
      const sticky =
        isTrue(value('stickiness.enabled') ?? 'false') && value('stickiness.type') !== 'source_ip';
      return sticky ? ['Properties.TargetGroupAttributes'] : [];
    }
    if (resource.type === LISTENER_RULE) {
      const actions = resource.list('Actions') ?? [];
      const serves = targetGroupsOf(actions).some((arn) => {
        const target = facts.target(resource, arn);
        return target !== undefined && tier.targetGroups.has(target.resource);
      });
      // The same hosts may serve static media under a separate name.
      if (!serves && !isForStatic(resource, facts)) {
        return undefined;
      }
      const sets = actions.some(
        (action) =>
          /^authenticate-/.test(literal(get(action, 'Type')) ?? '') ||
          isTrue(
            literal(get(action, 'ForwardConfig', 'TargetGroupStickinessConfig', 'Enabled')) ??
              'false',
          ),
      );
      return sets ? ['Properties.Actions'] : serves ? [] : undefined;
    }
    const isStatic = tier.hosts.has(resource);
    if (!isStatic && !facts.hosts.has(resource)) {
      return undefined;
    }
    const sets = (text: string): boolean =>
      headers(text, 'Set-Cookie').length > 0 ||
      directives(text, 'userid').some((value) => value === 'on' || value === 'v1');
    return scriptsOf(resource, facts)
      .filter(({ text }) => sets(text) && (isStatic || staticBlocks(text, facts).some(sets)))
      .map(({ location }) => location);
  },
};
