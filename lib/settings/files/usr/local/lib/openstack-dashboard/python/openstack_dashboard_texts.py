"""The translated texts of Horizon's scripts: one static file per language in the release, instead of the view
that each page would load as a script. The view only depends on the language, but like pages it must not be
cached by browsers.

usage: python3 -m openstack_dashboard_texts FOLDER   (writes the files)
"""
import os
import sys

FOLDER = 'openstack_dashboard_texts'


def write(root):
    from django.conf import settings
    from django.test import RequestFactory
    from django.utils import translation
    from django.views.i18n import JavaScriptCatalog
    from horizon import conf
    from openstack_dashboard.context_processors import get_js_catalog

    folder = os.path.join(root, FOLDER)
    os.makedirs(folder, exist_ok=True)
    request, view = RequestFactory().get('/'), JavaScriptCatalog.as_view()
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            response = view(request, packages=get_js_catalog(conf))
        with open(os.path.join(folder, f'{language}.js'), 'wb') as file:
            file.write(response.content)


def known(root):
    """The languages whose texts a release has."""
    try:
        return {name.removesuffix('.js') for name in os.listdir(os.path.join(root, FOLDER))
                if name.endswith('.js')}
    except OSError:
        return set()


def texts(request):
    """Context processor: the URL of the texts in the language of the page, if the release has them."""
    from django.conf import settings
    from django.utils.translation import get_language

    global _languages
    if _languages is None:
        _languages = known(settings.STATIC_ROOT)
    language = get_language()
    if language not in _languages:
        return {}
    return {'TEXTS_URL': f'{settings.STATIC_URL}{FOLDER}/{language}.js'}


_languages = None

if __name__ == '__main__':
    import django

    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'openstack_dashboard.settings')
    sys.path.insert(0, '/usr/share/openstack-dashboard')
    django.setup()
    write(sys.argv[1])
