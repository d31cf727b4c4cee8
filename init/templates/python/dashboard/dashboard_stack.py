from aws_cdk import Stack, aws_certificatemanager as acm, aws_sns as sns
from cdk_openstack_dashboard import DashboardEntry, Monitoring, OpenStackDashboard
from constructs import Construct


class DashboardStack(Stack):
    """A dashboard at a registered domain that no other site uses.

    :param keystone_url: the public URL of Keystone, with ``/v3``
    :param certificate_arn: a certificate for the name and all names below it, in the region of the stack
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain_name: str,
        keystone_url: str,
        certificate_arn: str,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        # Subscribe the people who are on call.
        topic = sns.Topic(self, 'Alarms', enforce_ssl=True)
        self.dashboard = OpenStackDashboard(
            self,
            'Dashboard',
            domain_name=domain_name,
            keystone_url=keystone_url,
            entry=DashboardEntry.new_load_balancer(
                certificate=acm.Certificate.from_certificate_arn(self, 'Certificate', certificate_arn),
            ),
            monitoring=Monitoring.alarms(topic=topic),
        )
