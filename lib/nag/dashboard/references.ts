import { Resource, asList, get } from '../template/template';

/** What a scaling group starts its machines from. */
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

/** The target groups that actions of a listener forward to. */
export function targetGroupsOf(actions: readonly unknown[] | undefined): unknown[] {
  return (actions ?? []).flatMap((action) => [
    get(action, 'TargetGroupArn'),
    ...(asList(get(action, 'ForwardConfig', 'TargetGroups')) ?? []).map((group) =>
      get(group, 'TargetGroupArn'),
    ),
  ]);
}
