"""How a list is taken, as whoever brings it in has chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from registrations.inputs import Language

Band = Literal["children_0_2", "children_3_5", "children_6_12", "children_13_17"]
"""One of the household's age bands."""


class Choice(BaseModel):
    """Which column is what, for which place where a row names none, and what when it is full."""

    columns: dict[str, int]
    place: str
    """A slot's id, `event` for the event itself, or empty where every row names its own."""
    language: Language
    wait: bool = False
    children_band: Band | None = None
    """The ages of children of whom a row says only how many; None: such a row must be mended."""
