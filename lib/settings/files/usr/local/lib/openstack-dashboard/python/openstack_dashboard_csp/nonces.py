"""Scripts in templates get the nonce of the response, and no others do: a script in the value of a variable,
such as one that somebody put into the name of an instance, has none.

A block that django-compressor replaces is rendered without nonces: its text is the key under which the release
has its file.
"""
import threading

from django.template import base

MARK = '<script'
# the nonce of the response that this thread is making
state = threading.local()


class ScriptNode(base.TextNode):
    """Text of a template with at least one script element."""

    def __init__(self, text):
        super().__init__(text)
        parts = text.split(MARK)
        # `<scripts`, or a word in a comment, is no element
        self.parts = [parts[0]]
        for part in parts[1:]:
            if part[:1] in ('', '>', '/') or part[:1].isspace():
                self.parts.append(part)
            else:
                self.parts[-1] += MARK + part

    def render(self, context):
        nonce = getattr(state, 'nonce', None)
        # `verbatim` renders its content once, when the template is read
        if nonce is None or context.render_context.template is None:
            return self.s
        return f'{MARK} nonce="{nonce}"'.join(self.parts)

    render_annotated = render


def extend(original):
    def extend_nodelist(self, nodelist, node, token):
        if type(node) is base.TextNode and MARK in node.s:
            node = ScriptNode(node.s)
        return original(self, nodelist, node, token)
    return extend_nodelist


def without_nonce(original, settings):
    def render(self, *args, **kwargs):
        if not settings.COMPRESS_ENABLED:
            return original(self, *args, **kwargs)
        nonce, state.nonce = getattr(state, 'nonce', None), None
        try:
            return original(self, *args, **kwargs)
        finally:
            state.nonce = nonce
    return render


def install():
    if base.Parser.extend_nodelist.__module__ != __name__:
        base.Parser.extend_nodelist = extend(base.Parser.extend_nodelist)


def leave_out_compressed_blocks():
    """Once Django has its settings."""
    from compressor.conf import settings
    from compressor.templatetags.compress import CompressorNode

    CompressorNode.render = without_nonce(CompressorNode.render, settings)
