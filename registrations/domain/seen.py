"""Where each of many bookings stood when somebody looked at them: it goes with the form by which they are moved, so
that what somebody else moves meanwhile stays where they put it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

Place = tuple[UUID, UUID | None]
"""An event, and a slot of it; None where the event itself is booked."""
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FORM = re.compile(rf"({_ID}(?:/{_ID})?(?: {_ID}(?:/{_ID})?)*)\|([0-9]{{1,4}}(?: [0-9]{{1,4}})*)", re.ASCII)


def packed(places: Sequence[Place]) -> str:
    """The places, each said once, then of each booking the number of its place: a few kB for thousands of bookings."""
    numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
    said = " ".join(str(event_id) + (f"/{slot_id}" if slot_id else "") for event_id, slot_id in numbers)
    return f"{said}|{' '.join(str(numbers[place]) for place in places)}"


def unpacked(text: str) -> list[Place] | None:
    """The place of each booking; None where the text says no such thing."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    places: list[Place] = []
    for one in found[1].split():
        event_id, _, slot_id = one.partition("/")
        places.append((UUID(event_id), UUID(slot_id) if slot_id else None))
    numbers = [int(one) for one in found[2].split()]
    return [places[one] for one in numbers] if max(numbers) < len(places) else None
