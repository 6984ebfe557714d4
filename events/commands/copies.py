"""An event once more: a draft with the same texts, stands and plan, slots and sessions at another time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from events.commands.events import draft_event
from events.commands.locks import NotThere
from events.commands.plans import carry_plan
from events.commands.slots import insert_slots
from events.commands.stands import place_stand
from events.domain.copying import end_of_copy, registration_of_copy
from events.domain.inputs import CopyInput, EventInput, StandInput, moment_in
from events.domain.refusal import Refusal
from events.domain.slots import moved_along, outside
from events.domain.state import Event
from events.facts import SlotStatus, Unit
from events.records import Whole, find_whole, known_programme
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import Refused


async def copy_event(tx: Transaction, event_id: UUID, given: CopyInput) -> Event:
    """Draft an event like another, also like a cancelled one; returns the draft. Registration opens and closes as many
    days before it; what is asked of those who book and the rules for their places come along once registrations hears
    of the copy.

    Raises `Refusal` where there is no such event or the time cannot be.
    """
    whole = await whole_to_copy(tx, event_id)
    try:
        starts_at = moment_in(given.starts_at, whole.event.time_zone)
    except Refused as refused:
        raise Refusal("no-such-time", refused.sentence, field="starts_at") from None
    return await copy_whole(tx, whole, starts_at)


async def whole_to_copy(tx: Transaction, event_id: UUID) -> Whole:
    """The event with everything at it; raises `NotThere`."""
    whole = await find_whole(tx, event_id)
    if whole is None:
        raise NotThere("event")
    return whole


async def copy_whole(tx: Transaction, whole: Whole, starts_at: datetime) -> Event:
    """Draft the copy of an event that was read, to begin at `starts_at` (UTC); returns the draft."""
    old, zone = whole.event, whole.event.time_zone
    ends_at = end_of_copy(old, starts_at)
    opens_at, closes_at = registration_of_copy(old, starts_at, ends_at)
    programme = await known_programme(tx)
    copy = await draft_event(
        tx,
        EventInput.model_construct(
            titles=_in(old.titles, programme.languages),
            summaries=_in(old.summaries, programme.languages),
            descriptions=_in(old.descriptions, programme.languages),
            time_zone=zone,
            starts_at=starts_at,
            ends_at=ends_at,
            venue_name=old.venue_name,
            venue_address=old.venue_address,
            latitude=old.latitude,
            longitude=old.longitude,
            municipality_id=old.municipality_id if programme.municipality(old.municipality_id) else None,
            activity_type=old.activity_type if programme.activity_type(old.activity_type) else None,
            target_groups=tuple(one.id for one in programme.groups(old.target_groups)),
            selling_points=tuple(one.id for one in programme.points(old.selling_points)),
            registration_opens_at=opens_at,
            registration_closes_at=closes_at,
            capacity=old.first_amount,
            unit=old.first_unit or Unit.PERSONS,
        ),
        copied_from=old.event_id,
    )
    new_stand = {}
    for stand in whole.stands:
        told = StandInput(
            number=stand.number,
            names=stand.names,
            exhibitor=stand.exhibitor,
            languages=stand.languages,
            topics=stand.topics,
            offers=stand.offers,
        )
        new_stand[stand.stand_id] = (await place_stand(tx, copy.event_id, told)).stand_id
    await carry_plan(tx, whole, copy, new_stand)
    moved = moved_along(whole.open_slots, zone=zone, start=old.starts_at, to_zone=zone, to_start=copy.starts_at)
    gone = {one.slot_id for one in outside(moved, copy.starts_at, copy.ends_at)}
    made = [
        replace(
            one,
            slot_id=new_id(tx.moment),
            event_id=copy.event_id,
            stand_id=new_stand[one.stand_id] if one.stand_id else None,
            titles=_in(one.titles, programme.languages) or one.titles,
            version=1,
            status=SlotStatus.OPEN,
            updated_at=tx.moment,
        )
        for one in moved
        if one.slot_id not in gone
    ]
    await insert_slots(tx, copy, made, "starts_at")
    return copy


def _in(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    return {language: text for language, text in texts.items() if language in languages}
