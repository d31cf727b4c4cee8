import { INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { literal } from '../../template/text';

export const hostImdsv2: Rule = {
  id: 'HOST1',
  guideRules: [37],
  level: 'error',
  ours: 'Tokens required',
  cause: 'Dashboard hosts answer requests for instance metadata without a token (IMDSv1).',
  explanation:
    "The host's role may read SECRET_KEY. With IMDSv1 a single forged request from the host (SSRF) is " +
    "enough to take the role's credentials, and the key with them.",
  page: GuidePage.HTTPS,
  fix: 'Set MetadataOptions.HttpTokens to required (requireImdsv2).',
  types: [LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE],
  check(resource, facts) {
    if (!facts.hosts.has(resource)) {
      return undefined;
    }
    // What its launch template says holds for an instance that says nothing itself.
    if (resource.type === INSTANCE && resource.property('LaunchTemplate') !== undefined) {
      return undefined;
    }
    const options =
      resource.type === LAUNCH_TEMPLATE
        ? ['LaunchTemplateData', 'MetadataOptions']
        : ['MetadataOptions'];
    // A service that is off answers nobody.
    if (literal(resource.property(...options, 'HttpEndpoint')) === 'disabled') {
      return [];
    }
    const path = [...options, 'HttpTokens'];
    const place = `Properties.${path.join('.')}`;
    return facts.wrong(place, resource.property(...path), (tokens) => tokens !== 'required');
  },
};
