// Keeps the public API in shape, which is what lib/index.ts exports: every class, interface and enum
// and every public member is documented, properties are readonly, optional ones of interfaces say
// their default, and no type is one that other languages do not have, such as a union or a function.
// With the option `internal`, it also checks properties of interfaces that files of lib share.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const INDEX = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'lib', 'index.ts');

/** The names that a module exports to users, by file; undefined for all names of the file. */
export function publicNames(file = INDEX, found = new Map()) {
  for (const [, names, from] of readFileSync(file, 'utf8').matchAll(
    /^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)'/gm,
  )) {
    const base = join(dirname(file), from);
    const target = existsSync(`${base}.ts`) ? `${base}.ts` : join(base, 'index.ts');
    if (names === '*') {
      found.set(target, undefined);
      publicNames(target, found);
    } else if (!found.has(target) || found.get(target)) {
      found.set(target, new Set([...(found.get(target) ?? []), ...names.match(/\w+/g)]));
    }
  }
  return found;
}

/** The block comment right before a node, or before the `export` around it. */
function docOf(source, node) {
  const outer = node.parent?.type.startsWith('Export') ? node.parent : node;
  const comment = source.getCommentsBefore(outer).at(-1);
  return comment?.type === 'Block' && comment.value.startsWith('*') ? comment.value : undefined;
}

// Protected members are for subclasses
const isHidden = ({ accessibility }) => accessibility === 'private';
const isExported = (node) => node.parent?.type === 'ExportNamedDeclaration';

const FOREIGN = {
  TSUnionType: 'union',
  TSFunctionType: 'function type',
  TSConstructorType: 'constructor type',
  TSIntersectionType: 'intersection',
  TSTupleType: 'tuple',
  TSMappedType: 'mapped type',
  TSConditionalType: 'conditional type',
};

/** What jsii cannot give to other languages in a type: its name, and the node of it. */
function foreignIn(type, optional) {
  if (!type) return [];
  if (type.type === 'TSUnionType' && optional) {
    const rest = type.types.filter((each) => each.type !== 'TSUndefinedKeyword');
    if (rest.length === 1) return foreignIn(rest[0], false);
  }
  if (FOREIGN[type.type]) return [[FOREIGN[type.type], type]];
  switch (type.type) {
    case 'TSArrayType':
      return foreignIn(type.elementType, false);
    case 'TSTypeOperator':
      return foreignIn(type.typeAnnotation, false);
    case 'TSTypeReference':
      return (type.typeArguments?.params ?? []).flatMap((each) => foreignIn(each, false));
    case 'TSTypeLiteral':
      // The type of a map is `{ [key: string]: … }`
      return type.members.flatMap((member) =>
        member.type === 'TSIndexSignature'
          ? foreignIn(member.typeAnnotation?.typeAnnotation, false)
          : [['type without a name', member]],
      );
    default:
      return [];
  }
}

export const publicApi = {
  rules: {
    props: {
      meta: {
        type: 'problem',
        schema: [
          {
            type: 'object',
            properties: { internal: { type: 'boolean' } },
            additionalProperties: false,
          },
        ],
      },
      create(context) {
        const source = context.sourceCode;
        const { internal = false } = context.options[0] ?? {};
        const exports = publicNames();
        const file = resolve(context.cwd, context.filename);
        const isPublic = (node) =>
          isExported(node) && exports.has(file) && (exports.get(file)?.has(node.id.name) ?? true);
        const report = (node, message) => context.report({ node, message });
        const typeOf = (node) => node?.typeAnnotation?.typeAnnotation;
        const checkType = (name, type, optional = false) => {
          for (const [kind, node] of foreignIn(type, optional)) {
            report(node, `${name}: no ${kind} in the public API`);
          }
        };
        /** The parameters of a method or a constructor, and what it returns. */
        const checkSignature = (name, { params, returnType }) => {
          for (const param of params) {
            const inner = param.type === 'TSParameterProperty' ? param.parameter : param;
            const target = inner.type === 'AssignmentPattern' ? inner.left : inner;
            checkType(name, typeOf(target), true);
          }
          // ReturnType is the annotation itself
          checkType(name, returnType?.typeAnnotation, true);
        };
        const checkDoc = (name, member) => {
          if (!docOf(source, member)) report(member, `${name}: document it`);
        };
        const checkProperty = (name, member, required) => {
          const doc = docOf(source, member);
          if (!member.readonly) report(member, `${name}: make it readonly`);
          if (!doc && (required || member.optional)) report(member, `${name}: document it`);
          if (doc && member.optional && !doc.includes('@default')) {
            report(member, `${name}: say its @default`);
          }
          checkType(name, typeOf(member));
        };
        return {
          TSInterfaceDeclaration(node) {
            const shared = internal && isExported(node);
            if (!isPublic(node) && !shared) return;
            if (!docOf(source, node)) report(node.id, 'document the exported interface');
            for (const member of node.body.body) {
              const name = member.key ? source.getText(member.key) : node.id.name;
              if (member.type === 'TSPropertySignature') {
                checkProperty(name, member, isPublic(node));
              } else if (isPublic(node)) {
                checkDoc(name, member);
                if (member.params) checkSignature(name, member);
              }
            }
          },
          TSEnumDeclaration(node) {
            if (!isPublic(node)) return;
            if (!docOf(source, node)) report(node.id, 'document the exported enum');
            for (const member of node.body.members) checkDoc(source.getText(member.id), member);
          },
          ClassDeclaration(node) {
            const shared = internal && isExported(node);
            if (!isPublic(node) && !shared) return;
            if (!docOf(source, node)) report(node.id, 'document the exported class');
            if (!isPublic(node)) return;
            for (const member of node.body.body) {
              if (member.kind === 'constructor') {
                // Parameters that are properties too
                for (const param of member.value.params) {
                  if (param.type !== 'TSParameterProperty' || isHidden(param)) continue;
                  const { name } = param.parameter.left ?? param.parameter;
                  checkDoc(name, param);
                }
                if (!isHidden(member)) checkSignature('constructor', member.value);
                continue;
              }
              const name = member.key ? source.getText(member.key) : '';
              // jsii leaves out what is marked as internal, whose name begins with `_`
              if (!member.key || isHidden(member) || name.startsWith('_')) continue;
              if (!member.override) checkDoc(name, member);
              if (/PropertyDefinition$/.test(member.type)) {
                if (!member.readonly) report(member, `${name}: make it readonly`);
                checkType(name, typeOf(member));
                if (!member.typeAnnotation && member.value?.type === 'ArrowFunctionExpression') {
                  report(member, `${name}: no function type in the public API`);
                }
              } else {
                checkSignature(name, member.value);
              }
            }
          },
        };
      },
    },
  },
};
