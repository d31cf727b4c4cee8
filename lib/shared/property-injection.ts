import { PropertyInjectors } from 'aws-cdk-lib';
import { Construct, Node } from 'constructs';

/**
 * Applies the nearest property injector of a class, as the constructs of aws-cdk-lib do.
 *
 * It does not use their decorator, `propertyInjectable`: aws-cdk-lib does not export it from its index,
 * and with standard decorators, whether it finds the ID of a class depends on the compiler.
 *
 * @param type the class of the construct
 * @param scope the scope of the construct
 * @param id the ID of the construct
 * @param props the props of the caller
 * @returns the props to use
 */
export function injectProps<Props>(
  type: { readonly PROPERTY_INJECTION_ID: string },
  scope: Construct,
  id: string,
  props: Props,
): Props {
  for (const each of Node.of(scope).scopes.reverse()) {
    const injector =
      PropertyInjectors.hasPropertyInjectors(each) &&
      PropertyInjectors.of(each).for(type.PROPERTY_INJECTION_ID);
    if (injector) {
      return injector.inject(props, { scope, id });
    }
  }
  return props;
}
