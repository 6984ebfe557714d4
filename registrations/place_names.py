"""What the places of an event are called wherever one is chosen from a list or named in a sentence: by stand or
session, time, and the table where there are several. No two places of an event have the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.pages import formats
from services.pages.languages import Translate, text_in

EVENT = "event"
"""What stands for the event itself, where a slot stands by its id."""


def value_of(place: Mapping[str, Any]) -> str:
    """What a form sends for a place."""
    return str(place["slot_id"]) if place["slot_id"] else EVENT


def place_names(places: Sequence[Mapping[str, Any]], time_zone: str, translate: Translate) -> dict[str, str]:
    """What a form sends for a place → its name in the reader's language, in the order of `places`."""
    return {value_of(one): _name(one, places, time_zone, translate) for one in places}


def _name(place: Mapping[str, Any], places: Sequence[Mapping[str, Any]], time_zone: str, translate: Translate) -> str:
    when = formats.span(place["starts_at"], place["ends_at"], translate.lang, time_zone, "short")
    if place["slot_id"] is None:
        return f"{translate('The event itself')}, {when}"
    named = place["session_titles"] if place["stand_id"] is None else place["stand_names"]
    beside = [one for one in places if (one["stand_id"], one["starts_at"]) == (place["stand_id"], place["starts_at"])]
    table = ""
    if place["stand_id"] and place["desk"] and len(beside) > 1:
        table = translate("table {number}", number=place["desk"])
    return ", ".join(filter(None, (text_in(named or {}, translate.lang)[0], when, table)))
