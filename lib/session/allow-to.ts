import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Let a client reach the default port of a server, with rules in the client's stack: the server's
 * knows no client, so that clients in other stacks may refer to it.
 */
export function allowToDefaultPort(
  client: ec2.IConnectable,
  server: ec2.IConnectable,
  description: string,
): void {
  const groups = client.connections.securityGroups;
  // the CDK warns of egress rules where all egress is open
  const open = groups.some((group) => group instanceof ec2.SecurityGroup && group.allowAllOutbound);
  if (!open) {
    client.connections.allowToDefaultPort(server, description);
    return;
  }
  const targets = server.connections.securityGroups;
  if (groups.every((group) => targets.every((target) => Stack.of(group) === Stack.of(target)))) {
    server.connections.allowDefaultPortFrom(client, description);
    return;
  }
  const port = server.connections.defaultPort!;
  for (const group of groups) {
    for (const target of targets) {
      target.addIngressRule(group, port, description, true);
      if (!group.allowAllOutbound) {
        group.addEgressRule(target, port, description);
      }
    }
  }
}
