"""C#, parsed by tree-sitter's grammar: NuGet's packages, which a compiler needs, are not used here."""
import tree_sitter
import tree_sitter_c_sharp

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))


def errors(source):
    """Where the source is not C#, in lines such as `14: for (var`."""
    found, nodes = [], [PARSER.parse(source.encode()).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            found.append(f'{node.start_point.row + 1}: {node.text.decode()[:80]}')
        elif node.has_error:
            nodes.extend(node.children)
    return sorted(found)
