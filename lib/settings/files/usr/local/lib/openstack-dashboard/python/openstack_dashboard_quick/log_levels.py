"""Log records that all handlers of a logger drop are not made.

Horizon's loggers of the clients have the level DEBUG and their handlers INFO: each call to an API is masked,
formatted and dropped.
"""
import logging

MADE_FOR = {}
NOTHING = logging.CRITICAL + 1


def level(value):
    return value if isinstance(value, int) else getattr(logging, str(value or 'NOTSET').upper())


def kept_from(names, handlers):
    """The lowest level that at least one of the handlers keeps."""
    levels = [NOTHING if handlers[name].get('class') == 'logging.NullHandler'
              else level(handlers[name].get('level')) for name in names]
    # without a handler, Python writes warnings to stderr
    return min(levels, default=logging.WARNING)


def install(namespace):
    config = namespace.get('LOGGING') or {}
    handlers, loggers = config.get('handlers', {}), config.get('loggers', {})
    for name, logger in loggers.items():
        if logger.get('propagate', True) or 'level' not in logger:
            continue
        # loggers below it inherit its level unless they have their own
        family = [other.get('handlers', ()) for key, other in loggers.items()
                  if key == name or key.startswith(f'{name}.') and other.get('handlers')]
        least = min(kept_from(names, handlers) for names in family)
        if least > level(logger['level']):
            logger['level'] = least
