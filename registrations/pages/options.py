"""Choices as forms show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registrations.place_names import place_names, value_of
from services.http.call import Call
from services.pages.languages import text_in


def named(call: Call, names: Mapping[Any, str]) -> list[tuple[str, str]]:
    """(code, translated name) in the order they are written down."""
    return [(str(code), call.translate(name)) for code, name in names.items()]


def groups(call: Call, terms: Iterable[Mapping[str, Any]] | None) -> list[tuple[str, str]]:
    """(id, name) of a programme's target groups."""
    return [(str(term["id"]), text_in(term["names"], call.lang)[0]) for term in terms or ()]


def places(call: Call, event: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(value, label) of the places of an event, no two with the same label, and which of them are full."""
    names = place_names(rows, event["time_zone"], call.translate)
    full = {value_of(one) for one in rows if one["used"] >= one["capacity"]}
    return [
        (value, call.translate("{place} (full)", place=name) if value in full else name)
        for value, name in names.items()
    ]
