"""The settings form lists all time zones. Python opens the 500 files with their rules for the list, and
again for each zone's offset, since it caches eight. They are kept for some minutes. Their names in a language,
which Babel composes from its tables each time, are kept too.
"""
import functools
import zoneinfo

from babel import dates
from openstack_dashboard_quick.timed_cache import cached_for

MADE_FOR = {
    'Python 3.13': {'zoneinfo._tzpath:available_timezones': 'ff92c1d761eb'},
    'Babel 2.17': {'babel.dates:get_timezone_location': 'ff050d26084e'},
}
SECONDS = 300
# 500 zones in some languages
AT_MOST = 4096


def zone(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (OSError, ValueError):
        # code that uses this zone gets the error
        return None


def keep(original):
    def names_and_zones(_path):
        names = original()
        # Python finds a zone again as long as something refers to it
        return names, [zone(name) for name in names]

    on_path = cached_for(SECONDS, names_and_zones)

    def available_timezones():
        names, _ = on_path(zoneinfo.TZPATH)
        return names.copy()
    return available_timezones


def keep_names(original):
    by_name = functools.lru_cache(AT_MOST)(original)

    def get_timezone_location(dt_or_tzinfo=None, locale=None, return_city=False):
        # without a locale, that of the process applies, and other values than names may depend on the clock
        if isinstance(dt_or_tzinfo, str) and locale is not None:
            return by_name(dt_or_tzinfo, locale, return_city)
        return original(dt_or_tzinfo, locale, return_city)
    return get_timezone_location


def install(namespace):
    dates.get_timezone_location = keep_names(dates.get_timezone_location)
    zoneinfo.available_timezones = keep(zoneinfo.available_timezones)
