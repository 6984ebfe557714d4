"""The demo's data files, read once: one per event, in the form that `emigratiebeurs.toml` explains."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

NAMES = ("emigratiebeurs", "apen-bygdehelg", "hjemkomstdag", "bryggekveld", "heimkveld", "skogshelg")

Script = Mapping[str, Any]


@cache
def scripts() -> Sequence[Script]:
    """One script per event."""
    return [tomllib.loads((files("events.demo") / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES]
