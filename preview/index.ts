export { AddHostOptions, PreviewOptions } from './control/options';
export { Preview } from './control/preview';
export { checkMachine } from './control/this-machine';
export { Access } from './cloud/load-balancer/responses';
export { HealthChange, TargetState } from './cloud/load-balancer/targets';
export { GroupState } from './cloud/scaling-group';
export { Image, Progress } from './machine/image';
export { Role } from './stack/plan';
export { HostState } from './world/calls';
