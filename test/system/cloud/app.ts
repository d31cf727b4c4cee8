import { Size } from 'aws-cdk-lib';
import { synthesize } from '../../../harness/stack';
import { ConsoleType, HorizonPlugin, ImageUpload, OpenStackDashboardProps } from '../../../lib';
import { CONSOLE_ORIGINS } from './consoles';

/** Dashboards of this test. */
export type Kind = 'legacy' | 'direct' | 'plugins';

/** All plugins that Debian has. */
export const PLUGINS = Object.values(HorizonPlugin).filter(
  (value): value is HorizonPlugin => value instanceof HorizonPlugin,
);

const PLAN = 'the preview ends after the test';

function propsOf(kind: Kind): Partial<OpenStackDashboardProps> {
  switch (kind) {
    case 'legacy':
      return {
        settings: {
          imageUpload: ImageUpload.legacy(PLAN, Size.gibibytes(3)),
          consoleOrigins: CONSOLE_ORIGINS,
        },
      };
    case 'direct': {
      const glanceOrigin = 'https://glance.cloud.internal:9292';
      return {
        settings: {
          imageUpload: ImageUpload.direct(PLAN, { glanceOrigin }),
          consoleOrigins: CONSOLE_ORIGINS,
          compute: { consoleType: ConsoleType.SPICE },
        },
      };
    }
    case 'plugins':
      return { hosts: { plugins: PLUGINS } };
  }
}

/** Synthesizes one of them; gives the template's file. */
export function templateOf(kind: Kind, directory: string): string {
  return synthesize(`${directory}/${kind}`, 2, () => propsOf(kind));
}
