"""The template loader of theme_templates, which Django imports after its settings."""
from django.template.loaders import cached
from horizon import themes


class Loader(cached.Loader):
    def cache_key(self, template_name, skip=None):
        # a cookie can name any theme, so its value is not the key
        default = themes.get_default_theme()
        theme = (themes.find_theme(getattr(themes._local, 'theme', default))
                 or themes.find_theme(default))
        return theme, super().cache_key(template_name, skip)
