import type { Browser } from 'playwright-core';
import type { Preview } from '../../../preview';
import type { Violations } from '../harness/violations';
import type { BrowserUser } from '../harness/browser-user';
import { Checks, must } from '../harness/checks';
import { expectNoException } from '../harness/program';
import type { Kind } from './app';
import type { ConsoleProxy } from './consoles';

/** Saves a picture of what the user sees. */
export type Shoot = (name: string) => Promise<void>;

/** A full cloud with a dashboard, and a user who is logged in. */
export interface Stage {
  readonly preview: Preview;
  readonly browser: Browser;
  readonly user: BrowserUser;
  readonly shoot: Shoot;
  /** What browsers report about the content security policy. */
  readonly violations: Violations;
  readonly proxy: ConsoleProxy;
  /** Where the dashboard is reached. */
  readonly address: string;
  /** Replaces the dashboard with another. */
  become(kind: Kind): Promise<void>;
}

async function quiet({ preview, user, violations }: Stage): Promise<void> {
  const hosts = await preview.call('hosts');
  await expectNoException(
    preview,
    hosts.filter(({ role, running }) => role === 'dashboard' && running),
  );
  const errors = user.scriptErrors.splice(0);
  must(errors.length === 0, errors.slice(0, 10).join('\n'));
  violations.none();
}

/** Not after faults, of which hosts log exceptions. */
export const QUIET: Checks<Stage>[number] = [
  'hosts log no exception, scripts have no error, and nothing violates the policy',
  quiet,
];
