import { randomBytes } from 'node:crypto';
import { Intrinsics, SUFFIX } from './intrinsics';
import type { Json, JsonObject } from './json';
import type { Resource } from './template-file';

/** What Secrets Manager adds to the name of a secret in its ARN. */
export const SECRET_ENDING = '-a1B2c3';

/** The resources of a stack as if it had been deployed, with stand-in values for what AWS assigns. */
export class Resources extends Intrinsics {
  private readonly secretValues = new Map<string, string>();

  public get all(): [string, Resource][] {
    return Object.entries(this.file.Resources);
  }

  public resource(id: string): Resource {
    return this.file.Resources[id];
  }

  /** The resources of a type whose condition holds, by logical ID. */
  public resources(type: string): [string, Resource][] {
    return Object.entries(this.file.Resources).filter(
      ([, resource]) =>
        resource.Type === type &&
        (resource.Condition === undefined || this.condition(resource.Condition)),
    );
  }

  private properties(id: string): JsonObject {
    return this.file.Resources[id]?.Properties ?? {};
  }

  /** All properties of a resource. */
  public resolved(id: string): Json {
    return this.resolve(this.properties(id), id);
  }

  public property<T extends Json>(id: string, name: string): T | undefined {
    const value = this.properties(id)[name];
    return value === undefined ? undefined : (this.resolve(value, `${id}.${name}`) as T);
  }

  public text(id: string, name: string, otherwise: string): string {
    const value = this.property<Json>(id, name);
    return value === undefined || value === null ? otherwise : String(value);
  }

  /** A property that lists keys and values, such as those of load balancers. */
  public attributes(id: string, name: string): Record<string, string> {
    const list = this.property<{ Key: string; Value: string }[]>(id, name) ?? [];
    return Object.fromEntries(list.map(({ Key, Value }) => [Key, String(Value)]));
  }

  public secretValue(id: string): string {
    const known = this.secretValues.get(id);
    if (known !== undefined) {
      return known;
    }
    const generate = this.property<JsonObject>(id, 'GenerateSecretString');
    const length = Number(generate?.PasswordLength ?? 32);
    const value =
      generate === undefined
        ? this.text(id, 'SecretString', '')
        : randomBytes(length)
            .toString('base64')
            .replace(/[^A-Za-z0-9]/g, 'x')
            .slice(0, length);
    this.secretValues.set(id, value);
    return value;
  }

  /** The ARN of a secret, without what Secrets Manager adds. */
  public secretArn(name: string): string {
    const { region, account } = this.pseudo;
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
  }

  /** What Ref gives. */
  public ref(id: string): string {
    const { region, account, stackName } = this.pseudo;
    const type = this.file.Resources[id]?.Type;
    const elb = `arn:aws:elasticloadbalancing:${region}:${account}`;
    switch (type) {
      case undefined:
        throw new Error(`the template refers to ${id}, which it does not have`);
      case 'AWS::SecretsManager::Secret':
        return this.secretArn(this.text(id, 'Name', id)) + SECRET_ENDING;
      case 'AWS::S3::Bucket':
        return this.text(
          id,
          'BucketName',
          `${stackName}-${id}-1a2b3c4d`.toLowerCase().slice(0, 63),
        );
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer':
        return `${elb}:loadbalancer/app/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::TargetGroup':
        return `${elb}:targetgroup/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::Listener':
        return `${elb}:listener/app/${id}/0123456789abcdef/0123456789abcdef`;
      case 'AWS::Logs::LogGroup':
        return this.text(id, 'LogGroupName', `${stackName}-${id}-1A2b3C4d5E6f`);
      case 'AWS::SNS::Topic':
        return `arn:aws:sns:${region}:${account}:${id}`;
      case 'AWS::CloudFormation::WaitConditionHandle':
        return `https://cloudformation.${region}.${SUFFIX}/${id}`;
      default:
        return `${stackName}-${id}`;
    }
  }

  /** What Fn::GetAtt gives. */
  public attribute(id: string, name: string): string {
    const { region, account } = this.pseudo;
    const type = this.file.Resources[id]?.Type;
    const ref = this.ref(id);
    const short = id.toLowerCase();
    const cache = `cache.${SUFFIX}`;
    switch (`${type}.${name}`) {
      case 'AWS::ElastiCache::CacheCluster.ConfigurationEndpoint.Address':
        return `${short}.1a2b3c.cfg.euc1.${cache}`;
      case 'AWS::ElastiCache::CacheCluster.ConfigurationEndpoint.Port':
        return this.text(id, 'Port', '11211');
      case 'AWS::ElastiCache::ServerlessCache.Endpoint.Address':
        return `${short}-1a2b3c.serverless.euc1.${cache}`;
      case 'AWS::ElastiCache::ServerlessCache.Endpoint.Port':
        return '11211';
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName':
        return `${short}-1234567890.${region}.elb.${SUFFIX}`;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerName':
        return id;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName':
        return `app/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.CanonicalHostedZoneID':
        return 'Z215JYRZR1TBD5';
      case 'AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName':
        return `targetgroup/${id}/0123456789abcdef`;
      case 'AWS::EC2::LaunchTemplate.LatestVersionNumber':
      case 'AWS::EC2::LaunchTemplate.DefaultVersionNumber':
        return '1';
      case 'AWS::EC2::SecurityGroup.GroupId':
      case 'AWS::EC2::VPC.VpcId':
        return ref;
      case 'AWS::EC2::VPC.CidrBlock':
        return this.text(id, 'CidrBlock', '10.0.0.0/16');
      case 'AWS::SecretsManager::Secret.Id':
        return ref;
      case 'AWS::S3::Bucket.Arn':
        return `arn:aws:s3:::${ref}`;
      case 'AWS::S3::Bucket.DomainName':
        return `${ref}.s3.${SUFFIX}`;
      case 'AWS::S3::Bucket.RegionalDomainName':
        return `${ref}.s3.${region}.${SUFFIX}`;
      case 'AWS::Logs::LogGroup.Arn':
        return `arn:aws:logs:${region}:${account}:log-group:${ref}:*`;
      case 'AWS::IAM::Role.Arn':
        return `arn:aws:iam::${account}:role/${ref}`;
      case 'AWS::IAM::InstanceProfile.Arn':
        return `arn:aws:iam::${account}:instance-profile/${ref}`;
      default:
        break;
    }
    if (name === 'Arn' && type !== undefined) {
      return `arn:aws:${type.split('::')[1].toLowerCase()}:${region}:${account}:${ref}`;
    }
    throw new Error(`attribute ${name} of ${id} (${type}) has no stand-in value in the preview`);
  }
}
