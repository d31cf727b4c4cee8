package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/jsii-runtime-go"
	dashboard "github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go/cdkopenstackdashboard"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Dashboard"), nil)
	dashboard.NewOpenStackDashboard(stack, jsii.String("Dashboard"), &dashboard.OpenStackDashboardProps{
		DomainName:  jsii.String("dashboard.example"),
		KeystoneUrl: jsii.String("https://keystone.example.org:5000/v3"),
		Entry: dashboard.DashboardEntry_NewLoadBalancer(&dashboard.NewLoadBalancerOptions{
			Certificate: awscertificatemanager.Certificate_FromCertificateArn(
				stack,
				jsii.String("Certificate"),
				jsii.String("arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"),
			),
		}),
		// See docs/alarms.md for alarms.
		Monitoring: dashboard.Monitoring_None(),
	})
	app.Synth(nil)
}
