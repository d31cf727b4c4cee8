// C#: loops over a list, for which jsii-rosetta writes `for (var … in …)`.
import { OTree, rosetta } from './jsii.mjs';

const { CSharpVisitor } = rosetta('languages/csharp.js');

export class CSharp extends CSharpVisitor {
  forOfStatement(node, renderer) {
    const [{ name }] = node.initializer.declarations;
    return new OTree(
      [`foreach (var ${name.text} in `, renderer.convert(node.expression), ') '],
      [renderer.convert(node.statement)],
      { canBreakLine: true },
    );
  }
}
