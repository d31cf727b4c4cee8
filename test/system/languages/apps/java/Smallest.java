import io.github.cdkopenstackdashboard.DashboardEntry;
import io.github.cdkopenstackdashboard.Monitoring;
import io.github.cdkopenstackdashboard.NewLoadBalancerOptions;
import io.github.cdkopenstackdashboard.OpenStackDashboard;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.certificatemanager.Certificate;

public final class Smallest {
  public static void main(String[] args) {
    App app = new App();
    Stack stack = new Stack(app, "Dashboard");
    OpenStackDashboard.Builder.create(stack, "Dashboard")
        .domainName("dashboard.example")
        .keystoneUrl("https://keystone.example.org:5000/v3")
        .entry(DashboardEntry.newLoadBalancer(NewLoadBalancerOptions.builder()
            .certificate(Certificate.fromCertificateArn(
                stack,
                "Certificate",
                "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"))
            .build()))
        // See docs/alarms.md for alarms.
        .monitoring(Monitoring.none())
        .build();
    app.synth();
  }
}
