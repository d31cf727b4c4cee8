// What a stack of the matrix does differently from the baseline.
import { PlainTemplate, Properties, att } from './baseline';

export type Change = (template: PlainTemplate) => void;

/** Managed cache policies. */
export const OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
export const DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

/** Sets a property, `Host.LaunchTemplateData.MetadataOptions`; undefined takes it out. */
export const set =
  (path: string, value?: unknown): Change =>
  ({ Resources }) => {
    const [id, ...names] = path.split('.');
    const last = names.pop()!;
    let at = Resources[id].Properties;
    for (const name of names) {
      at = at[name] as Properties;
    }
    if (value === undefined) {
      delete at[last];
    } else {
      at[last] = value;
    }
  };

/** Adds resources. */
export const add =
  (resources: Record<string, { Type: string; Properties?: Properties }>): Change =>
  ({ Resources }) => {
    for (const [id, { Properties = {}, ...rest }] of Object.entries(resources)) {
      Resources[id] = { ...rest, Properties };
    }
  };

type UserData = { 'Fn::Base64': { 'Fn::Sub': string } };

function userData({ Resources }: PlainTemplate, host: string): { 'Fn::Sub': string } {
  const data = Resources[host].Properties.LaunchTemplateData as { UserData: UserData };
  return data.UserData['Fn::Base64'];
}

/** Replaces a piece of what hosts are told. */
export const instead =
  (from: string, to: string, host = 'Host'): Change =>
  (template) => {
    const data = userData(template, host);
    if (data['Fn::Sub'].split(from).length !== 2) {
      throw new Error(`${host} has not one ${from}`);
    }
    data['Fn::Sub'] = data['Fn::Sub'].replace(from, () => to);
  };

/** Tells hosts more. */
export const also =
  (script: string, host = 'Host'): Change =>
  (template) => {
    userData(template, host)['Fn::Sub'] += script;
  };

/** Changes what the dashboard's container is told; undefined takes a variable out. */
export const environment =
  (variables: Record<string, unknown>): Change =>
  ({ Resources }) => {
    const [container] = Resources.Task.Properties.ContainerDefinitions as {
      Environment: { Name: string; Value: unknown }[];
    }[];
    container.Environment = [
      ...container.Environment.filter(({ Name }) => !(Name in variables)),
      ...Object.entries(variables)
        .filter(([, Value]) => Value !== undefined)
        .map(([Name, Value]) => ({ Name, Value })),
    ];
  };

/** A distribution before the dashboard. */
export function cdn(
  behavior: Properties,
  { domain = att('Balancer', 'DNSName'), ...config }: Properties & { domain?: unknown } = {},
): Change {
  return add({
    Cdn: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            {
              Id: 'entry',
              DomainName: domain,
              CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: 'entry',
            ViewerProtocolPolicy: 'redirect-to-https',
            ...behavior,
          },
          ...config,
        },
      },
    },
  });
}

/** A cache policy of the site's own, which keeps nothing unless it is told to. */
export const cachePolicy = (ttls: Properties): Change =>
  add({
    Policy: {
      Type: 'AWS::CloudFront::CachePolicy',
      Properties: {
        CachePolicyConfig: {
          Name: 'ours',
          MinTTL: 0,
          DefaultTTL: 0,
          MaxTTL: 86400,
          ParametersInCacheKeyAndForwardedToOrigin: {
            EnableAcceptEncodingGzip: true,
            CookiesConfig: { CookieBehavior: 'all' },
            HeadersConfig: { HeaderBehavior: 'none' },
            QueryStringsConfig: { QueryStringBehavior: 'all' },
          },
          ...ttls,
        },
      },
    },
  });

/** A behavior for some paths. */
export const behavior = (PathPattern: string, CachePolicyId: string): Properties => ({
  PathPattern,
  TargetOriginId: 'entry',
  ViewerProtocolPolicy: 'redirect-to-https',
  CachePolicyId,
});

/** A behavior with the settings from before cache policies. */
export const old = (ttls: Properties = {}): Properties => ({
  ForwardedValues: { QueryString: true, Cookies: { Forward: 'all' } },
  ...ttls,
});

/** Another machine, before the dashboard or not. */
export const front = (userData: unknown): Change =>
  add({
    Front: {
      Type: 'AWS::EC2::Instance',
      Properties: { ImageId: 'ami-0123456789abcdef0', UserData: { 'Fn::Base64': userData } },
    },
  });

/** One more ingress to memcached. */
export const openTo = (Properties: Properties): Change =>
  add({
    MoreIngress: {
      Type: 'AWS::EC2::SecurityGroupIngress',
      Properties: {
        GroupId: att('CacheGroup', 'GroupId'),
        IpProtocol: 'tcp',
        FromPort: 11211,
        ToPort: 11211,
        ...Properties,
      },
    },
  });
