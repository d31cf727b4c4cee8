import { App, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { DashboardStack } from '../../bin/dashboard-stack';

const app = new App({ analyticsReporting: false });
new DashboardStack(app, 'OpenStackDashboard', {
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});
app.synth();
