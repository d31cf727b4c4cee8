"""The template loader of theme_templates; Django imports it once its settings are there."""
from django.template import TemplateDoesNotExist
from horizon import themes


class Loader(themes.ThemeTemplateLoader):
    def __init__(self, engine, *arguments):
        super().__init__(engine, *arguments)
        # by theme and name; None where the theme has none
        self.found = {}

    def get_template(self, template_name, skip=None):
        if skip:
            return super().get_template(template_name, skip)
        # a cookie may name any theme, so that is no key
        default = themes.get_default_theme()
        theme = (themes.find_theme(getattr(themes._local, 'theme', default))
                 or themes.find_theme(default))
        key = theme, template_name
        if key not in self.found:
            try:
                self.found[key] = super().get_template(template_name)
            except TemplateDoesNotExist:
                self.found[key] = None
        if self.found[key] is None:
            raise TemplateDoesNotExist(template_name, backend=self.engine)
        return self.found[key]

    def reset(self):
        self.found.clear()
