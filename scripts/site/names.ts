/** The names of a type and its members in the other languages of the library. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { memberName } from '../../lib/shared/errors';
import { read, ROOT } from './pages';

interface Targets {
  readonly python: { readonly module: string };
  readonly java: { readonly package: string };
  readonly go: { readonly moduleName: string };
  readonly dotnet: { readonly namespace: string };
}

/** Keywords of Python, which jsii gives an underscore. */
const KEYWORDS = new Set(['from', 'global', 'import', 'in', 'is', 'lambda', 'pass', 'with']);

/** The name of a member or a parameter in Python. Constants have the same one. */
export function pythonName(name: string): string {
  const converted = /^[A-Z0-9_]+$/.test(name) ? name : memberName(name);
  return KEYWORDS.has(converted) ? `${converted}_` : converted;
}

/** The abstract classes of the library, which API.md shows like others. */
const abstractClasses = new Set(
  (readdirSync(join(ROOT, 'lib'), { recursive: true }) as string[])
    .filter((file) => /(?<!\.d)\.ts$/.test(file))
    .flatMap((file) => [...read(join('lib', file)).matchAll(/^export abstract class (\w+)/gm)])
    .map(([, name]) => name),
);

/** How each language creates an object, or names the type. */
function uses(name: string, kind: string, hasConstructor: boolean, go: string): string[] {
  if (kind === 'Props') {
    return [`${name}(…)`, `${name}.builder()`, `&${go}.${name}{…}`, `new ${name} { … }`];
  }
  if (kind === 'Constructs' && !abstractClasses.has(name)) {
    return [
      `${name}(scope, id, …)`,
      `${name}.Builder.create(scope, id)`,
      `${go}.New${name}(scope, id, …)`,
      `new ${name}(scope, id, …)`,
    ];
  }
  return hasConstructor && !abstractClasses.has(name)
    ? [`${name}(…)`, `new ${name}(…)`, `${go}.New${name}(…)`, `new ${name}(…)`]
    : [name, name, `${go}.${name}`, name];
}

/** A section with the names of a type. */
export function namesSection(name: string, kind: string, text: string): string[] {
  const { name: npm, jsii } = JSON.parse(read('package.json')) as {
    name: string;
    jsii: { targets: Targets };
  };
  const { python, java, go, dotnet } = jsii.targets;
  const goPackage = npm.replaceAll('-', '');
  const imports = [
    ['Python', `from ${python.module} import ${name}`],
    ['Java', `import ${java.package}.${name};`],
    ['Go', `import "${go.moduleName}/${goPackage}"`],
    ['.NET', `using ${dotnet.namespace};`],
  ];
  const forms = uses(name, kind, text.includes(`new ${name}(`), goPackage);
  const isStatic = /^#### (?:Static Functions|Constants)\b/m.test(text);
  const members =
    kind === 'Props'
      ? 'Props have the same names in Java, and begin with a capital in Go and .NET.'
      : `In Java, methods have the same names, and properties are read with methods such as \`getNode()\`. In Go and .NET, members begin with a capital${isStatic ? `; in Go, static ones are functions such as \`${name}_Name()\`` : ''}.`;
  return [
    '## Other languages { #other-languages }',
    '',
    '| Language | Import | Use |',
    '| --- | --- | --- |',
    ...imports.map(([language, code], at) => `| ${language} | \`${code}\` | \`${forms[at]}\` |`),
    '',
    `${members} Each member has its name in Python where that differs. See [languages](../languages.md).`,
    '',
  ];
}
