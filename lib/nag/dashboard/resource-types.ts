export const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
export const LAUNCH_CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';
export const INSTANCE = 'AWS::EC2::Instance';
export const SPOT_FLEET = 'AWS::EC2::SpotFleet';
export const TASK_DEFINITION = 'AWS::ECS::TaskDefinition';
export const SCALING_GROUP = 'AWS::AutoScaling::AutoScalingGroup';
export const SSM_DOCUMENT = 'AWS::SSM::Document';
export const SSM_PARAMETER = 'AWS::SSM::Parameter';
export const IMAGE_COMPONENT = 'AWS::ImageBuilder::Component';
export const IMAGE_RECIPE = 'AWS::ImageBuilder::ImageRecipe';
export const CONTAINER_RECIPE = 'AWS::ImageBuilder::ContainerRecipe';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const CLASSIC_LOAD_BALANCER = 'AWS::ElasticLoadBalancing::LoadBalancer';
export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const CACHE_CLUSTER = 'AWS::ElastiCache::CacheCluster';
export const REPLICATION_GROUP = 'AWS::ElastiCache::ReplicationGroup';
export const MEMORY_DB = 'AWS::MemoryDB::Cluster';
export const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
export const RECORD_SET = 'AWS::Route53::RecordSet';
export const RECORD_SET_GROUP = 'AWS::Route53::RecordSetGroup';
export const ECS_SERVICE = 'AWS::ECS::Service';
export const SSM_ASSOCIATION = 'AWS::SSM::Association';
export const SECRET = 'AWS::SecretsManager::Secret';
export const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';
export const HELM_CHART = 'Custom::AWSCDK-EKS-HelmChart';
export const HELM_RELEASE = 'AWSQS::Kubernetes::Helm';
export const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';

/** Types that can hold a text that a machine, a container or an image reads. */
export const HOST_TYPES = [
  LAUNCH_TEMPLATE,
  LAUNCH_CONFIGURATION,
  INSTANCE,
  SPOT_FLEET,
  TASK_DEFINITION,
  SCALING_GROUP,
  SSM_DOCUMENT,
  SSM_ASSOCIATION,
  SSM_PARAMETER,
  IMAGE_COMPONENT,
  IMAGE_RECIPE,
  CONTAINER_RECIPE,
  HELM_CHART,
  HELM_RELEASE,
  MANIFEST,
];
