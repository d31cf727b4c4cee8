// Go: names are qualified with their packages, values are the pointers that jsii-pacmak's packages expect, and
// parameters that are left out are nil.
import {
  Imports,
  NO_SYNTAX,
  OTree,
  capitalized,
  goPackage,
  isImplemented,
  jsiiOwner,
  jsiiType,
  rosetta,
  symbolOf,
  ts,
} from './jsii.mjs';

const { GoVisitor } = rosetta('languages/go.js');
const { determineJsiiType } = rosetta('jsii/jsii-types.js');
const { inferredTypeOfExpression } = rosetta('typescript/types.js');

// What is no name of a variable, or hides something that translations use
const TAKEN = new Set(
  `break case chan const continue default defer else fallthrough for func go goto if import interface map package
  range return select struct switch type var any bool float64 string nil true false fmt jsii`.split(
    /\s+/,
  ),
);
const POINTERS = { string: '*string', number: '*float64', boolean: '*bool' };
const WRAPPED = { string: 'jsii.String', number: 'jsii.Number', boolean: 'jsii.Bool' };
const uncapitalized = (name) => name.charAt(0).toLowerCase() + name.slice(1);
const isExported = (node) => !!(ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export);
const isOptional = ({ questionToken, initializer }) => !!(questionToken || initializer);

/** A block with one element a line. */
const lines = (begin, elements, end) =>
  new OTree([begin], elements, { suffix: end, separator: ',', trailingSeparator: true, indent: 1 });
const list = (elements) => new OTree([], elements, { separator: ', ' });

export class Go extends GoVisitor {
  #imports = new Imports();

  sourceFile(node, renderer) {
    return this.#imports.translate(node, renderer, () => super.sourceFile(node, renderer));
  }

  importStatement(statement) {
    const paths = this.#imports.take(statement).map(({ name }) => `\n\t${JSON.stringify(name)}`);
    if (!paths.length) return NO_SYNTAX;
    return new OTree(['import (', ...paths.sort(), '\n)'], [], { canBreakLine: true });
  }

  /** A type of a package, also for its constructor: `prefix` is New then. */
  #qualified(node, type, prefix = '') {
    const { name, path } = goPackage(type.assembly, type.module);
    this.#imports.use(node, path);
    return `${name}.${prefix}${type.names.join('_')}`;
  }

  /** A value of the language, as a pointer, or as it is where the context wants that. */
  #value(node, type, text, renderer) {
    if (renderer.currentContext.plain) return new OTree([text]);
    this.#imports.use(node, 'github.com/aws/jsii-runtime-go');
    return new OTree([WRAPPED[type], '(', text, ')']);
  }

  /** An expression as a value: not its pointer. */
  #plain(node, renderer) {
    const converted = renderer.updateContext({ plain: true }).convert(node);
    const type = renderer.typeChecker.getTypeAtLocation(node);
    const { builtIn } = determineJsiiType(renderer.typeChecker, type);
    const isPointer =
      builtIn in POINTERS &&
      !ts.isLiteralExpression(node) &&
      !ts.isTemplateExpression(node) &&
      !ts.isBinaryExpression(node) &&
      !ts.isPrefixUnaryExpression(node) &&
      ![ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind);
    return isPointer ? new OTree(['*', converted]) : converted;
  }

  #typeName(node, type, renderer) {
    const checker = renderer.typeChecker;
    if (!type) return 'interface{}';
    const actual = checker.getBaseTypeOfLiteralType(type.getNonNullableType());
    const found = determineJsiiType(checker, type);
    switch (found.kind) {
      case 'list':
        return `*[]${this.#typeName(node, checker.getTypeArguments(actual)[0], renderer)}`;
      case 'map':
        return `*map[string]${this.#typeName(node, actual.getStringIndexType(), renderer)}`;
      case 'builtIn':
        return found.builtIn === 'void' ? '' : (POINTERS[found.builtIn] ?? 'interface{}');
      case 'namedType': {
        const known = jsiiType(checker, actual.symbol);
        if (known) {
          const isStruct = known.spec?.kind === 'interface' && known.spec.datatype;
          return `${isStruct ? '*' : ''}${this.#qualified(node, known)}`;
        }
        return this.#isLocal(actual.symbol, node)
          ? `*${this.#localName(actual.symbol)}`
          : 'interface{}';
      }
      default:
        return 'interface{}';
    }
  }

  #isLocal(symbol, node) {
    return symbol?.declarations?.[0]?.getSourceFile() === node.getSourceFile();
  }

  #localName(symbol) {
    const { name } = symbol;
    const [declaration] = symbol.declarations ?? [];
    const isType =
      declaration && (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration));
    if (isType) return isExported(declaration) ? capitalized(name) : uncapitalized(name);
    return TAKEN.has(name) ? `${name}_` : name;
  }

  renderType(node, _symbol, type, _isPointer, _fallback, renderer) {
    return this.#typeName(node, type, renderer);
  }

  goName(text, renderer, symbol) {
    if (renderer.currentContext.isExported) return capitalized(text);
    if (symbol?.declarations) return this.#localName(symbol);
    return TAKEN.has(text) ? `${text}_` : text;
  }

  identifier(node, renderer) {
    if (node.text === 'undefined') return new OTree(['nil']);
    const symbol = symbolOf(renderer.typeChecker, node);
    const type = jsiiType(renderer.typeChecker, symbol);
    if (type) return new OTree([this.#qualified(node, type)]);
    return new OTree([this.goName(node.text, renderer, symbol)]);
  }

  stringLiteral(node, renderer) {
    return this.#value(node, 'string', JSON.stringify(node.text), renderer);
  }

  numericLiteral(node, renderer) {
    return this.#value(node, 'number', node.text, renderer);
  }

  prefixUnaryExpression(node, renderer) {
    const operand = this.#plain(node.operand, renderer);
    const type = node.operator === ts.SyntaxKind.ExclamationToken ? 'boolean' : 'number';
    const operator = this.translateUnaryOperator(node.operator);
    return this.#value(node, type, new OTree([operator, operand]), renderer);
  }

  token(node, renderer) {
    const isBoolean = [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind);
    if (isBoolean) return this.#value(node, 'boolean', node.getText(), renderer);
    return super.token(node, renderer.updateContext({ wrapPtr: false }));
  }

  templateExpression(node, renderer) {
    this.#imports.use(node, 'fmt');
    const texts = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
    const format = texts.map(({ text }) => text.replace(/%/g, '%%')).join('%v');
    const values = node.templateSpans.map(({ expression }) => this.#plain(expression, renderer));
    const text = new OTree(['fmt.Sprintf(', list([JSON.stringify(format), ...values]), ')']);
    return this.#value(node, 'string', text, renderer);
  }

  binaryExpression(node, renderer) {
    const { left, operatorToken, right } = node;
    if (operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const value = this.#pointer(right, renderer);
      if (
        ts.isPropertyAccessExpression(left) &&
        jsiiOwner(renderer.typeChecker, symbolOf(renderer.typeChecker, left.name))
      ) {
        return new OTree([
          renderer.convert(left.expression),
          `.Set${capitalized(left.name.text)}(`,
          value,
          ')',
        ]);
      }
      return new OTree([renderer.convert(left), ' = ', value]);
    }
    const operator = this.translateBinaryOperator(renderer.textOf(operatorToken));
    const text = new OTree([
      this.#plain(left, renderer),
      ` ${operator} `,
      this.#plain(right, renderer),
    ]);
    const { builtIn } = determineJsiiType(
      renderer.typeChecker,
      renderer.typeChecker.getTypeAtLocation(node),
    );
    return builtIn in WRAPPED ? this.#value(node, builtIn, text, renderer) : text;
  }

  #pointer(node, renderer) {
    return renderer
      .updateContext({ plain: false, isExported: false, isStruct: false })
      .convert(node);
  }

  printStatement(args, renderer) {
    for (const argument of args) this.#imports.use(argument, 'fmt');
    return new OTree(['fmt.Println(', list(args.map((each) => this.#plain(each, renderer))), ')']);
  }

  /** The arguments of a call: nil for the parameters that it leaves out. */
  #arguments(node, renderer) {
    const given = node.arguments ?? [];
    const parameters =
      renderer.typeChecker.getResolvedSignature(node)?.declaration?.parameters ?? [];
    const missing = parameters.slice(given.length).filter(isOptional);
    return list([
      ...given.map((each) => this.#pointer(each, renderer)),
      ...missing.map(() => 'nil'),
    ]);
  }

  regularCallExpression(node, renderer) {
    const callee = renderer.updateContext({ plain: false }).convert(node.expression);
    return new OTree([callee, '(', this.#arguments(node, renderer), ')']);
  }

  newExpression(node, renderer) {
    const checker = renderer.typeChecker;
    const { expression } = node;
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    const symbol = symbolOf(checker, name);
    const type = jsiiType(checker, symbol);
    const declaration = symbol.valueDeclaration;
    if (!type && !declaration.members.some(ts.isConstructorDeclaration)) {
      const fields = fieldsOf(declaration, checker).filter(({ initializer }) => initializer);
      const values = fields.map((field) => {
        return new OTree([`${field.name.text}: `, this.#pointer(field.initializer, renderer)]);
      });
      return new OTree([`&${this.#localName(symbol)}{`, list(values), '}']);
    }
    const constructor = type
      ? this.#qualified(node, type, 'New')
      : `${isExported(symbol.declarations[0]) ? 'New' : 'new'}${capitalized(symbol.name)}`;
    return new OTree([constructor, '('], [this.#arguments(node, renderer)], {
      canBreakLine: true,
      suffix: ')',
    });
  }

  superCallExpression(node, renderer) {
    let owner = node;
    while (!ts.isClassDeclaration(owner)) owner = owner.parent;
    const [{ expression }] = owner.heritageClauses.find(
      ({ token }) => token === ts.SyntaxKind.ExtendsKeyword,
    ).types;
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    const type = jsiiType(renderer.typeChecker, symbolOf(renderer.typeChecker, name));
    const constructor = type ? this.#qualified(node, type, 'New') : `new${capitalized(name.text)}`;
    const args = this.#arguments(node, renderer);
    return new OTree([`${constructor}_Override(this, `, args, ')'], [], { canBreakLine: true });
  }

  propertyAccessExpression(node, renderer) {
    const checker = renderer.typeChecker;
    const symbol = symbolOf(checker, node.name);
    const type = jsiiType(checker, symbol);
    if (type) return new OTree([this.#qualified(node, type)]);
    const { symbol: receiverSymbol } = checker
      .getTypeAtLocation(node.expression)
      .getNonNullableType();
    const receiverType = jsiiType(checker, receiverSymbol);
    const receiver = renderer
      .updateContext({ plain: false, isExported: false })
      .convert(node.expression);
    const owner = jsiiType(
      checker,
      symbolOf(
        checker,
        ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression,
      ),
    );
    const declaration = symbol?.valueDeclaration;
    const isMethod =
      !!declaration && (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration));
    if (owner) {
      const isEnum = owner.spec?.kind === 'enum';
      return new OTree([
        receiver,
        `_${isEnum ? node.name.text : capitalized(node.name.text)}`,
        isEnum || isMethod ? '' : '()',
      ]);
    }
    // A class may have members of one that jsii does not know
    const isOfInterface = declaration && isImplemented(checker, declaration);
    if (!receiverType && !jsiiOwner(checker, symbol) && !isOfInterface) {
      return new OTree([receiver, '.', this.goName(node.name.text, renderer, undefined)]);
    }
    const isField = isMethod || receiverType?.spec?.datatype;
    return new OTree([receiver, '.', capitalized(node.name.text), isField ? '' : '()']);
  }

  elementAccessExpression(node, renderer) {
    const index = renderer.updateContext({ plain: true }).convert(node.argumentExpression);
    return new OTree(['(*', this.#pointer(node.expression, renderer), ')[', index, ']']);
  }

  forOfStatement(node, renderer) {
    const [{ name }] = node.initializer.declarations;
    const values = this.#pointer(node.expression, renderer);
    return new OTree(
      ['for _, ', this.goName(name.text, renderer, undefined), ' := range *', values, ' '],
      [renderer.convert(node.statement)],
      { canBreakLine: true },
    );
  }

  asExpression(node, renderer) {
    const type = renderer.typeChecker.getTypeFromTypeNode(node.type);
    const { kind } = determineJsiiType(renderer.typeChecker, type);
    const converted = renderer.convert(node.expression);
    if (kind !== 'namedType') return converted;
    return new OTree([converted, `.(${this.#typeName(node, type, renderer)})`]);
  }

  arrayLiteralExpression(node, renderer) {
    const checker = renderer.typeChecker;
    const expected = inferredTypeOfExpression(checker, node);
    const type = expected ?? checker.getTypeAtLocation(node);
    const candidates = type.isUnion() ? type.types : [type];
    const array = candidates.find((each) => checker.isArrayType(each));
    const element = array
      ? this.#typeName(node, checker.getTypeArguments(array)[0], renderer)
      : 'interface{}';
    if (element === '*string' && node.elements.every(ts.isStringLiteralLike)) {
      this.#imports.use(node, 'github.com/aws/jsii-runtime-go');
      const strings = node.elements.map((each) =>
        renderer.updateContext({ plain: true }).convert(each),
      );
      return new OTree(['jsii.Strings(', list(strings), ')']);
    }
    return lines(
      `&[]${element}{`,
      node.elements.map((each) => this.#pointer(each, renderer)),
      '}',
    );
  }

  keyValueObjectLiteralExpression(node, renderer) {
    const checker = renderer.typeChecker;
    const type = inferredTypeOfExpression(checker, node);
    const candidates = type?.isUnion() ? type.types : [type];
    const element = candidates.map((each) => each?.getStringIndexType()).find(Boolean);
    return lines(
      `&map[string]${this.#typeName(node, element, renderer)}{`,
      renderer
        .updateContext({ inMapLiteral: true, isStruct: false, plain: false })
        .convertAll(node.properties),
      '}',
    );
  }

  knownStructObjectLiteralExpression(node, struct, renderer) {
    const known = jsiiType(renderer.typeChecker, struct.type.symbol);
    const name = known ? this.#qualified(node, known) : this.#localName(struct.type.symbol);
    return lines(
      `&${name}{`,
      renderer
        .updateContext({ inMapLiteral: false, isStruct: !!known, plain: false })
        .convertAll(node.properties),
      '}',
    );
  }

  #property(node, value, renderer) {
    const { inMapLiteral, isStruct } = renderer.currentContext;
    let { text } = node.name;
    if (inMapLiteral) text = JSON.stringify(text);
    else if (isStruct) text = capitalized(text);
    const inner = renderer.updateContext({ inMapLiteral: false });
    const key = ts.isComputedPropertyName(node.name)
      ? this.#plain(node.name.expression, inner)
      : text;
    return new OTree([key, ': ', this.#pointer(value, inner)], [], { canBreakLine: true });
  }

  propertyAssignment(node, renderer) {
    return this.#property(node, node.initializer, renderer);
  }

  shorthandPropertyAssignment(node, renderer) {
    return this.#property(node, node.name, renderer);
  }

  variableDeclaration(node, renderer) {
    const name = this.goName(node.name.text, renderer, undefined);
    if (node.initializer)
      return new OTree([name, ' := ', this.#pointer(node.initializer, renderer)]);
    const type = renderer.typeChecker.getTypeAtLocation(node);
    return new OTree(['var ', name, ' ', this.#typeName(node, type, renderer)]);
  }

  returnStatement(node, renderer) {
    const value = node.expression ? this.#pointer(node.expression, renderer) : '';
    return new OTree(['return ', value], [], { canBreakLine: true });
  }

  /** The fields, and methods for the properties of interfaces: Go has no others. */
  classDeclaration(node, renderer) {
    const checker = renderer.typeChecker;
    const name = this.#localName(checker.getSymbolAtLocation(node.name));
    const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
    const fields = fieldsOf(node, checker).map((field) => {
      const type = this.#typeName(field, checker.getTypeAtLocation(field), renderer);
      return `\n${field.name.text} ${type}`;
    });
    if (base)
      fields.unshift(
        `\n${this.#typeName(node, checker.getTypeAtLocation(base.types[0]), renderer)}`,
      );
    const begin = `type ${name} struct {`;
    const struct = new OTree([begin], fields, { indent: 1, suffix: fields.length ? '\n}' : '}' });
    const methods = node.members
      .filter((member) => !fieldsOf(node, checker).includes(member))
      .map((member) => new OTree(['\n\n'], [renderer.convert(member)]));
    return new OTree([struct], methods, { canBreakLine: true });
  }

  propertyDeclaration(node, renderer) {
    const type = this.#typeName(node, renderer.typeChecker.getTypeAtLocation(node), renderer);
    const receiver = this.#localName(renderer.typeChecker.getSymbolAtLocation(node.parent.name));
    return new OTree(
      [`func (this *${receiver}) ${capitalized(node.name.text)}() ${type} {`],
      ['\nreturn ', this.#pointer(node.initializer, renderer)],
      { indent: 1, suffix: '\n}' },
    );
  }

  methodDeclaration(node, renderer) {
    const checker = renderer.typeChecker;
    const receiver = this.#localName(checker.getSymbolAtLocation(node.parent.name));
    const name = isImplemented(checker, node) ? capitalized(node.name.text) : node.name.text;
    const returned = checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(node));
    const type = this.#typeName(node, returned, renderer);
    return new OTree(
      [
        `func (this *${receiver}) ${name}(`,
        list(renderer.convertAll(node.parameters)),
        `) ${type && `${type} `}{`,
      ],
      renderer.convertAll(node.body?.statements ?? []),
      { indent: 1, suffix: '\n}' },
    );
  }
}

const fieldsOf = (node, checker) =>
  node.members.filter(
    (member) =>
      ts.isPropertyDeclaration(member) && !(member.initializer && isImplemented(checker, member)),
  );
