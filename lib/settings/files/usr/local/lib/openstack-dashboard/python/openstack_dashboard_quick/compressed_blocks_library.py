"""The template library of compressed_blocks, which Django imports after its settings."""
from compressor.conf import settings
from compressor.templatetags.compress import CompressorNode, register
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockNode
from django.utils.translation import get_language

__all__ = ['register']
# the variables of a build
VARIABLES = ('THEME', 'THEME_DIR', 'STATIC_URL', 'WEBROOT', 'NG_TEMPLATE_CACHE_AGE')
# a cookie can name any theme
AT_MOST = 16


def is_looked_up(node, context, forced):
    """Whether the tag is from the release, whichever template has the block."""
    if forced or settings.COMPRESS_DEBUG_TOGGLE or not (
            settings.COMPRESS_ENABLED and settings.COMPRESS_OFFLINE):
        return False
    # a template that extends the one with the block may change it
    return context.render_context.get(BLOCK_CONTEXT_KEY) is None or (
        not node.nodelist.get_nodes_by_type(BlockNode))


def keep(original):
    def render(self, context, forced=False):
        if not is_looked_up(self, context, forced):
            return original(self, context, forced)
        kept = self.__dict__.setdefault('quick_pages_kept', {})
        key = (get_language(), str(settings.COMPRESS_URL),
               *(str(context.get(name)) for name in VARIABLES))
        if key not in kept:
            before = list(context.dicts[-1])
            tag = original(self, context)
            # a block that sets variables for the rest of the page must be rendered
            if len(kept) >= AT_MOST or list(context.dicts[-1]) != before:
                return tag
            kept[key] = tag
        return kept[key]
    return render


CompressorNode.render = keep(CompressorNode.render)
