"""What registrations does when the others tell of programmes, events, stands and slots."""

from __future__ import annotations

from uuid import UUID

from events.facts import (
    EventCancelled,
    EventChanged,
    EventFact,
    EventPublished,
    SlotClosed,
    SlotFact,
    SlotMoved,
    SlotOpened,
    StandChanged,
)
from notifications.facts import DeliverySettled
from programmes.facts import ProgrammeChanged
from registrations.commands import copies, opening
from registrations.statements import queries
from services.database import Transaction
from services.facts import Envelope, Fact
from services.service import Reaction


async def mirror(tx: Transaction, fact: Fact, envelope: Envelope) -> None:
    """Keep what our pages show of the others. Nothing is decided from it but whether an event may be booked."""
    match fact:
        case ProgrammeChanged():
            await queries.mirror_programme(
                tx.connection,
                programme_id=fact.programme_id,
                slug=fact.slug,
                names=fact.names,
                status=fact.status,
                languages=list(fact.languages),
                time_zone=fact.time_zone,
                contact=fact.contact,
                target_groups=[term.model_dump(mode="json") for term in fact.target_groups],
            )
        case EventFact():
            await queries.list_event(
                tx.connection, event_id=fact.event_id, programme_id=fact.programme_id, slug=fact.slug
            )
            await queries.mirror_event(
                tx.connection,
                id=fact.event_id,
                programme_id=fact.programme_id,
                slug=fact.slug,
                titles=fact.titles,
                summaries=fact.summaries,
                status=fact.status,
                starts_at=fact.starts_at,
                ends_at=fact.ends_at,
                time_zone=fact.time_zone,
                venue=fact.venue.model_dump(mode="json") if fact.venue else None,
                target_groups=list(fact.target_groups),
                opens_at=fact.registration_opens_at,
                closes_at=fact.registration_closes_at,
                copied_from=fact.copied_from,
            )
        case StandChanged():
            await queries.mirror_stand(
                tx.connection,
                id=fact.stand_id,
                programme_id=fact.programme_id,
                event_id=fact.event_id,
                number=fact.number,
                names=fact.names,
                exhibitor=fact.exhibitor,
                removed=fact.removed,
            )
        case SlotFact():
            await queries.mirror_slot(
                tx.connection,
                id=fact.slot_id,
                programme_id=fact.programme_id,
                event_id=fact.event_id,
                titles=fact.titles,
                room=fact.room,
                desk=fact.desk,
            )
        case DeliverySettled(booking_id=UUID(), sequence=int()):
            await queries.mirror_told_entry(
                tx.connection, booking_id=fact.booking_id, programme_id=fact.programme_id, sequence=fact.sequence
            )


async def follow(tx: Transaction, fact: EventFact | SlotFact, envelope: Envelope) -> None:
    """Open, move and close places, and take their bookings along."""
    match fact:
        case EventFact():
            await opening.follow_event(tx, fact)
        case SlotFact():
            await opening.follow_slot(tx, fact)


async def carry_over(tx: Transaction, fact: EventFact, envelope: Envelope) -> None:
    """A copied event asks what the first one asks, and gives its places out as that one does."""
    if fact.copied_from is not None:
        await copies.carry_over(tx, fact.event_id, fact.copied_from)


REACTIONS = (
    Reaction(
        "mirror",
        (
            ProgrammeChanged,
            EventChanged,
            EventPublished,
            EventCancelled,
            StandChanged,
            SlotOpened,
            SlotMoved,
            SlotClosed,
            DeliverySettled,
        ),
        mirror,
        projection=True,
        tables=("programmes", "events", "stands", "slots", "told_entries", "event_directory"),
    ),
    Reaction("places", (EventChanged, EventPublished, EventCancelled, SlotOpened, SlotMoved, SlotClosed), follow),
    Reaction("questions", (EventChanged, EventPublished), carry_over),
)
