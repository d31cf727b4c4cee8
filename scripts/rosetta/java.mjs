// Java: imports each type that is used, among those also which TypeScript infers. Names are those of jsii-pacmak.
import {
  Imports,
  NO_SYNTAX,
  OTree,
  capitalized,
  isImplemented,
  jsiiOwner,
  jsiiType,
  javaPackage,
  rosetta,
  symbolOf,
  toCamelCase,
} from './jsii.mjs';

const { JavaVisitor } = rosetta('languages/java.js');
const { determineJsiiType } = rosetta('jsii/jsii-types.js');
const { isEnumAccess, isStaticReadonlyAccess } = rosetta('typescript/types.js');

export class Java extends JavaVisitor {
  /** By simple name: the package. */
  #imports = new Imports();
  #packages = new Map();

  sourceFile(node, renderer) {
    return this.#imports.translate(node, renderer, () => super.sourceFile(node, renderer));
  }

  importStatement(statement) {
    const imports = this.#imports
      .take(statement)
      .map(({ name, value }) => `import ${value}.${name};`);
    if (!imports.length) return NO_SYNTAX;
    return new OTree([], imports.sort(), { canBreakLine: true, separator: '\n' });
  }

  /** The name, or the qualified name if another type has that name already. */
  #use(node, inPackage, names) {
    const [outermost] = names;
    if (!this.#packages.has(outermost)) this.#packages.set(outermost, inPackage);
    if (this.#packages.get(outermost) !== inPackage) return `${inPackage}.${names.join('.')}`;
    this.#imports.use(node, outermost, inPackage);
    return names.join('.');
  }

  #typeName(node, symbol, renderer) {
    const type = jsiiType(renderer.typeChecker, symbol);
    return type && this.#use(node, javaPackage(type.assembly, type.module), type.names);
  }

  identifier(node, renderer) {
    const name =
      !renderer.currentContext.identifierAsString &&
      this.#typeName(node, symbolOf(renderer.typeChecker, node), renderer);
    return name ? new OTree([name]) : super.identifier(node, renderer);
  }

  propertyAccessExpression(node, renderer) {
    const checker = renderer.typeChecker;
    const type = this.#typeName(node, symbolOf(checker, node.name), renderer);
    if (type) return new OTree([type]);
    const { name, expression } = node;
    const declaration = symbolOf(checker, name)?.valueDeclaration;
    const isGetter =
      renderer.currentContext.convertPropertyToGetter !== false &&
      !isEnumAccess(checker, node) &&
      !isStaticReadonlyAccess(checker, node) &&
      // A field of a class in the snippet
      (renderer.textOf(expression) !== 'this' ||
        jsiiOwner(checker, symbolOf(checker, name)) ||
        (declaration && isImplemented(checker, declaration)));
    return new OTree([
      renderer.updateContext({ convertPropertyToGetter: true }).convert(expression),
      '.',
      isGetter ? `get${capitalized(name.text)}()` : name.text,
    ]);
  }

  propertyDeclaration(node, renderer) {
    const checker = renderer.typeChecker;
    const type = this.renderType(node, checker.getTypeAtLocation(node), renderer, 'Object');
    const name = node.name.text;
    const value = node.initializer && renderer.convert(node.initializer);
    const text =
      value && isImplemented(checker, node)
        ? [`public ${type} get${capitalized(name)}() {\n    return `, value, ';\n}']
        : [`private ${type} ${name}`, ...(value ? [' = ', value] : []), ';'];
    return new OTree(text, [], { canBreakLine: true });
  }

  elementAccessExpression(node, renderer) {
    const index = renderer.convert(node.argumentExpression);
    return new OTree([renderer.convert(node.expression), '.get(', index, ')']);
  }

  forOfStatement(node, renderer) {
    const [{ name }] = node.initializer.declarations;
    const type = this.renderType(
      node,
      renderer.typeChecker.getTypeAtLocation(name),
      renderer,
      'Object',
    );
    return new OTree(
      [`for (${type} ${name.text} : `, renderer.convert(node.expression), ') '],
      [renderer.convert(node.statement)],
      { canBreakLine: true },
    );
  }

  arrayLiteralExpression(node, renderer) {
    this.#use(node, 'java.util', ['List']);
    return super.arrayLiteralExpression(node, renderer);
  }

  keyValueObjectLiteralExpression(node, renderer) {
    this.#use(node, 'java.util', ['Map']);
    return super.keyValueObjectLiteralExpression(node, renderer);
  }

  knownStructObjectLiteralExpression(node, struct, renderer) {
    const name = this.#typeName(node, struct.type.symbol, renderer);
    if (!name || renderer.currentContext.inNewExprWithObjectLiteralAsLastArg) {
      return super.knownStructObjectLiteralExpression(node, struct, renderer);
    }
    return new OTree(
      [`${name}.builder()`],
      [
        ...renderer.convertAll(node.properties),
        new OTree([renderer.mirrorNewlineBefore(node.properties[0])], ['.build()']),
      ],
      { indent: 8 },
    );
  }

  singlePropertyInJavaScriptObjectLiteralToFluentSetters(name, initializer, renderer) {
    return new OTree(
      [],
      [
        `.${toCamelCase(name.text)}(`,
        renderer.updateContext({ inNewExprWithObjectLiteralAsLastArg: false }).convert(initializer),
        ')',
      ],
      { canBreakLine: true },
    );
  }

  renderType(node, type, renderer, fallback) {
    const checker = renderer.typeChecker;
    const named = type && determineJsiiType(checker, type);
    if (named?.kind === 'list') {
      this.#use(node, 'java.util', ['List']);
      const [element] = checker.getTypeArguments(type.getNonNullableType());
      return `List<${this.renderType(node, element, renderer, 'Object')}>`;
    }
    if (named?.kind === 'map') this.#use(node, 'java.util', ['Map']);
    const symbol = type?.getNonNullableType().symbol;
    return (
      (named?.kind === 'namedType' && this.#typeName(node, symbol, renderer)) ||
      super.renderType(node, type, renderer, fallback)
    );
  }
}
