"""Questions of an event, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from registrations.commands import questions
from registrations.domain.questions import Kind, Option, Question
from tests.registrations.worlds import World


def question(kind: Kind, label: str, *keys: str, **more: Any) -> Question:
    """A question in English and bokmål; `keys` are its options, called as their keys."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "position": 1,
        "kind": kind,
        "labels": {"en": label, "nb": f"{label} (nb)"},
        "options": tuple(Option(key, {"en": key.capitalize(), "nb": f"{key.capitalize()} (nb)"}) for key in keys),
        "longest": 200 if kind is Kind.TEXT else None,
    }
    return Question(**{**given, **more})


def after(other: Question, *keys: str) -> dict[str, Any]:
    """Asked only after these answers to another question."""
    return {"shown_when": other.id, "shown_for": keys}


BED = question(Kind.CHOICE, "Where do you sleep?", "hotel", "tent", "friends", required=True)
PITCH = question(Kind.NUMBER, "How large is the tent?", required=True, **after(BED, "tent"))
SIGHTS = question(Kind.CHOICES, "What would you see?", "school", "harbour", "farm")
FARM = question(Kind.TEXT, "What would you grow?", **after(SIGHTS, "farm"))
PHOTOS = question(Kind.CONSENT, "You may take photographs of us.")
EVERY = (BED, PITCH, SIGHTS, FARM, PHOTOS)


def anew(*questions: Question) -> list[Question]:
    """The same questions under ids of their own, for another event."""
    ids = {one.id: uuid4() for one in questions}
    return [
        replace(one, id=ids[one.id], shown_when=ids[one.shown_when] if one.shown_when else None) for one in questions
    ]


async def ask_for(world: World, event_id: UUID, *wanted: Question) -> None:
    """Let the event ask these, in this order."""
    async with world.database.transaction(world.programme_id) as tx:
        for one in wanted:
            await questions.add(tx, event_id, one)


async def change(world: World, event_id: UUID, wanted: Question) -> None:
    async with world.database.transaction(world.programme_id) as tx:
        await questions.change(tx, event_id, wanted)
