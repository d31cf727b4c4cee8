// Keeps the public API in shape: every property of an exported interface is readonly, documented,
// says its default if it is optional, and is no union or function; every exported class and its
// public members are documented.

/** The block comment right before a node, or before the `export` around it. */
function docOf(source, node) {
  const outer = node.parent?.type.startsWith('Export') ? node.parent : node;
  const comment = source.getCommentsBefore(outer).at(-1);
  return comment?.type === 'Block' && comment.value.startsWith('*') ? comment.value : undefined;
}

const isExported = (node) => node.parent?.type === 'ExportNamedDeclaration';
const isInternal = (doc) => doc?.includes('@internal');

export const publicApi = {
  rules: {
    props: {
      meta: { type: 'problem', schema: [] },
      create(context) {
        const source = context.sourceCode;
        const report = (node, message) => context.report({ node, message });
        return {
          TSInterfaceDeclaration(node) {
            // what files share inside the library is not in the index; jsii checks what is
            if (!isExported(node)) return;
            if (!docOf(source, node)) report(node.id, 'document the exported interface');
            for (const member of node.body.body) {
              if (member.type !== 'TSPropertySignature') continue;
              const name = source.getText(member.key);
              const doc = docOf(source, member);
              const type = member.typeAnnotation?.typeAnnotation.type;
              if (!member.readonly) report(member, `${name}: make it readonly`);
              if (member.optional && !doc) report(member, `${name}: document it`);
              if (member.optional && doc && !doc.includes('@default')) {
                report(member, `${name}: say its @default`);
              }
              if (type === 'TSUnionType') report(member, `${name}: no union in a public property`);
            }
          },
          ClassDeclaration(node) {
            if (!isExported(node)) return;
            if (!docOf(source, node)) report(node.id, 'document the exported class');
            for (const member of node.body.body) {
              if (member.accessibility !== 'public' || member.override) continue;
              if (member.kind === 'constructor' || member.implements) continue;
              const doc = docOf(source, member);
              if (!doc && !isInternal(doc) && member.static) {
                report(member, `${source.getText(member.key)}: document it`);
              }
            }
          },
        };
      },
    },
  },
};
