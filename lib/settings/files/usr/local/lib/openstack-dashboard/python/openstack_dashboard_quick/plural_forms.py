"""Lazy plurals share their classes: Django makes new ones for each, and Horizon has one for each button of
each row of a table."""
import functools

from django.utils import functional, translation

MADE_FOR = {
    'Django 4.2': {
        'django.utils.translation:lazy_number': '4167b2af7828',
        'django.utils.functional:lazy': '5a2378200ec2',
    },
}
# Horizon and its plugins have some hundred texts
AT_MOST = 2048


def keep(original):
    # the function that it returns makes proxies of one class
    proxies = functools.lru_cache(AT_MOST)(functional.lazy)

    @functools.lru_cache(AT_MOST)
    def by_name(func, resultclass, number, texts):
        return original(func, resultclass, number, **dict(texts))

    @functools.wraps(original)
    def lazy_number(func, resultclass, number=None, **texts):
        if isinstance(number, int):
            return proxies(func, resultclass)(**texts, number=number)
        # a text that is itself lazy differs between languages
        if all(type(text) is str for text in texts.values()):
            return by_name(func, resultclass, number, tuple(texts.items()))
        return original(func, resultclass, number, **texts)
    return lazy_number


def install(namespace):
    translation.lazy_number = keep(translation.lazy_number)
