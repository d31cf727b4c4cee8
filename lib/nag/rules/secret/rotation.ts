import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { flatten, literal } from '../../template/text';

const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';

export const secretRotation: Rule = {
  id: 'SECRET5',
  guideRules: [38],
  level: 'warning',
  ours: 'Hosts pick up the new version and accept the previous one (docs/rotation.md)',
  cause: 'A host or a container cannot follow a rotation of SECRET_KEY.',
  explanation:
    'The guide recommends planning for rotation. A host that is pinned to one version of the ' +
    'secret never gets the new one. With a rotation schedule, a container without ' +
    'SECRET_KEY_FALLBACKS ends every session when the key changes.',
  page: GuidePage.SECRET_KEY,
  fix:
    'Refer to the secret without a version, and pass its previous version (AWSPREVIOUS) as ' +
    'SECRET_KEY_FALLBACKS.',
  types: HOST_TYPES,
  check(task, facts) {
    if (!facts.hosts.has(task)) {
      return undefined;
    }
    const scripts = scriptsOf(task, facts).filter(({ text }) => text.includes('get-secret-value'));
    const places = scripts
      .filter(({ lines }) =>
        lines.some((line) => /get-secret-value\b.*--version-id[\s=]/.test(line)),
      )
      .map(({ location }) => location);
    let judged = scripts.length > 0;
    (task.list('ContainerDefinitions') ?? []).forEach((container, index) => {
      const secrets = asList(get(container, 'Secrets')) ?? [];
      const names = secrets.map((secret) => literal(get(secret, 'Name')));
      const at = names.indexOf('SECRET_KEY');
      if (at < 0) {
        return;
      }
      judged = true;
      const from = get(secrets[at], 'ValueFrom');
      const fallback = names.includes('SECRET_KEY_FALLBACKS') || names.includes(undefined);
      if (isPinned(from) || (!fallback && isRotated(task, from, facts))) {
        places.push(`Properties.ContainerDefinitions.${index}.Secrets.${at}`);
      }
    });
    return judged ? places : undefined;
  },
};

/** `arn:…:secret:NAME:JSON-KEY:STAGE:VERSION-ID`: whether the last part is there. */
function isPinned(from: unknown): boolean {
  const { text } = flatten(from);
  const rest = /:secret:(.*)$/.exec(text)?.[1] ?? (text.startsWith('\uE000') ? text : '');
  const [, , , version] = rest.split(':');
  return version !== undefined && version !== '';
}

function isRotated(task: Resource, from: unknown, facts: Facts): boolean {
  const { holes } = flatten(from);
  const secrets = holes.map((hole) => facts.target(task, hole)?.resource);
  return facts.template
    .ofType(SCHEDULE)
    .some((schedule) =>
      secrets.includes(facts.target(schedule, schedule.property('SecretId'))?.resource ?? task),
    );
}
