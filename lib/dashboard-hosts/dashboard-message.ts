import { Token } from 'aws-cdk-lib';
import { invalid } from '../shared/errors';

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/**
 * A message that users see after they have logged in.
 */
export class DashboardMessage {
  /** A message without weight, which disappears after a few seconds. */
  public static info(text: string): DashboardMessage {
    return new DashboardMessage('info', text);
  }

  /** A message that stays until the user closes it. */
  public static warning(text: string): DashboardMessage {
    return new DashboardMessage('warning', text);
  }

  /** A message about a fault, which stays until the user closes it. */
  public static failure(text: string): DashboardMessage {
    return new DashboardMessage('error', text);
  }

  /** The file that Horizon reads. @internal */
  public readonly _content: string;

  private constructor(level: string, text: string) {
    if (Token.isUnresolved(text) || text.trim() === '' || text.length > 4096) {
      throw invalid(
        undefined,
        'text',
        'be 1 to 4096 characters that are known at synth time',
        text,
      );
    }
    // Horizon takes it for HTML
    const message = text.replace(/[&<>"]/g, (character) => ESCAPES[character]);
    this._content = JSON.stringify({ level, message });
  }
}
