"""Templates of themes are read once by each process, as all other templates are.

Horizon looks for each template of a page in the folder of the theme first, and has Django cache what
comes after that only. A theme that lacks nearly all templates is asked for some 200 files a page.
"""
MADE_FOR = {'horizon 25.3': {'horizon.themes:ThemeTemplateLoader': '61d767e4b4af'}}
HORIZON = 'horizon.themes.ThemeTemplateLoader'
LOADER = 'openstack_dashboard_quick.theme_loader.Loader'


def install(namespace):
    if namespace.get('DEBUG'):
        return
    loaders = namespace['TEMPLATES'][0]['OPTIONS']['loaders']
    loaders[loaders.index(HORIZON)] = LOADER
