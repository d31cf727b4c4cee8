import { Aspects, Validations } from 'aws-cdk-lib';
import { IMemcached } from './memcached';

/** Memcached that a session back end uses. */
const used = new WeakSet<IMemcached>();

/** Memcached that a session back end has let a client reach. */
const reached = new WeakSet<IMemcached>();

/** Warns at synth time if session back ends use a memcached, and none lets a client reach it. */
export function expectClients(memcached: IMemcached): void {
  if (used.has(memcached)) {
    return;
  }
  used.add(memcached);
  Aspects.of(memcached).add({
    visit({ node }) {
      // Without security groups, the operator of the servers admits the clients
      const isClosed = memcached.connections.securityGroups.length > 0;
      if (node === memcached.node && isClosed && !reached.has(memcached)) {
        Validations.of(memcached).addWarning(
          'cdk-openstack-dashboard:memcachedWithoutClients',
          'sessions are stored here, but no session back end has allowed a client to reach it, so nobody can log in; call addToContainer or allowFrom of the session back end',
        );
      }
    },
  });
}

/** Records that a session back end has let a client reach a memcached. */
export function noteClient(memcached: IMemcached): void {
  reached.add(memcached);
}
