"""The clicks of the demo, by names that can be worked out: services play their parts without asking each other."""

from __future__ import annotations

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5


def demo_click(day: date, number: int) -> UUID:
    """The id of the demo's click `number` (from 0) on `day`: whoever plays a visitor knows the click that brought
    them."""
    return uuid5(NAMESPACE_URL, f"blest:demo:click:{day.isoformat()}:{number}")
