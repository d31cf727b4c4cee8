import { INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { literal } from '../../template/text';

export const hostImdsv2: Rule = {
  id: 'HOST1',
  guideRules: [37],
  level: 'error',
  ours: 'Tokens are required',
  cause: 'Dashboard hosts allow requests for instance metadata without a token (IMDSv1).',
  explanation:
    "The host's role can read SECRET_KEY. With IMDSv1, a single server-side request forgery " +
    "(SSRF) is enough to steal the role's credentials, and with them the key.",
  page: GuidePage.HTTPS,
  fix: 'Set MetadataOptions.HttpTokens to required (requireImdsv2).',
  types: [LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE],
  check(resource, facts) {
    if (!facts.hosts.has(resource)) {
      return undefined;
    }
    // An instance without its own setting uses that of its launch template.
    if (resource.type === INSTANCE && resource.property('LaunchTemplate') !== undefined) {
      return undefined;
    }
    const options =
      resource.type === LAUNCH_TEMPLATE
        ? ['LaunchTemplateData', 'MetadataOptions']
        : ['MetadataOptions'];
    // The service is off.
    if (literal(resource.property(...options, 'HttpEndpoint')) === 'disabled') {
      return [];
    }
    const path = [...options, 'HttpTokens'];
    const place = `Properties.${path.join('.')}`;
    return facts.wrong(place, resource.property(...path), (tokens) => tokens !== 'required');
  },
};
