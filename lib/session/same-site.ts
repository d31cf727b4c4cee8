/**
 * The requests with which a browser sends the session cookie (its attribute `SameSite`).
 */
export class SameSite {
  /**
   * Requests from the dashboard's own pages, and those of users who follow a link to it from
   * another site. This is Horizon's default.
   */
  public static readonly LAX = new SameSite('Lax');

  /**
   * Only requests from the dashboard's own pages. Users who follow a link to it from another site
   * have to log in, or reload the page. It cannot be combined with WebSSO, since its logins end
   * with such a link.
   */
  public static readonly STRICT = new SameSite('Strict');

  /**
   * All requests, from the pages of any site. Then only CSRF tokens protect the session from other
   * sites.
   */
  public static readonly NONE = new SameSite('None');

  private constructor(
    /** The value of `SESSION_COOKIE_SAMESITE`. */
    public readonly value: string,
  ) {}
}
