"""Names that pages of events need beside their own sentences: days of the week, languages spoken, zones, units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel.dates import get_day_names

from events.domain.slot_inputs import Turn
from events.domain.slots import Stretch
from events.domain.zones import OFFERED, to_wall, turn_of
from events.facts import Topic
from services.pages.languages import Translate, locale_of, msgid

SPOKEN = ("no", "se", "en", "nl", "de", "sv", "da", "fi", "fr", "es", "pl", "uk", "ru", "ar")
"""Languages that the form offers for a stand; `no` is Norwegian in either form."""

TOPICS: Mapping[Topic, str] = {
    Topic.JOBS: msgid("Jobs"),
    Topic.BUSINESS: msgid("Starting a business"),
    Topic.HOUSING: msgid("Housing"),
    Topic.FARMS: msgid("Farms and land"),
    Topic.SCHOOL: msgid("School"),
    Topic.CHILDCARE: msgid("Childcare"),
    Topic.HEALTH: msgid("Health"),
    Topic.LANGUAGE: msgid("Learning the language"),
    Topic.LEISURE: msgid("Leisure and nature"),
    Topic.CULTURE: msgid("Culture and associations"),
    Topic.MOVING: msgid("The move itself"),
}

INPUT_MOMENT = "%Y-%m-%dT%H:%M"
"""How a `datetime-local` input has a moment."""

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


def times_filled(stretch: Stretch, zone: str) -> dict[str, str]:
    """A stretch of time as the inputs of `Times` have it: on the wall clock, and which of two where that is unclear."""
    filled = {}
    for name in ("starts", "ends"):
        moment = getattr(stretch, f"{name}_at")
        filled[f"{name}_at"] = to_wall(moment, zone).strftime(INPUT_MOMENT)
        turn = turn_of(moment, zone)
        if turn is not None:
            filled[f"{name}_turn"] = (Turn.FIRST, Turn.SECOND)[turn].value
    return filled


def topic_options(translate: Translate) -> list[tuple[str, str]]:
    """What one can ask about at a stand, with its names."""
    return [(topic.value, translate(name)) for topic, name in TOPICS.items()]


def unit_options(translate: Translate) -> list[tuple[str, str]]:
    """Units of capacity with their names."""
    return [(unit, translate(name)) for unit, name in UNITS.items()]


def zone_options(*further: str) -> list[tuple[str, str]]:
    """The zones that the form offers, and those it must since an event or a programme has them."""
    return [(zone, zone.replace("_", " ")) for zone in (*dict.fromkeys((*further, *OFFERED)),)]
