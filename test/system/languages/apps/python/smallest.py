from aws_cdk import App, Stack, aws_certificatemanager as acm
from cdk_openstack_dashboard import DashboardEntry, Monitoring, OpenStackDashboard

app = App()
stack = Stack(app, 'Dashboard')
OpenStackDashboard(
    stack,
    'Dashboard',
    domain_name='dashboard.example',
    keystone_url='https://keystone.example.org:5000/v3',
    entry=DashboardEntry.new_load_balancer(
        certificate=acm.Certificate.from_certificate_arn(
            stack,
            'Certificate',
            'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
        ),
    ),
    # See docs/alarms.md for alarms.
    monitoring=Monitoring.none(),
)
app.synth()
