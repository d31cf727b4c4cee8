import { lastHole } from '../../dashboard/names';
import { HOST_TYPES, RECORD_SET, RECORD_SET_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { registeredDomain, isOwnDomain } from '../../reading/public-suffix';
import { Resource, asList, get } from '../../template/template';
import { hasHole } from '../../template/text';
import { presented } from '../https/self-signed';
import { place } from '../kinds/setting-rule';
import { isWildcard, splitHosts } from '../settings/allowed-hosts-wildcard';

const CERTIFICATE = 'AWS::CertificateManager::Certificate';

const SHARED = ['dashboard.example.org'];

/** Whether a fully qualified name is below a registered domain, which other sites may share. */
export const isShared = (name: string): boolean =>
  name.includes('.') &&
  !hasHole(name) &&
  !isWildcard(name) &&
  !/^[\d.]+$/.test(name) &&
  // A public suffix is not a registered domain.
  registeredDomain(name) !== undefined &&
  !isOwnDomain(name);

export const domainOwn: Rule = {
  id: 'DOMAIN1',
  guideRules: [1],
  level: 'warning',
  ours: 'The name given as domainName',
  cause: 'The dashboard is on a subdomain, which it may share with other sites.',
  explanation:
    'The guide strongly recommends a second-level domain, such as https://example.com, and ' +
    'advises against a shared subdomain of any level. Sites below one domain can set cookies ' +
    'for each other, so a vulnerability in any of them also affects the dashboard.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix:
    'Use a registered domain for the dashboard alone. If no other site uses the domain, ' +
    'acknowledge the rule and give that as the reason.',
  types: [...HOST_TYPES, RECORD_SET, RECORD_SET_GROUP, CERTIFICATE],
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (sources) {
      const judged = sources.filter(({ settings }) => settings.has('ALLOWED_HOSTS'));
      if (judged.length === 0) {
        return undefined;
      }
      return judged
        .filter((source) => {
          const setting = source.settings.get('ALLOWED_HOSTS')!;
          const shared = !setting.dynamic && splitHosts(setting.text).some(isShared);
          const open = setting.dynamic || hasHole(setting.text);
          if (!shared && open && !facts.template.excludes(resource.stack, setting, SHARED)) {
            facts.unknown(place(source, 'ALLOWED_HOSTS'));
          }
          return shared;
        })
        .map((source) => place(source, 'ALLOWED_HOSTS'));
    }
    // The names of hosts count; records and certificates are only used if hosts have none.
    if (facts.namesAreStated || facts.loadBalancers.size === 0) {
      return undefined;
    }
    const leads = (from: Resource, value: unknown): boolean => {
      const target = facts.target(from, lastHole(value));
      return target !== undefined && facts.loadBalancers.has(target.resource);
    };
    const shared = (record: unknown, at: string): string[] | undefined => {
      const values = [
        get(record, 'AliasTarget', 'DNSName'),
        ...(asList(get(record, 'ResourceRecords')) ?? []),
      ];
      if (!values.some((value) => leads(resource, value))) {
        return undefined;
      }
      return facts.wrong(`${at}.Name`, get(record, 'Name'), (text) => {
        const name = text.replace(/\.$/, '');
        return !isStaticName(name) && isShared(name);
      });
    };
    if (resource.type === RECORD_SET) {
      return shared(resource.property(), 'Properties');
    }
    if (resource.type === RECORD_SET_GROUP) {
      const each = (resource.list('RecordSets') ?? []).map((record, index) =>
        shared(record, `Properties.RecordSets.${index}`),
      );
      const judged = each.filter((places) => places !== undefined);
      return judged.length > 0 ? judged.flat() : undefined;
    }
    if (resource.type === CERTIFICATE) {
      if (!presented(facts).has(resource)) {
        return undefined;
      }
      // A wildcard certificate is not only for the dashboard's name.
      return facts.wrong(
        'Properties.DomainName',
        resource.property('DomainName'),
        (name) => isShared(name) || name.startsWith('*.'),
      );
    }
    return undefined;
  },
};

const isStaticName = (name: string): boolean => /^(static|assets|cdn|media)\./.test(name);
