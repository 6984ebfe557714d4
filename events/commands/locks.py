"""Taking hold of an event before anything about it is decided, and what is said where that fails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from events.domain.refusal import Refusal
from events.domain.state import Event, event_of
from events.records import queries
from services.database import Transaction
from services.pages.languages import msgid


class NotThere(Refusal):
    """Nothing of that kind has this id in the programme."""

    def __init__(self, what: str) -> None:
        super().__init__("not-found", msgid("We could not find this"))
        self.what = what


def changed_meanwhile() -> Refusal:
    """The writer saw an older version than the one there is."""
    return Refusal(
        "changed-meanwhile",
        msgid("Someone else has changed this meanwhile. Open it again, look, and write your changes anew."),
    )


async def lock_event(tx: Transaction, event_id: UUID, version: int | None = None) -> Event:
    """The event, for a command that changes it. Raises `Refusal`: not there, cancelled, or changed since."""
    event = _changeable(await queries.lock_event(tx.connection, event_id=event_id))
    if version is not None and version != event.version:
        raise changed_meanwhile()
    return event


async def share_event(tx: Transaction, event_id: UUID) -> Event:
    """The event, for a command that changes one of its stands or slots: it stays as it is meanwhile."""
    return _changeable(await queries.share_event(tx.connection, event_id=event_id))


def _changeable(row: Any) -> Event:
    if row is None:
        raise NotThere("event")
    event = event_of(row)
    if event.is_cancelled:
        raise Refusal("cancelled", msgid("This event is cancelled: it can no longer be changed."))
    return event
