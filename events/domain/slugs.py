"""Addresses made from titles: lower case, a to z, digits and hyphens, short enough to print on a poster."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

from services.words import folded

LONGEST = 60


def slug_of(title: str, taken: Collection[str] = ()) -> str:
    """An address for `title` that is not among those `taken`: `hjemkomstdag`, then `hjemkomstdag-2`, and so on."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(folded(title))).strip("-")
    if len(words) > LONGEST:
        words = words[: LONGEST + 1].rpartition("-")[0] or words[:LONGEST]
    stem = words or "event"
    return (
        stem
        if stem not in taken
        else next(f"{stem}-{number}" for number in count(2) if f"{stem}-{number}" not in taken)
    )
