"""A lazy plural is made once per text, and not once per button: Django makes classes for each."""
import functools

from django.utils import translation

MADE_FOR = {'Django 4.2': {'django.utils.translation:lazy_number': '4167b2af7828'}}
# Horizon and its plugins have some hundred
AT_MOST = 2048


def keep(original):
    @functools.lru_cache(AT_MOST)
    def kept(func, resultclass, number, texts):
        return original(func, resultclass, number, **dict(texts))

    @functools.wraps(original)
    def lazy_number(func, resultclass, number=None, **texts):
        # a text that is lazy itself is another one in another language
        if not (number is None or type(number) is str) or any(
                type(text) is not str for text in texts.values()):
            return original(func, resultclass, number, **texts)
        return kept(func, resultclass, number, tuple(texts.items()))
    return lazy_number


def install(namespace):
    translation.lazy_number = keep(translation.lazy_number)
