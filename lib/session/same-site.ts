/**
 * With which requests a browser sends the session cookie (its attribute `SameSite`).
 */
export class SameSite {
  /**
   * With requests from the dashboard's own pages, and when somebody follows a link to it from
   * elsewhere. Horizon's default.
   */
  public static readonly LAX = new SameSite('Lax');

  /**
   * With requests from the dashboard's own pages alone: who follows a link to it from elsewhere has
   * to log in, or reload. Logins by WebSSO end that way, so it cannot be had with them.
   */
  public static readonly STRICT = new SameSite('Strict');

  /**
   * With every request, whichever site's page makes it. CSRF tokens are all that stands between
   * another site and the session then.
   */
  public static readonly NONE = new SameSite('None');

  private constructor(
    /** The value of `SESSION_COOKIE_SAMESITE`. */
    public readonly value: string,
  ) {}
}
