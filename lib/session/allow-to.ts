import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Allows a client to reach the default port of a server, with rules in the client's stack. The server's
 * stack does not refer to clients, so clients in other stacks can refer to the server.
 */
export function allowToDefaultPort(
  client: ec2.IConnectable,
  server: ec2.IConnectable,
  description: string,
): void {
  const groups = client.connections.securityGroups;
  // The AWS CDK warns about egress rules if all egress is open.
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
