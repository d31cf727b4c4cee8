import { HostState, Preview } from '../../../preview';
import { measure } from './checks';

/** Adds a host and measures the time from power-on to its signal; returns it once it is in service. */
export async function bootMeasured(
  preview: Preview,
  what: string,
  goal: number | undefined,
  options: Parameters<Preview['addHost']>[0],
): Promise<HostState> {
  const { id } = await preview.addHost(options);
  const host = await preview.signalled(id);
  measure(
    `power-on to signal, ${what}`,
    ((host.signalledAt ?? 0) - host.poweredOnAt) / 1000,
    's',
    goal,
  );
  await preview.inService(id);
  return host;
}
