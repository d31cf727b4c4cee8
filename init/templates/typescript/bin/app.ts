#!/usr/bin/env node
import { App, Validations } from 'aws-cdk-lib';
import { OpenStackDashboardChecks } from 'cdk-openstack-dashboard';
import { DashboardStack } from '../lib/dashboard-stack';

const app = new App();
new DashboardStack(app, 'OpenStackDashboard', {
  domainName: 'dashboard.example',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  certificateArn:
    'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
});

// Fails synthesis if the app does not follow the OpenStack Security Guide.
Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
