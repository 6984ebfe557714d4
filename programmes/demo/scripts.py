"""The demo's data files, read once: one per programme, in the form that `blest-i-havlandet.toml` explains."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

NAMES = ("blest-i-havlandet", "heim-til-fjordbygda", "rom-i-skogen")
LANGUAGES = ("nb", "nn", "en", "nl")

Script = Mapping[str, Any]


@cache
def scripts() -> Sequence[Script]:
    """One script per programme."""
    return [tomllib.loads((files("programmes.demo") / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES]


def names(entry: Script) -> dict[str, str]:
    """The texts of an entry by language."""
    return {lang: entry[lang] for lang in LANGUAGES if lang in entry}


def groups(script: Script) -> Iterator[tuple[Script, Script | None]]:
    """Every group of a programme, and for a process group the work area above it."""
    for area in script["work_area"]:
        yield area, None
        for process in area.get("processes", ()):
            yield process, area
