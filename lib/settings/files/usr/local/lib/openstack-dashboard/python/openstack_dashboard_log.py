"""Log records of one line: names and URLs from outside cannot forge a line.

The record does this, not a formatter: so every handler and formatter, such as that of gunicorn's access log
with its decoded paths, gets text without control characters."""
import logging
import traceback

# a name or a URL may be as long as a request
LIMIT = 8192


def escape(text):
    if len(text) > LIMIT:
        text = f'{text[:LIMIT]} ({len(text) - LIMIT} more characters)'
    if text.isprintable():
        return text
    return ''.join(
        char if char.isprintable() else char.encode('unicode_escape').decode() for char in text)


def escape_traceback(exc_info):
    """Frames stay lines; the message of an exception becomes one line."""
    return ''.join(
        part if part.startswith(('  File "', 'Traceback ', '\n')) else escape(part.rstrip('\n')) + '\n'
        for part in traceback.format_exception(*exc_info)).rstrip('\n')


class Record(logging.LogRecord):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            # a formatter uses this if it is set
            self.exc_text = escape_traceback(self.exc_info)

    def getMessage(self):
        return escape(super().getMessage())


def install():
    logging.setLogRecordFactory(Record)
