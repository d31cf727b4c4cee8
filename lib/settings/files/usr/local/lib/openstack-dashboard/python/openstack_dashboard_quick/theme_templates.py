"""Each process reads templates of themes once, as it does other templates.

Horizon looks for each template of a page in the folder of the theme first, and Django only caches the other
loaders. A theme lacks nearly all templates, so some 200 files are looked up per page.
"""
MADE_FOR = {
    'horizon 25.3': {'horizon.themes:ThemeTemplateLoader': '61d767e4b4af'},
    'Django 4.2': {'django.template.loaders.cached:Loader': '116f108bf9ee'},
}
HORIZON = 'horizon.themes.ThemeTemplateLoader'
CACHED = 'django.template.loaders.cached.Loader'
LOADER = 'openstack_dashboard_quick.theme_loader.Loader'


def install(namespace):
    if namespace.get('DEBUG'):
        return
    loaders = namespace['TEMPLATES'][0]['OPTIONS']['loaders']
    if loaders[0] != HORIZON or loaders[1][0] != CACHED:
        raise ValueError(f'loaders of templates are {loaders}')
    loaders[:2] = [(LOADER, [HORIZON, *loaders[1][1]])]
