"""The customization and the messages of a site, and what is wrong with them or with any panel."""
import importlib.util
import json
import os
import re
import sys

FOLDER = '/usr/local/share/openstack-dashboard/site'
# what Horizon has, if no other value is given
FADING = {'fade_duration': 1500, 'types': ['alert-success', 'alert-info']}
DOWNLOADS = (('SHOW_OPENRC_FILE', 'OpenStack RC File', 'openrc'),
             ('SHOW_OPENSTACK_CLOUDS_YAML', 'OpenStack clouds.yaml File', 'clouds.yaml'))


def customization(text):
    if not re.fullmatch('[a-z_]+', text) or not os.path.isfile(f'{FOLDER}/{text}/__init__.py'):
        raise ValueError(f'must be a Python package in {FOLDER}')
    return text


def module(text):
    if not re.fullmatch('[a-z_]+[.][a-z_][a-z0-9_]*', text):
        raise ValueError('must be PACKAGE.MODULE')
    if not os.path.isfile(f'{FOLDER}/{text.replace(".", "/")}.py'):
        # Horizon passes over a module that does not exist
        raise ValueError(f'must be a Python module in {FOLDER}')
    return text


def folder(text):
    if not os.path.isdir(text):
        raise ValueError('must be the path of a folder')
    return text


def menu_links(value):
    if not isinstance(value, list) or not all(
            isinstance(link, dict) and {'name', 'url', 'external'} <= link.keys() for link in value):
        raise ValueError('must be a list of links with name, url and external')
    return value


def complete(settings):
    fading = settings['HORIZON_CONFIG'].get('auto_fade_alerts')
    if fading:
        settings['HORIZON_CONFIG']['auto_fade_alerts'] = {**FADING, **fading}
    if settings.get('USER_MENU_LINKS'):
        from django.utils.translation import gettext_lazy

        # the list replaces Horizon's own links
        settings['USER_MENU_LINKS'] = [
            *({'name': gettext_lazy(name), 'icon_classes': ['fa-download'],
               'url': f'horizon:project:api_access:{view}'}
              for setting, name, view in DOWNLOADS if settings.get(setting, True)),
            *settings['USER_MENU_LINKS']]


def install(namespace, package):
    if package:
        sys.path.append(FOLDER)
        # first: its templates and static files replace Horizon's
        namespace['INSTALLED_APPS'] = [package, *namespace['INSTALLED_APPS']]
        namespace['TEMPLATES'][0]['DIRS'].insert(0, f'{FOLDER}/{package}/templates')


def problems(settings):
    return [*module_problems(settings.HORIZON_CONFIG.get('customization_module')),
            *message_problems(settings.MESSAGES_PATH)]


def module_problems(name):
    if not name:
        return
    try:
        found = importlib.util.find_spec(name)
    except Exception as error:
        yield f'customization_module {name}: {type(error).__name__}: {error}'
        return
    if found is None:
        yield f'customization_module {name}: there is no such module'


def message_problems(path):
    for name in sorted(os.listdir(path) if path else ()):
        try:
            with open(os.path.join(path, name), encoding='utf-8') as file:
                if not json.load(file).get('message'):
                    raise ValueError('it has no message')
        except (OSError, ValueError, AttributeError) as error:
            yield f'{path}/{name}: {error}'


def panel_problems():
    """Panels without a page. Horizon imports the customization module, and all panels, for this."""
    import horizon
    from django.urls import resolve, reverse

    try:
        from openstack_dashboard import urls
        [*map(str, urls.urlpatterns)]
        reverse('login')
    except Exception as error:
        yield f'the panels and the customization: {where(error)}'
        return
    for dashboard in horizon.get_dashboards():
        for panel in dashboard._registry.values():
            if panel.nav is False:
                # Masakari has one that is only a name
                continue
            name = f'horizon:{dashboard.slug}:{panel.slug}:{panel.index_url_name}'
            try:
                resolve(reverse(name))
            except Exception as error:
                yield f'panel {dashboard.slug}/{panel.slug}: {type(error).__name__}: {str(error)[:300]}'


def where(error):
    """An error with the last place in the customization, or else with the last place of all."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if frame.filename.startswith(FOLDER)] or frames
    return f'{mine[-1].filename}, line {mine[-1].lineno}: {type(error).__name__}: {error}'
