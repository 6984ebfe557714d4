"""Choices as forms show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.http.call import Call
from services.pages import formats
from services.pages.languages import text_in


def named(call: Call, names: Mapping[Any, str]) -> list[tuple[str, str]]:
    """(code, translated name) in the order they are written down."""
    return [(str(code), call.translate(name)) for code, name in names.items()]


def groups(call: Call, terms: Iterable[Mapping[str, Any]] | None) -> list[tuple[str, str]]:
    """(id, name) of a programme's target groups."""
    return [(str(term["id"]), text_in(term["names"], call.lang)[0]) for term in terms or ()]


def places(call: Call, event: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(value, label) of the places of an event, no two with the same label, and which of them are full."""
    found = [(*_place(call, event, one, rows), one["used"] >= one["capacity"]) for one in rows]
    return [(value, call.translate("{place} (full)", place=label) if full else label) for value, label, full in found]


def _place(
    call: Call, event: Mapping[str, Any], place: Mapping[str, Any], places: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    when = formats.span(place["starts_at"], place["ends_at"], call.lang, event["time_zone"], "short")
    if place["slot_id"] is None:
        return "event", f"{call.translate('The event itself')}, {when}"
    named = place["session_titles"] if place["stand_id"] is None else place["stand_names"]
    beside = [one for one in places if (one["stand_id"], one["starts_at"]) == (place["stand_id"], place["starts_at"])]
    table = ""
    if place["stand_id"] and place["desk"] and len(beside) > 1:
        table = call.translate("table {number}", number=place["desk"])
    return str(place["slot_id"]), ", ".join(filter(None, (text_in(named or {}, call.lang)[0], when, table)))
