import { IConstruct } from 'constructs';
import { Resource, asList, get } from '../template/template';
import { Text, flatten, holesIn, literal } from '../template/text';
import { Entry } from './entry';
import { nameOf } from './names';
import { launchesOf } from './references';
import {
  CACHE_CLUSTER,
  ECS_SERVICE,
  MEMORY_DB,
  RECORD_SET,
  REPLICATION_GROUP,
  SCALING_GROUP,
  SECRET,
  SERVERLESS_CACHE,
  TASK_DEFINITION,
} from './resource-types';

/** Values that the template does not contain. */
export interface Names {
  readonly dashboards: readonly string[];
  readonly memcachedClusters: readonly string[];
  /** The plan against resource exhaustion through image uploads. */
  readonly imageUploadPlan?: string;
  /** How the root of a private CA got into browsers. */
  readonly privateCaTrust?: string;
}

const HOST_NAME = /[a-z0-9-]+(?:\.[a-z0-9-]+)+/g;
// Settings with the address of a cache.
const CACHE_SETTING = /^(MEMCACHED_|CACHES\b|(SESSION_|CACHE_|DJANGO_)?(REDIS|VALKEY|CACHE)_)/;

function isMemcached(resource: Resource): boolean {
  return (
    (resource.type === CACHE_CLUSTER || resource.type === SERVERLESS_CACHE) &&
    literal(resource.property('Engine'))?.toLowerCase() === 'memcached'
  );
}

/** A cache of ElastiCache or MemoryDB with any engine. */
function isCache(resource: Resource): boolean {
  return [CACHE_CLUSTER, SERVERLESS_CACHE, REPLICATION_GROUP, MEMORY_DB].includes(resource.type);
}

/** The resources of an app that belong to the dashboard. Created once per validation. */
export class Facts extends Entry {
  public readonly clusters = new Set<Resource>();
  public readonly secrets = new Set<Resource>();

  constructor(
    root: IConstruct,
    public readonly given: Names,
  ) {
    super(root, given.dashboards);
    if (this.hosts.size > 0) {
      this.findSecrets();
    }
    this.findClusters(given.memcachedClusters);
  }

  /** The secrets that a script or its Python code fetches for the key. */
  public fetchedSecrets(resource: Resource, { text, holes }: Text): ReadonlySet<Resource> {
    const found = new Set<Resource>();
    if (!/secret_key/i.test(text)) {
      return found;
    }
    const add = (piece: string): void => {
      for (const hole of holesIn(piece, holes)) {
        const target = this.target(resource, hole)?.resource;
        if (target?.type === SECRET) {
          found.add(target);
        }
      }
    };
    const lines = text.split('\n').filter((line) => /get-secret-value|secretsmanager/.test(line));
    for (const line of lines) {
      add(line);
    }
    // Python code may get the name from elsewhere; if the text has one secret, it must be that one.
    if (found.size === 0 && lines.length > 0) {
      add(text);
      if (found.size > 1) {
        found.clear();
      }
    }
    return found;
  }

  private findSecrets(): void {
    const add = (from: Resource, { text, holes }: Text): void => {
      for (const hole of holesIn(text, holes)) {
        const target = this.target(from, hole);
        if (target?.resource.type === SECRET) {
          this.secrets.add(target.resource);
        }
      }
    };
    this.eachSource((resource, { settings }) => {
      for (const name of ['SECRET_KEY_SECRET_ID', 'SECRET_KEY']) {
        const setting = settings.get(name);
        if (setting) {
          add(resource, setting);
        }
      }
    });
    for (const { resource } of this.hosts.values()) {
      this.everyWay(resource, () => {
        for (const text of this.texts(resource)) {
          for (const secret of this.fetchedSecrets(resource, text)) {
            this.secrets.add(secret);
          }
        }
        for (const container of resource.type === TASK_DEFINITION
          ? (resource.list('ContainerDefinitions') ?? [])
          : []) {
          for (const secret of asList(get(container, 'Secrets')) ?? []) {
            if (literal(get(secret, 'Name')) !== 'SECRET_KEY') {
              continue;
            }
            for (const target of this.targets(resource, get(secret, 'ValueFrom'))) {
              if (target.type === SECRET) {
                this.secrets.add(target);
              }
            }
          }
        }
      });
    }
  }

  private findClusters(given: readonly string[]): void {
    const add = (from: Resource, holes: readonly unknown[], isSessions: boolean): void => {
      for (const hole of holes) {
        const found = this.target(from, hole)?.resource;
        // Redis has many uses, but memcached next to a dashboard is its cache.
        if (found && (isMemcached(found) || (isSessions && isCache(found)))) {
          this.clusters.add(found);
        }
      }
    };
    const places: string[] = [];
    this.eachSource((resource, { settings }) => {
      for (const [name, setting] of settings) {
        add(resource, holesIn(setting.text, setting.holes), CACHE_SETTING.test(name));
        if (CACHE_SETTING.test(name)) {
          places.push(setting.text);
        }
      }
    });
    for (const { resource } of this.hosts.values()) {
      this.everyWay(resource, () => {
        for (const { text, holes } of this.texts(resource)) {
          add(resource, holesIn(text, holes), false);
        }
      });
    }
    // A cache under the name of a DNS record of the app.
    const hosts = new Set(places.flatMap((text) => text.toLowerCase().match(HOST_NAME) ?? []));
    for (const record of hosts.size > 0 ? this.template.ofType(RECORD_SET) : []) {
      if (!hosts.has(nameOf(record.property('Name')) ?? '')) {
        continue;
      }
      const values = record.list('ResourceRecords') ?? [];
      add(
        record,
        values.flatMap((value) => flatten(value).holes),
        true,
      );
    }
    if (given.length === 0) {
      return;
    }
    const names = new Set(given.map((name) => name.toLowerCase()));
    for (const cluster of this.template.ofType(CACHE_CLUSTER, SERVERLESS_CACHE)) {
      const name = literal(
        cluster.property(cluster.type === CACHE_CLUSTER ? 'ClusterName' : 'ServerlessCacheName'),
      );
      if (name && names.has(name.toLowerCase()) && isMemcached(cluster)) {
        this.clusters.add(cluster);
      }
    }
  }
}

/** Whether a resource starts more than one machine or container, as far as the template shows. */
export function runsSeveral(resource: Resource, facts: Facts): boolean {
  const most = (value: unknown): boolean => Number(literal(value) ?? 0) > 1;
  const groups = facts.template.ofType(SCALING_GROUP).filter((group) => {
    const launches = launchesOf(group);
    return launches.some((launch) => facts.target(group, launch)?.resource === resource);
  });
  const services = facts
    .referring(ECS_SERVICE, 'TaskDefinition', resource)
    .map((service) => service.property('DesiredCount'));
  return (
    groups.some((group) => most(group.property('MaxSize'))) ||
    (resource.type === SCALING_GROUP && most(resource.property('MaxSize'))) ||
    services.some(most)
  );
}
