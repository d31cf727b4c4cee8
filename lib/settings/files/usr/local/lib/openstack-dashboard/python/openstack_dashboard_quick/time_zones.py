"""The form for settings lists all time zones. Python opens the 500 files of their rules for the list,
and again for each zone's offset, since it keeps eight. They are kept for some minutes.
"""
import time
import zoneinfo

MADE_FOR = {'Python 3.13': {'zoneinfo._tzpath:available_timezones': 'ff92c1d761eb'}}
SECONDS = 300


def zone(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (OSError, ValueError):
        # who asks for it is told
        return None


def keep(original):
    # the names, and the zones: Python finds one again as long as something refers to it
    kept, since, path = set(), float('-inf'), None
    zones = []

    def available_timezones():
        nonlocal kept, since, path, zones
        now = time.monotonic()
        if now - since > SECONDS or path != zoneinfo.TZPATH:
            kept, since, path = original(), now, zoneinfo.TZPATH
            zones = [zone(name) for name in kept]
        return kept.copy()
    return available_timezones


def install(namespace):
    zoneinfo.available_timezones = keep(zoneinfo.available_timezones)
