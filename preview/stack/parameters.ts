import type { JsonObject } from './json';

/** The values of a template's parameters: those that are given, and defaults. */
export function readParameters(
  declared: Record<string, JsonObject>,
  given: Record<string, string>,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(given)) {
    if (!(name in declared)) {
      const names = Object.keys(declared).join(', ') || 'none';
      throw new Error(`the template has no parameter ${name}: it has ${names}`);
    }
  }
  for (const [name, declaration] of Object.entries(declared)) {
    let value = given[name] ?? (declaration.Default as string | number | undefined);
    if (value === undefined && String(declaration.Type).startsWith('AWS::SSM::')) {
      value = 'ami-0123456789abcdef0';
    }
    if (value === undefined) {
      throw new Error(`parameter ${name} has no value: give it with --parameter ${name}=VALUE`);
    }
    const pattern = declaration.AllowedPattern as string | undefined;
    if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(String(value))) {
      throw new Error(`parameter ${name} is '${value}', which ${pattern} does not allow`);
    }
    const allowed = declaration.AllowedValues as (string | number)[] | undefined;
    if (allowed !== undefined && !allowed.map(String).includes(String(value))) {
      throw new Error(`parameter ${name} must be one of ${allowed.join(', ')}, got '${value}'`);
    }
    // An SSM parameter's default is its name; what a template sees is its value.
    const ssm = String(declaration.Type).startsWith('AWS::SSM::Parameter::Value<AWS::EC2::Image');
    values[name] = ssm ? 'ami-0123456789abcdef0' : String(value);
  }
  return values;
}
