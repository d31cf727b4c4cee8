#!/usr/bin/env python3
from aws_cdk import App, Validations
from cdk_openstack_dashboard import OpenStackDashboardChecks

from dashboard.dashboard_stack import DashboardStack

app = App()
DashboardStack(
    app,
    'OpenStackDashboard',
    domain_name='dashboard.example',
    keystone_url='https://keystone.example.org:5000/v3',
    certificate_arn='arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
)

# Fails synthesis if the app does not follow the OpenStack Security Guide.
Validations.of(app).add_plugins(OpenStackDashboardChecks(app))
app.synth()
