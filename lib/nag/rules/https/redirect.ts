import { Facts } from '../../dashboard/facts';
import { CLASSIC_LOAD_BALANCER, LISTENER, LISTENER_RULE } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { literal } from '../../template/text';

export const httpsRedirect: Rule = {
  id: 'HTTPS1',
  guideRules: [17],
  level: 'error',
  ours: "Port 80 only redirects, to the dashboard's name",
  cause: "An HTTP listener of the dashboard's load balancer does more than redirect to HTTPS.",
  explanation:
    "HTTP requests to the dashboard's domain must be redirected to the fully qualified HTTPS " +
    'URL. Anything sent over HTTP, including cookies and tokens, can be read and modified in ' +
    'transit.',
  page: GuidePage.HTTPS,
  fix: 'Give the listener a single default action: a redirect with the protocol HTTPS.',
  types: [LISTENER, LISTENER_RULE, CLASSIC_LOAD_BALANCER],
  check(resource, facts) {
    if (resource.type === CLASSIC_LOAD_BALANCER) {
      return classic(resource, facts);
    }
    const listener = listenerOf(resource, facts);
    if (!listener || !facts.listeners.has(listener)) {
      return undefined;
    }
    const name = resource.type === LISTENER ? 'DefaultActions' : 'Actions';
    const actions = asList(resource.property(name));
    const wrong = actions ? anyAnswers(actions) : undefined;
    const protocol = literal(listener.property('Protocol'));
    if (protocol === undefined) {
      // A redirect is correct for any protocol.
      if (wrong !== false && listener.property('Protocol') !== undefined) {
        facts.unknown(`Properties.${resource.type === LISTENER ? 'Protocol' : name}`);
      }
      return undefined;
    }
    if (protocol !== 'HTTP') {
      return undefined;
    }
    if (wrong === undefined) {
      facts.unknown(`Properties.${name}`);
    }
    return wrong ? [`Properties.${name}`] : [];
  },
};

/** A classic load balancer cannot redirect. */
function classic(balancer: Resource, facts: Facts): string[] | undefined {
  if (!facts.loadBalancers.has(balancer)) {
    return undefined;
  }
  return (balancer.list('Listeners') ?? []).flatMap((listener, index) =>
    facts.wrong(
      `Properties.Listeners.${index}.Protocol`,
      get(listener, 'Protocol'),
      (protocol) => protocol.toUpperCase() === 'HTTP',
    ),
  );
}

/** Whether any action answers over HTTP, or undefined if that is not known at synth time. */
function anyAnswers(actions: readonly unknown[]): boolean | undefined {
  const each = actions.map(answers);
  if (each.includes(true)) {
    return true;
  }
  return each.includes(undefined) ? undefined : false;
}

function listenerOf(resource: Resource, facts: Facts): Resource | undefined {
  return resource.type === LISTENER
    ? resource
    : facts.target(resource, resource.property('ListenerArn'))?.resource;
}

/** Whether an action answers over HTTP, or undefined if that is not known at synth time. */
function answers(action: unknown): boolean | undefined {
  const type = literal(get(action, 'Type'));
  if (type === undefined) {
    return undefined;
  }
  if (type !== 'redirect') {
    return true;
  }
  const config = get(action, 'RedirectConfig');
  if (config === undefined) {
    return true;
  }
  const given = get(config, 'Protocol');
  // By default, a redirect keeps the protocol of the request.
  if (given === undefined) {
    return true;
  }
  const protocol = literal(given);
  return protocol === undefined ? undefined : protocol !== 'HTTPS';
}
