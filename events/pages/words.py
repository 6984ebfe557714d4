"""Names that pages of events need beside their own sentences: days of the week, languages spoken, zones, units."""

from __future__ import annotations

from functools import cache

from babel.dates import get_day_names

from events.domain.zones import OFFERED
from services.pages.languages import Translate, locale_of, msgid

SPOKEN = ("no", "se", "en", "nl", "de", "sv", "da", "fi", "fr", "es", "pl", "uk", "ru", "ar")
"""Languages that the form offers for a stand; `no` is Norwegian in either form."""

UNITS = {"households": msgid("households"), "persons": msgid("persons")}


@cache
def weekdays(lang: str) -> tuple[tuple[str, str], ...]:
    """Monday to Sunday in a language: as short as a column's head, and in full."""
    locale = locale_of(lang)
    short, wide = (get_day_names(width, "stand-alone", locale) for width in ("short", "wide"))
    return tuple((short[number].rstrip("."), wide[number]) for number in range(7))


@cache
def spoken(code: str, lang: str) -> str:
    """A language's name in another; the code where nobody has named it."""
    return str(locale_of(lang).languages.get(code, code))


def spoken_options(lang: str) -> list[tuple[str, str]]:
    """The languages that the form offers, each with its name."""
    return [(code, spoken(code, lang)) for code in SPOKEN]


def unit_options(translate: Translate) -> list[tuple[str, str]]:
    """Units of capacity with their names."""
    return [(unit, translate(name)) for unit, name in UNITS.items()]


def zone_options(*further: str) -> list[tuple[str, str]]:
    """The zones that the form offers, and those it must since an event or a programme has them."""
    return [(zone, zone.replace("_", " ")) for zone in (*dict.fromkeys((*further, *OFFERED)),)]
