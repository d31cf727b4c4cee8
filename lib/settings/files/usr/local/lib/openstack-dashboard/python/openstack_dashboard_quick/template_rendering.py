"""Django's templates without the cost of exceptions and context managers.

A page of Horizon renders about a thousand small templates and looks up tens of thousands of names. For an
attribute Django first tries an item, and catches the exception; for a name that no context has it catches four
exceptions; for each included template it enters and leaves a generator.
"""
import inspect
import logging

from django.template import base
from django.template.context import BaseContext, Context, RequestContext
from django.utils import html
from django.utils.safestring import SafeString

MADE_FOR = {
    'Django 4.2': {
        'django.template.base:Variable._resolve_lookup': '3fd41e28688d',
        'django.template.base:Template.render': '93a5612a5332',
        'django.template.base:render_value_in_context': '823b719921b1',
        'django.template.context:BaseContext.__getitem__': '071ba12c80c7',
        'django.template.context:RenderContext': 'aa3f8c5b5c5e',
        'django.utils.html:conditional_escape': '3e5a479728d3',
    },
}
logger = logging.getLogger('django.template')
CONTEXTS = Context, RequestContext


def missing(bit, current):
    return base.VariableDoesNotExist('Failed lookup for key [%s] in %r', (bit, current))


def item(current, bit):
    try:
        return current[bit]
    except (TypeError, AttributeError, KeyError, ValueError, IndexError):
        return attribute(current, bit)


def attribute(current, bit):
    try:
        # a context's own attributes are not variables
        if isinstance(current, BaseContext) and getattr(type(current), bit):
            raise AttributeError
        return getattr(current, bit)
    except (TypeError, AttributeError):
        # a property's own error
        if not isinstance(current, BaseContext) and bit in dir(current):
            raise
        try:
            return current[int(bit)]
        except (IndexError, ValueError, KeyError, TypeError):
            raise missing(bit, current)


def called(current, context):
    if getattr(current, 'do_not_call_in_templates', False):
        return current
    if getattr(current, 'alters_data', False):
        return context.template.engine.string_if_invalid
    try:
        return current()
    except TypeError:
        try:
            signature = inspect.signature(current)
        except ValueError:
            return context.template.engine.string_if_invalid
        try:
            signature.bind()
        except TypeError:
            # it needs arguments
            return context.template.engine.string_if_invalid
        raise


def _resolve_lookup(self, context):
    current = context
    try:
        for bit in self.lookups:
            kind = type(current)
            if kind in CONTEXTS:
                for values in reversed(current.dicts):
                    if bit in values:
                        current = values[bit]
                        break
                else:
                    raise missing(bit, current)
            elif hasattr(kind, '__getitem__') or isinstance(current, type):
                current = item(current, bit)
            else:
                current = attribute(current, bit)
            if callable(current):
                current = called(current, context)
    except Exception as error:
        logger.debug("Exception while resolving variable '%s' in template '%s'.", bit,
                     getattr(context, 'template_name', None) or 'unknown', exc_info=True)
        if not getattr(error, 'silent_variable_failure', False):
            raise
        current = context.template.engine.string_if_invalid
    return current


def render(self, context):
    state = context.render_context
    before, state.template = state.template, self
    state.dicts.append({})
    try:
        if context.template is None:
            with context.bind_template(self):
                context.template_name = self.name
                return self._render(context)
        return self._render(context)
    finally:
        state.template = before
        state.dicts.pop()


def text(original):
    def render_value_in_context(value, context):
        if context.autoescape:
            kind = type(value)
            if kind is SafeString:
                return value
            if kind is str:
                return html.escape(value)
        return original(value, context)
    return render_value_in_context


def install(namespace):
    base.Variable._resolve_lookup = _resolve_lookup
    base.Template.render = render
    base.render_value_in_context = text(base.render_value_in_context)
