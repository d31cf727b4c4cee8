import { Resource, asList, get } from '../template/template';

/** The launch template or configuration of an Auto Scaling group. */
export function launchesOf(group: Resource): unknown[] {
  const mixed = group.property('MixedInstancesPolicy', 'LaunchTemplate');
  const specifications = [
    group.property('LaunchTemplate'),
    get(mixed, 'LaunchTemplateSpecification'),
    ...(asList(get(mixed, 'Overrides')) ?? []).map((o) => get(o, 'LaunchTemplateSpecification')),
  ];
  return [
    group.property('LaunchConfigurationName'),
    ...specifications.flatMap((s) => [get(s, 'LaunchTemplateId'), get(s, 'LaunchTemplateName')]),
  ];
}

/** The target groups that a listener's actions forward to. */
export function targetGroupsOf(actions: readonly unknown[] | undefined): unknown[] {
  return (actions ?? []).flatMap((action) => [
    get(action, 'TargetGroupArn'),
    ...(asList(get(action, 'ForwardConfig', 'TargetGroups')) ?? []).map((group) =>
      get(group, 'TargetGroupArn'),
    ),
  ]);
}
