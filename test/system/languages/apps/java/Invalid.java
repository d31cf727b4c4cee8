import io.github.cdkopenstackdashboard.SessionBackend;
import io.github.cdkopenstackdashboard.CookieSessionOptions;

/** Prints the error about a prop. */
public final class Invalid {
  public static void main(String[] args) {
    try {
      SessionBackend.signedCookies(CookieSessionOptions.builder().cookieName("a b").build());
    } catch (RuntimeException error) {
      System.out.println(error.getMessage().lines().findFirst().orElse(""));
      return;
    }
    throw new AssertionError("there must be an error");
  }
}
