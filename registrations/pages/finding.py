"""What pages and API look up first: the event behind an address, the click behind a token, what a host noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from events.facts import EventStatus
from registrations.commands.leads import Conversation
from registrations.conversations import LeadFields
from registrations.domain.records import EventWindow
from registrations.pages.addresses import ADDRESSES
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.languages import msgid


async def event_of(call: Call, slug: str) -> tuple[UUID, UUID]:
    """(event, its programme) behind an address, while nobody has named a programme; raises `NotFound`."""
    found = await call.context.resource(ADDRESSES).find(slug)
    if found is None:
        raise NotFound("event")
    return found


async def event_page(tx: Transaction, event_id: UUID) -> Any:
    """The event's row with its programme; raises `NotFound` while the event is a draft or not told yet."""
    row = await queries.event_page(tx.connection, id=event_id)
    if row is None or row["status"] == EventStatus.DRAFT:
        raise NotFound("event")
    return row


def window_of(event: Any) -> EventWindow:
    return EventWindow(
        published=event["status"] == EventStatus.PUBLISHED,
        cancelled=event["status"] == EventStatus.CANCELLED,
        opens_at=event["opens_at"],
        closes_at=event["closes_at"],
        ready=event["ready"],
    )


def click_of(call: Call, via: str | None) -> UUID | None:
    """The click that a `via` token names; a forged or broken one is no error and means nothing."""
    text = call.context.keys.unsign("via", via) if via else None
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


UNKNOWN_CHOICE = msgid("We do not know this one. Choose again.")


def are_offered(chosen: Iterable[UUID], offered: Iterable[Mapping[str, Any]] | None) -> bool:
    """Whether all these target groups are the programme's, as its row has them (`offered_groups`)."""
    return set(chosen) <= {UUID(term["id"]) for term in offered or ()}


def identifier(text: str | None) -> UUID | None:
    """An id from an address, or None where it is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def from_path(call: Call, name: str, what: str) -> UUID:
    """The id in the path; raises `NotFound` where it is none."""
    found = identifier(call.path(name))
    if found is None:
        raise NotFound(what)
    return found


def conversation(said: LeadFields) -> Conversation:
    """What a host noted, from form and API alike."""
    return Conversation(
        interest=said.interest,
        tags=tuple(said.tags),
        note=said.note,
        promise=said.promise,
        next_step=said.next_step,
        next_step_on=said.next_step_on,
        owner_id=said.owner,
    )
