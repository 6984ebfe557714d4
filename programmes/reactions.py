"""What programmes keeps of the others' facts: the published events, for its public pages."""

from __future__ import annotations

from events.facts import EventCancelled, EventChanged, EventFact, EventPublished, EventStatus
from programmes import records
from services.database import Transaction
from services.facts import Envelope
from services.service import Reaction


async def show_event(tx: Transaction, fact: EventFact, envelope: Envelope) -> None:
    """A published event is shown as it is now; any other is not shown."""
    if fact.status is not EventStatus.PUBLISHED:
        await records.queries.hide_event(tx.connection, event_id=fact.event_id)
        return
    await records.queries.show_event(
        tx.connection,
        programme_id=fact.programme_id,
        event_id=fact.event_id,
        slug=fact.slug,
        titles=fact.titles,
        summaries=fact.summaries,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        time_zone=fact.time_zone,
        venue=fact.venue.name if fact.venue else "",
        municipality_id=fact.municipality_id,
        terms=[
            *fact.target_groups,
            *fact.selling_points,
            *([fact.activity_type] if fact.activity_type else []),
        ],
    )


REACTIONS = (
    Reaction(
        name="events",
        facts=(EventChanged, EventPublished, EventCancelled),
        handle=show_event,
        projection=True,
        tables=("events_directory",),
    ),
)
