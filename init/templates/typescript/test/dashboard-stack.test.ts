import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DashboardStack } from '../lib/dashboard-stack';

const stack = new DashboardStack(new App(), 'OpenStackDashboard', {
  domainName: 'dashboard.example',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  certificateArn:
    'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
});
const template = Template.fromStack(stack);

test('the dashboard is served over HTTPS, and port 80 only redirects', () => {
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 2);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 443,
    Protocol: 'HTTPS',
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 80,
    DefaultActions: [Match.objectLike({ Type: 'redirect' })],
  });
});

test('sessions are in memcached, with TLS', () => {
  template.hasResourceProperties('AWS::ElastiCache::CacheCluster', {
    Engine: 'memcached',
    TransitEncryptionEnabled: true,
  });
});

test('alarms notify the topic', () => {
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: topic }] });
});
