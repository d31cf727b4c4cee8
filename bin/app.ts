import { App, DefaultStackSynthesizer, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { OpenStackDashboardChecks } from '../lib';
import { DashboardStack } from './dashboard-stack';

// The template is for anybody: no analytics resource with a condition for every region
const app = new App({ analyticsReporting: false });
new DashboardStack(app, 'OpenStackDashboard', {
  description: 'OpenStack dashboard (Horizon), as the OpenStack Security Guide says',
  // No bootstrap, so that the template can be uploaded by hand in any account and region
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
app.synth();
