"""Choices as forms show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.http.call import Call
from services.pages.languages import text_in


def named(call: Call, names: Mapping[Any, str]) -> list[tuple[str, str]]:
    """(code, translated name) in the order they are written down."""
    return [(str(code), call.translate(name)) for code, name in names.items()]


def groups(call: Call, terms: Iterable[Mapping[str, Any]] | None) -> list[tuple[str, str]]:
    """(id, name) of a programme's target groups."""
    return [(str(term["id"]), text_in(term["names"], call.lang)[0]) for term in terms or ()]
