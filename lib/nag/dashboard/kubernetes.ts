import { leftToChart, ofChart } from '../reading/deployments';
import { decode } from '../reading/unpack';
import { Yaml, below, isList, isMap } from '../reading/yaml';
import { Resource } from '../template/template';
import { Setting, expand, flatten, joinTexts } from '../template/text';
import { followed } from './followed';
import { Container, Content, UserData } from './model';
import { runsDashboard } from './recognition';
import { HELM_RELEASE } from './resource-types';
import { quoted, valuesOf } from './words';

// Words that every manifest of a dashboard contains.
const MANIFEST_MARK = /horizon|openstack|dashboard/i;
const KEPT =
  /^\s*(HORIZON_CONFIG|WEBSSO_ENABLED|OPENSTACK_KEYSTONE_(URL|BACKEND|MULTIDOMAIN_SUPPORT))\b/m;

/** The resources that openstack-helm's chart deploys for its values. */
export function chartTexts(resource: Resource): UserData[] {
  const text = (name: string): string => flatten(resource.property(name)).text;
  const chart = text('Chart');
  const source = `${text('Repository')} ${chart}`;
  if (!/(^|\/)horizon(-[\d.]+(\.tgz)?)?$/.test(chart)) {
    return [];
  }
  if (!/openstack|osh|helm-toolkit|horizon-[\d.]/i.test(source)) {
    return [];
  }
  const isRelease = resource.type === HELM_RELEASE;
  const name = isRelease ? 'ValueYaml' : 'Values';
  const location = `Properties.${name}`;
  const { text: written, holes } = flatten(resource.property(name));
  const values = valuesOf(written);
  const deployed = ofChart(values ?? {});
  const left = leftToChart(values ?? {});
  const what =
    values === undefined
      ? "the chart's values"
      : `the chart's defaults of ${left.join(', ')} (openstack-helm's are for tests)`;
  return [
    {
      text: `${deployed.settings}\n${deployed.server}`,
      settings: [deployed.settings],
      holes,
      location,
      isDashboard: true,
      doubts: left.length > 0 ? [{ kind: 'file', what, command: '' }] : [],
    },
  ];
}

/** The containers and files of a Kubernetes manifest. */
export function manifestContent(resource: Resource): Content {
  const texts: UserData[] = [];
  const containers: Container[] = [];
  const location = 'Properties.Manifest';
  const { text, holes } = flatten(resource.property('Manifest'));
  if (!MANIFEST_MARK.test(text)) {
    return { texts, containers };
  }
  const objects = valuesOf(text);
  for (const object of isList(objects) ? objects : objects === undefined ? [] : [objects]) {
    const kind = below(object, 'kind');
    if (kind === 'ConfigMap' || kind === 'Secret') {
      texts.push(...keptTexts(object, holes, location));
    }
    for (const container of containersIn(object)) {
      const image = below(container, 'image');
      const settings = new Map<string, Setting>();
      const variables = below(container, 'env');
      for (const each of isList(variables) ? variables : []) {
        const [name, value] = [below(each, 'name'), below(each, 'value')];
        if (typeof name === 'string' && typeof value === 'string') {
          settings.set(name, { text: value, holes, dynamic: false });
        }
      }
      expand(settings);
      const words = ['command', 'args'].flatMap((name) => {
        const given = below(container, name);
        return isList(given) ? given.filter((word) => typeof word === 'string') : [];
      });
      const of = { text: typeof image === 'string' ? image : '', holes };
      const isOne = runsDashboard(of.text, settings, words.join(' '));
      containers.push({ location, image: of, settings, isDashboard: isOne });
      if (words.length === 0) {
        continue;
      }
      const line = joinTexts(
        words.map((word) => quoted({ text: word, holes })),
        ' ',
      ).text;
      texts.push(followed({ text: line, holes, location, isScript: true }));
    }
  }
  return { texts, containers };
}

/** Files of a ConfigMap or a Secret that configure Horizon or its web server. */
function keptTexts(object: Yaml, holes: readonly unknown[], location: string): UserData[] {
  const name = below(object, 'metadata', 'name');
  const isOurs = /horizon|openstack-dashboard/.test(typeof name === 'string' ? name : '');
  const kept = ['data', 'stringData'].flatMap((part) => {
    const entries = below(object, part);
    const isEncoded = part === 'data' && below(object, 'kind') === 'Secret';
    return Object.entries(isMap(entries) ? entries : {}).map(([file, text]) => {
      const given = typeof text === 'string' ? text : '';
      return [file, isEncoded ? (decode(given) ?? '') : given] as const;
    });
  });
  return kept.flatMap(([file, text]): UserData[] => {
    const isDashboard = (isOurs && /local_settings/.test(file)) || KEPT.test(text);
    if (!isOurs && !isDashboard) {
      return [];
    }
    const settings = isDashboard || /\.py$/.test(file) ? [text] : [];
    return [{ text, holes, location, isDashboard, settings }];
  });
}

/** The containers of a Kubernetes workload. */
function containersIn(object: Yaml): readonly Yaml[] {
  const spec = below(object, 'spec');
  const pods = [spec, below(spec, 'template', 'spec')];
  const jobs = below(spec, 'jobTemplate', 'spec', 'template', 'spec');
  return [...pods, jobs].flatMap((pod) => {
    const found = below(pod, 'containers');
    return isList(found) ? found : [];
  });
}
