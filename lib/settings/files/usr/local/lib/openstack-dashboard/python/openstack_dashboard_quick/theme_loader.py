"""The template loader of theme_templates; Django imports it once its settings are there."""
from django.template.loaders import cached
from horizon import themes


class Loader(cached.Loader):
    def cache_key(self, template_name, skip=None):
        # a cookie may name any theme, so that is no key
        default = themes.get_default_theme()
        theme = (themes.find_theme(getattr(themes._local, 'theme', default))
                 or themes.find_theme(default))
        return theme, super().cache_key(template_name, skip)
