// Python: names that are keywords, structs as variadic arguments, and the import that classes need.
import { OTree, rosetta, ts } from './jsii.mjs';

const { PythonVisitor } = rosetta('languages/python.js');

// With `_`, as jsii-pacmak names methods and props
const KEYWORDS = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from
  global if import in is lambda nonlocal not or pass raise return try while with yield`.split(
    /\s+/,
  ),
);

export class Python extends PythonVisitor {
  #importsJsii = false;

  importStatement(statement, renderer) {
    const imported = super.importStatement(statement, renderer);
    const implement = ({ token }) => token === ts.SyntaxKind.ImplementsKeyword;
    const needsJsii = statement.node
      .getSourceFile()
      .statements.some(
        (each) => ts.isClassDeclaration(each) && each.heritageClauses?.some(implement),
      );
    if (this.#importsJsii || !needsJsii) return imported;
    this.#importsJsii = true;
    return new OTree(['import jsii\n'], [imported], { canBreakLine: true });
  }

  propertyDeclaration(node, renderer) {
    if (!node.initializer) return super.propertyDeclaration(node, renderer);
    // As jsii finds it in a class that implements an interface
    return new OTree(
      ['@property\ndef ', renderer.convert(node.name), '(self):'],
      [new OTree(['\nreturn ', renderer.convert(node.initializer)])],
      { indent: 4, canBreakLine: true },
    );
  }

  propertyAccessExpression(node, renderer, submodule) {
    if (!submodule && KEYWORDS.has(node.name.text)) {
      return new OTree([renderer.convert(node.expression), `.${node.name.text}_`]);
    }
    return super.propertyAccessExpression(node, renderer, submodule);
  }

  knownStructObjectLiteralExpression(node, struct, renderer) {
    // Keyword arguments are for the last parameter, if it is one struct
    return super.knownStructObjectLiteralExpression(
      node,
      struct,
      renderer.currentContext.variadicArgument
        ? renderer.updateContext({ tailPositionArgument: false, variadicArgument: false })
        : renderer,
    );
  }
}
