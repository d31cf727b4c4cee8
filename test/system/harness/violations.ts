import type { BrowserContext, Page } from 'playwright-core';
import { must } from './checks';

interface Violation {
  readonly page: string;
  readonly directive: string;
  readonly blocked: string;
  readonly sample: string;
}

/** Violations of the content security policy that browsers have reported. */
export class Violations {
  public readonly all: Violation[] = [];

  /** Pages report what the policy forbids, whichever way it is enforced. */
  public async watch(pages: BrowserContext | Page): Promise<void> {
    await pages.exposeBinding('tellViolation', (_: unknown, violation: Violation) => {
      this.all.push(violation);
    });
    await pages.addInitScript(
      `document.addEventListener('securitypolicyviolation', (event) => tellViolation({
        page: location.pathname, directive: event.effectiveDirective,
        blocked: event.blockedURI, sample: event.sample || event.sourceFile + ':' + event.lineNumber }))`,
    );
  }

  /** Those since the last call. */
  public take(): Violation[] {
    return this.all.splice(0);
  }

  /** Throws if there was one since the last call. */
  public none(): void {
    const found = this.take();
    must(
      found.length === 0,
      `${found.length} violations: ${JSON.stringify(found.slice(0, 12), undefined, 1)}`,
    );
  }
}
