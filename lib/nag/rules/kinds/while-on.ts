import { Facts } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { Resource } from '../../template/template';
import { isTrue, known } from '../../template/text';
import { place } from './setting-rule';

/** A setting, and the switch without which it has no effect. */
interface Settings {
  readonly on: string;
  readonly setting: string;
}

/**
 * Where a setting is wrong while its switch is True: the places of the setting, or those of the switch if
 * the setting is absent. Nothing if the switch is not True.
 */
export function wrongWhileOn(
  resource: Resource,
  facts: Facts,
  { on, setting }: Settings,
  wrong: (value: string | undefined, source: Source) => boolean,
): string[] | undefined {
  const sources = facts.hosts.get(resource)?.sources ?? [];
  const switches = sources.filter(({ settings }) => isTrue(known(settings.get(on)) ?? 'false'));
  if (switches.length === 0) {
    return undefined;
  }
  const given = sources.filter(({ settings }) => settings.has(setting));
  return given.length === 0
    ? switches.map((source) => place(source, on))
    : given
        .filter((source) => wrong(known(source.settings.get(setting)), source))
        .map((source) => place(source, setting));
}
