"""The catalogue's standard terms, from `vocabulary.toml`: what a programme may tick instead of writing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from programmes.domain import Kind


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard term: its code and its name in each language."""

    code: str
    names: Mapping[str, str]


def _read() -> Mapping[Kind, Mapping[str, Standard]]:
    read = tomllib.loads((files("programmes") / "vocabulary.toml").read_text(encoding="utf-8"))
    return {
        kind: {
            entry["code"]: Standard(entry["code"], {lang: name for lang, name in entry.items() if lang != "code"})
            for entry in read.get(kind.value, [])
        }
        for kind in Kind
    }


VOCABULARY = _read()
"""The standard terms of each kind by code, in the order in which they are offered."""


def standard(kind: Kind, code: str) -> Standard | None:
    """The standard term of that code, or None."""
    return VOCABULARY[kind].get(code)
