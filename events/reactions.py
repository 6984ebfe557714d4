"""What events does when others speak: it keeps what its pages show of programmes and of the places left."""

from __future__ import annotations

from events.records import queries
from programmes.facts import ProgrammeChanged
from registrations.facts import PlacesChanged
from services.database import Transaction
from services.facts import Envelope


async def take_in_programme(tx: Transaction, fact: ProgrammeChanged, envelope: Envelope) -> None:
    """Keep a programme's public state: its languages decide what may be published, its lists what may be chosen."""
    told = fact.model_dump(mode="json")
    lists = ("municipalities", "partners", "target_groups", "selling_points", "activity_types")
    await queries.take_in_programme(
        tx.connection,
        programme_id=fact.programme_id,
        version=fact.version,
        slug=fact.slug,
        names=fact.names,
        status=fact.status,
        language=fact.language,
        languages=fact.languages,
        required_languages=fact.required_languages,
        time_zone=fact.time_zone,
        contact=fact.contact,
        moment=fact.at,
        **{name: told[name] for name in lists},
    )


async def take_in_places(tx: Transaction, fact: PlacesChanged, envelope: Envelope) -> None:
    """Keep how full a slot or an event is; until it is first heard, pages say that booking opens shortly."""
    await queries.take_in_places(
        tx.connection,
        pool_id=fact.pool_id,
        programme_id=fact.programme_id,
        event_id=fact.event_id,
        scope=fact.scope,
        stand_id=fact.stand_id,
        slot_id=fact.slot_id,
        version=fact.version,
        unit=fact.unit,
        capacity=fact.capacity,
        used=fact.used,
        waiting=fact.waiting,
    )
