import { Token, Validations } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { STATIC_PATH } from '../contract/constants';
import { isHttpsUrl } from '../contract/urls';
import { DashboardSettings } from '../settings/dashboard-settings';
import { invalid } from '../shared/errors';
import { grantSecret } from '../shared/grant-secret';

/**
 * Options of a container that runs the dashboard.
 */
export interface DashboardContainerOptions {
  /** Horizon's settings. */
  readonly settings: DashboardSettings;

  /**
   * Django's `SECRET_KEY`, shared by all containers (statements 35 to 38): a secret with a plain
   * string of at least 64 random characters. Amazon ECS passes its value to the container as
   * `SECRET_KEY`; the template only contains its ARN, as `SECRET_KEY_SECRET_ID`. Another secret
   * ends all sessions.
   */
  readonly secretKey: secretsmanager.ISecret;

  /**
   * The service that runs the container. Its security groups get access to the session store.
   */
  readonly service: ecs.BaseService;

  /**
   * The prefix of the URLs of static media (`STATIC_BASE_URL`): `/static/`, or
   * `https://NAME/static/` for files that another name serves. The guide recommends a subdomain of
   * the dashboard's name, which browsers do not send its cookies to (statement 26); the rule pack
   * warns about a path (`STATIC2`).
   *
   * @default '/static/'
   */
  readonly staticUrl?: string;
}

/** The checked properties of a rendered container definition. */
interface Rendered {
  readonly environment?: readonly { readonly name?: string; readonly value?: string }[];
  readonly secrets?: readonly { readonly name: string }[];
  readonly healthCheck?: object;
}

const SECRET_KEY = 'SECRET_KEY';

/**
 * Gives a container the parameters of the dashboard and its secret, and adds checks.
 *
 * @param sessions the parameters of the session back end
 */
export function configureContainer(
  container: ecs.ContainerDefinition,
  options: DashboardContainerOptions,
  sessions: { readonly [name: string]: string },
): void {
  if (options.settings._caCertificates) {
    throw invalid(
      container,
      'settings',
      'not have caCertificates in a container',
      undefined,
      'put the file into the image of the container, and name it with caCertificateFile',
    );
  }
  options.settings._warn(container);
  const environment: { [name: string]: string } = {
    ...options.settings.environment,
    ...sessions,
    SECRET_KEY_SECRET_ID: options.secretKey.secretArn,
    STATIC_BASE_URL: options.staticUrl ?? STATIC_PATH,
  };
  for (const [name, value] of Object.entries(environment)) {
    container.addEnvironment(name, value);
  }
  addSecretKey(container, options.secretKey);
  container.node.addValidation({ validate: () => changesOf(container, environment) });
  if (!rendered(container).healthCheck) {
    Validations.of(container).addWarning(
      'cdk-openstack-dashboard:containerWithoutHealthCheck',
      "the container has no health check: if Horizon cannot load the dashboard's settings, it starts with its defaults, and the container goes into service; use DashboardSettings.containerHealthCheck() or a check of the image",
    );
  }
}

/**
 * @throws if the service does not run the container, or the URL of static media is malformed
 */
export function requireContainer(
  container: ecs.ContainerDefinition,
  { service, staticUrl }: DashboardContainerOptions,
): void {
  if (service.taskDefinition !== container.taskDefinition) {
    throw invalid(
      container,
      'service',
      `run the task definition of the container (${container.taskDefinition.node.path})`,
      service.taskDefinition.node.path,
    );
  }
  if (
    staticUrl !== undefined &&
    !Token.isUnresolved(staticUrl) &&
    staticUrl !== STATIC_PATH &&
    !(isHttpsUrl(staticUrl) && staticUrl.split('/').slice(3).join('/') === 'static/')
  ) {
    throw invalid(container, 'staticUrl', 'be /static/ or https://NAME/static/', staticUrl);
  }
}

/** As `ecs.Secret.fromSecretsManager`, but with the grant of the hosts. */
function addSecretKey(container: ecs.ContainerDefinition, secretKey: secretsmanager.ISecret): void {
  grantSecret(secretKey, container.taskDefinition.obtainExecutionRole());
  container.addSecret(SECRET_KEY, {
    arn: secretKey.secretArn,
    hasField: false,
    grantRead: (grantee) => iam.Grant.drop(grantee, 'granted already'),
  });
}

/** Parameters that were changed later. Such a change would otherwise not be reported. */
function changesOf(
  container: ecs.ContainerDefinition,
  environment: { readonly [name: string]: string },
): string[] {
  const { environment: variables = [], secrets = [] } = rendered(container);
  const names = secrets.map(({ name }) => name);
  return [
    ...variables.flatMap(({ name = '', value }) =>
      Object.hasOwn(environment, name) && environment[name] !== value
        ? [
            // The AWS CDK puts the path before it
            invalid(
              undefined,
              `environment.${name}`,
              'be the value that addToContainer has set',
              value,
              'use the property of the settings or of the session back end',
            ).message,
          ]
        : [],
    ),
    ...names.flatMap((name, index) =>
      Object.hasOwn(environment, name) || (name === SECRET_KEY && names.indexOf(name) < index)
        ? [invalid(undefined, 'secrets', 'not have a name that addToContainer sets', name).message]
        : [],
    ),
  ];
}

const rendered = (container: ecs.ContainerDefinition): Rendered =>
  container.renderContainerDefinition() as Rendered;
