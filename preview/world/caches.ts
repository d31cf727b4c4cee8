import { Cache, CacheCertificate, NodeAction, StartService } from '../cloud/memcached/cache';
import { ask, CacheNode, Item, itemsOf, keysOf, store } from '../cloud/memcached/client';
import type { Authority } from '../cloud/network/pki';
import type { CachePlan } from '../stack/plan';
import type { CacheContent, Search } from './calls';
import type { Network } from './network';

/** The memcached nodes of the template, and more that are asked for. */
export class Caches {
  private readonly caches: Cache[] = [];

  private certificate: CacheCertificate = 'nodes';

  constructor(
    private readonly authority: Authority,
    private readonly network: Network,
    private readonly startService: StartService,
  ) {}

  public async start(plans: readonly CachePlan[], names: CacheCertificate): Promise<void> {
    this.certificate = names;
    for (const plan of plans) {
      const addresses: string[] = [];
      for (const name of plan.nodes) {
        const address = await this.network.nextAddress();
        this.network.name(address, name);
        addresses.push(address);
      }
      const endpoint = plan.discovery ? await this.network.nextAddress() : addresses[0];
      if (plan.discovery) {
        this.network.name(endpoint, plan.host);
      }
      this.caches.push(
        await Cache.start(plan, addresses, endpoint, this.authority, this.startService, names),
      );
    }
  }

  /** Starts clusters that are new, and nodes that are new in others. */
  public async update(plans: readonly CachePlan[]): Promise<void> {
    for (const plan of plans) {
      const there = this.caches.find((cache) => cache.plan.host === plan.host);
      if (there === undefined) {
        await this.start([plan], this.certificate);
        continue;
      }
      for (const name of plan.nodes.slice(there.nodes.length)) {
        await this.addTo(there, name);
      }
    }
  }

  /** Ends the clusters, and the nodes of others, that are not planned. */
  public async removeOld(plans: readonly CachePlan[]): Promise<void> {
    for (const cache of [...this.caches]) {
      const plan = plans.find(({ host }) => host === cache.plan.host);
      for (const { name } of cache.nodes.slice(plan?.nodes.length ?? 0)) {
        await cache.remove(name);
      }
      if (plan === undefined) {
        this.caches.splice(this.caches.indexOf(cache), 1);
      }
    }
  }

  public keys(): Promise<CacheContent[]> {
    const nodes = this.caches.flatMap((cache) => cache.nodes);
    return Promise.all(nodes.map(async (node) => ({ node: node.name, keys: await keysOf(node) })));
  }

  public async get(key: string): Promise<string> {
    const nodes = this.caches.flatMap((cache) => cache.nodes);
    const answers = await Promise.all(nodes.map((node) => ask(node, `get ${key}`)));
    return answers.join('');
  }

  public get names(): string[] {
    return this.caches.flatMap((cache) => cache.nodes.map(({ name }) => name));
  }

  public act(name: string, action: NodeAction): Promise<void> {
    return this.cacheOf(name).act(name, action);
  }

  public add(): Promise<string> {
    return this.addTo(this.caches[0]);
  }

  public items(node: string): Promise<Item[]> {
    return itemsOf(this.nodeOf(node));
  }

  public store(node: string, items: Item[]): Promise<number> {
    return store(this.nodeOf(node), items);
  }

  /** Looks for texts in all memory of all memcached nodes. */
  public search(texts: string[]): Search[] {
    const nodes = this.caches.flatMap((cache) => cache.nodes.map(({ name }) => ({ cache, name })));
    return nodes.map(({ cache, name }) => {
      const found = Object.fromEntries(texts.map((text) => [text, 0]));
      let bytes = 0;
      for (const piece of cache.memory(name)) {
        bytes += piece.length;
        for (const text of texts) {
          for (let at = piece.indexOf(text); at >= 0; at = piece.indexOf(text, at + 1)) {
            found[text] += 1;
          }
        }
      }
      return { node: name, bytes, found };
    });
  }

  /** Memcached beside the template's, in plain text: to compare with. */
  public async addPlain(count: number): Promise<string[]> {
    const addresses: string[] = [];
    for (let index = 0; index < count; index++) {
      addresses.push(await this.network.nextAddress());
    }
    const nodes = addresses.map((_, index) => `plain.${String(index + 1).padStart(4, '0')}.cache`);
    const plan = { host: nodes[0], port: 11211, tls: false, discovery: false, nodes };
    await Cache.start(plan, addresses, addresses[0], this.authority, this.startService, 'all');
    return addresses.map((address) => `${address}:${plan.port}`);
  }

  private async addTo(cache: Cache, as?: string): Promise<string> {
    const { name, address } = await cache.add(await this.network.nextAddress(), as);
    this.network.name(address, name);
    return name;
  }

  private cacheOf(node: string): Cache {
    const cache = this.caches.find(({ nodes }) => nodes.some(({ name }) => name === node));
    if (cache === undefined) {
      throw new Error(`there is no memcached node ${node}`);
    }
    return cache;
  }

  private nodeOf(name: string): CacheNode {
    const node = this.cacheOf(name).nodes.find((other) => other.name === name);
    if (node === undefined) {
      throw new Error(`there is no memcached node ${name}`);
    }
    return node;
  }
}
