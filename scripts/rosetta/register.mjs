// Makes jsii-rosetta translate with our translators. Its workers load this, too: `node --import`.
import { dirname } from 'node:path';
import { CSharp } from './csharp.mjs';
import { Go } from './go.mjs';
import { Java } from './java.mjs';
import { rosetta } from './jsii.mjs';
import { Python } from './python.mjs';

const { TARGET_LANGUAGES } = rosetta('languages/index.js');
const { Translator } = rosetta('translate.js');
const { renderTree } = rosetta('o-tree.js');
const assemblies = rosetta('jsii/assemblies.js');

// It keeps three assemblies, and snippets use four: it would read that of the AWS CDK thousands of times
const lookUp = assemblies.findTypeLookupAssembly;
const known = new Map();
assemblies.findTypeLookupAssembly = (path) => {
  const folder = dirname(path);
  if (!known.has(folder)) {
    const found = lookUp(path);
    known.set(
      folder,
      [...known.values()].find((each) => each?.directory === found?.directory) ?? found,
    );
  }
  return known.get(folder);
};

/** Of the snippet that is translated: the translators with all that they made, also of its fixture. */
const visitors = {};

for (const [language, Visitor] of Object.entries({
  csharp: CSharp,
  go: Go,
  java: Java,
  python: Python,
})) {
  class Kept extends Visitor {
    sourceFile(node, renderer) {
      this.program = super.sourceFile(node, renderer);
      return this.program;
    }
  }
  TARGET_LANGUAGES[language].createVisitor = () => (visitors[language] = new Kept());
}

const { translateSnippet } = Translator.prototype;
Translator.prototype.translateSnippet = function (...args) {
  const translated = translateSnippet.apply(this, args);
  for (const [language, { program, indentChar }] of Object.entries(visitors)) {
    // With the fixture, for the tests that compile or run it. TypeScript's end of a module has no translation.
    const source = renderTree(program, { indentChar }).replace(/\s*export \{\};\s*$/, '\n');
    translated.addTranslation(`${language} program`, source, '1');
  }
  return translated;
};
