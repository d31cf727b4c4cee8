// The parts of jsii-rosetta that our translators extend, and what the jsii assemblies say of a type.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const library = dirname(require.resolve('jsii-rosetta'));
const requireThere = createRequire(join(library, 'index.js'));

/** A module of jsii-rosetta that it does not export. */
export const rosetta = (file) => requireThere(join(library, file));
export const ts = requireThere('typescript');
export const { OTree, NO_SYNTAX } = rosetta('o-tree.js');
/** As jsii-pacmak names the props of builders. */
export const { toCamelCase } = createRequire(require.resolve('jsii-pacmak'))('codemaker');

const { lookupJsiiSymbol } = rosetta('jsii/jsii-utils.js');
const { Spans } = rosetta('typescript/visible-spans.js');

export const capitalized = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** The symbol of a name, or what an import gives that name to. */
export function symbolOf(checker, node) {
  let symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  while (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol;
}

/** A type of jsii: the module that it is in, and its names in there, from the outermost type on. */
export function jsiiType(checker, symbol) {
  const found = symbol && lookupJsiiSymbol(checker, symbol);
  if (!found?.sourceAssembly || found.symbolType !== 'type') return undefined;
  const { fqn, sourceAssembly } = found;
  const { assembly } = sourceAssembly;
  const names = [];
  let module = fqn;
  while (module.includes('.') && !(module !== fqn && assembly.submodules?.[module])) {
    const dot = module.lastIndexOf('.');
    names.unshift(module.slice(dot + 1));
    module = module.slice(0, dot);
  }
  return { fqn, assembly, module, names, spec: assembly.types?.[fqn] };
}

/** The type that a property or a method is declared in. */
export function jsiiOwner(checker, symbol) {
  const owner = symbol?.declarations?.[0]?.parent;
  return owner?.name && jsiiType(checker, checker.getSymbolAtLocation(owner.name));
}

/** Whether a member of a class in a snippet is one of an interface that the class implements. */
export function isImplemented(checker, member) {
  return !!member.parent.heritageClauses
    ?.filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
    .flatMap(({ types }) => types)
    .some((type) => checker.getTypeAtLocation(type).getProperty(member.name.text));
}

const targets = (assembly, module) =>
  (module === assembly.name ? assembly : assembly.submodules?.[module])?.targets;

export function javaPackage(assembly, module) {
  const dot = module.lastIndexOf('.');
  return (
    targets(assembly, module)?.java?.package ??
    `${javaPackage(assembly, module.slice(0, dot))}.${module.slice(dot + 1)}`
  );
}

/** The name of a Go package, and the path that it is imported from. */
export function goPackage(assembly, module) {
  const dot = module.lastIndexOf('.');
  const name =
    targets(assembly, module)?.go?.packageName ??
    module
      .slice(dot + 1)
      .replace(/[^a-z0-9]/gi, '')
      .toLowerCase();
  if (module !== assembly.name) {
    return { name, path: `${goPackage(assembly, module.slice(0, dot)).path}/${name}` };
  }
  const major = Number(assembly.version.split('.')[0]);
  const path = `${assembly.targets.go.moduleName}/${name}`;
  return { name, path: major > 1 ? `${path}/v${major}` : path };
}

/** The imports of a translation, by name: of all that it uses, and not of what TypeScript imports. */
export class Imports {
  #used = new Map();
  #isVisible;
  #isCollected = false;

  /** Translates twice: the first time for what is used, which imports before it need. */
  translate(file, renderer, translate) {
    const spans = Spans.visibleSpansFromSource(file.text);
    const isVisible = (node) => spans.containsPosition(node.getStart(file));
    // Readers see those of a snippet if they see imports in TypeScript. All others are those of its fixture.
    const isShown = file.statements.some((each) => ts.isImportDeclaration(each) && isVisible(each));
    this.#isVisible = (node) => isShown && isVisible(node);
    renderer.convertAll(file.statements);
    this.#isCollected = true;
    return translate();
  }

  use(node, name, value) {
    if (this.#isCollected) return;
    const used = this.#used.get(name) ?? { value, isVisible: false };
    used.isVisible ||= this.#isVisible(node);
    this.#used.set(name, used);
  }

  /** All at the first import statement: those of a snippet are before those of its fixture. */
  take({ node }) {
    if (!this.#isCollected) return [];
    const taken = [...this.#used].filter(
      ([, { isVisible }]) => isVisible === this.#isVisible(node),
    );
    for (const [name] of taken) this.#used.delete(name);
    return taken.map(([name, { value }]) => ({ name, value }));
  }
}
