import { Facts, LISTENER, LISTENER_RULE } from '../facts';
import { GuidePage, Rule } from '../rule';
import { Resource, asList, get } from '../template';
import { literal } from '../text';

export const httpsRedirect: Rule = {
  id: 'HTTPS1',
  guideRules: [17],
  level: 'error',
  ours: "Port 80 only redirects, to the dashboard's name",
  cause: "An HTTP listener of the dashboard's load balancer does more than redirect to HTTPS.",
  explanation:
    'HTTP requests to the dashboard domain are redirected to the fully qualified HTTPS URL. What is ' +
    'answered over HTTP, cookies and tokens with it, can be read and changed on the way.',
  page: GuidePage.HTTPS,
  fix: 'Let the listener have one default action, a redirect with the protocol HTTPS.',
  types: [LISTENER, LISTENER_RULE],
  check(resource, facts) {
    const listener = listenerOf(resource, facts);
    if (!listener || !facts.listeners.has(listener)) return undefined;
    if (literal(listener.property('Protocol')) !== 'HTTP') return undefined;
    const name = resource.type === LISTENER ? 'DefaultActions' : 'Actions';
    const actions = asList(resource.property(name));
    return actions?.some(answers) ? [`Properties.${name}`] : [];
  },
};

function listenerOf(resource: Resource, facts: Facts): Resource | undefined {
  return resource.type === LISTENER
    ? resource
    : facts.target(resource, resource.property('ListenerArn'))?.resource;
}

/** Whether an action surely answers over HTTP. */
function answers(action: unknown): boolean {
  const type = literal(get(action, 'Type'));
  if (type === undefined) return false;
  if (type !== 'redirect') return true;
  const config = get(action, 'RedirectConfig');
  if (config === undefined) return true;
  const given = get(config, 'Protocol');
  // Left out, a redirect keeps the protocol of the request.
  if (given === undefined) return true;
  const protocol = literal(given);
  return protocol !== undefined && protocol !== 'HTTPS';
}
