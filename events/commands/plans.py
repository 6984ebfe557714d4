"""The plan of an event's hall, saved as a whole: every stand at its place, or none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.commands.locks import changed_meanwhile, lock_event
from events.commands.stands import edit_stand
from events.domain.inputs import StandInput
from events.domain.plan import Ground, Hall, Placed, Spot, refuse_misplaced
from events.domain.plan_inputs import NamedSpotInput, PlanForm, PlanInput, SpotInput
from events.domain.refusal import Refusal
from events.domain.state import Event, Stand, event_of, stand_of
from events.records import Whole, known_programme, queries
from services.database import Transaction
from services.pages.languages import msgid, text_in


async def save_plan(tx: Transaction, event_id: UUID, given: PlanInput) -> Event:
    """Place the stands of an event in its hall; returns the event as it now is. What stays the same raises no version.

    Raises `Refusal`: changed meanwhile, cancelled, or naming the stands that cannot stand so.
    """
    event = await lock_event(tx, event_id)
    if given.version is not None and given.version != event.plan_version:
        raise changed_meanwhile()
    stands = await _stands(tx, event_id)
    asked, named = {one.stand_id: one for one in given.stands}, {one.stand_id: one for one in stands}
    if not asked.keys() <= named.keys():
        raise Refusal("unknown-stand", msgid("A stand of this plan is not at the event, or no longer."), field="stands")
    language = (await known_programme(tx)).language
    refuse_misplaced(
        given.hall,
        [
            Placed(label(named[one.stand_id], language), f"stands.{number}.x", one.spot)
            for number, one in enumerate(given.stands)
            if one.spot
        ],
    )
    wanted = {one.stand_id: _wanted(one, asked.get(one.stand_id)) for one in stands}
    if event.hall == given.hall and all(wanted[one.stand_id] == (one.spot or one.ground) for one in stands):
        return event
    return await _write(tx, event_id, given.hall, wanted)


async def save_named_plan(tx: Transaction, event_id: UUID, given: PlanForm) -> tuple[Event, list[Stand]]:
    """The same with the stands' numbers and names; also returns the stands that are called otherwise now."""
    await lock_event(tx, event_id)
    language = (await known_programme(tx)).language
    stands = {one.stand_id: one for one in await _stands(tx, event_id)}
    lines = [
        (number, stands[one.stand_id], one)
        for number, one in enumerate(given.stands)
        if one.stand_id in stands and _is_called_otherwise(stands[one.stand_id], one, language)
    ]
    # Numbers are given up before others take them.
    lines.sort(key=lambda line: line[2].number is not None)
    changing = [stand.stand_id for _, stand, one in lines if one.number and one.number != stand.number]
    await queries.free_numbers(tx.connection, stand_ids=changing)
    renamed = []
    for number, stand, one in lines:
        try:
            renamed.append(await _rename(tx, stand, one, language))
        except Refusal as refused:
            if refused.field is not None:
                refused.field = f"stands.{number}.{'number' if refused.field == 'number' else 'name'}"
            raise
    return await save_plan(tx, event_id, given), renamed


async def carry_plan(tx: Transaction, whole: Whole, copy: Event, new_stand: Mapping[UUID, UUID]) -> None:
    """Give the copy of an event the same plan; `new_stand` says which stand was made of which."""
    wanted = {new_stand[one.stand_id]: one.spot or one.ground for one in whole.stands}
    await _write(tx, copy.event_id, whole.event.hall, wanted)


def label(stand: Stand, language: str) -> str:
    """What a stand is called where there are others: its number, if it has one, and its name."""
    return " ".join(filter(None, ((stand.number or "").upper(), text_in(stand.names, language)[0])))


async def _stands(tx: Transaction, event_id: UUID) -> list[Stand]:
    return [stand_of(row) for row in await queries.stands_of_event(tx.connection, event_id=event_id)]


def _wanted(stand: Stand, asked: SpotInput | None) -> Ground:
    """Where a stand is to stand, or what it takes where it is not on the plan."""
    return (asked.spot or asked.ground) if asked else stand.ground


def _is_called_otherwise(stand: Stand, asked: NamedSpotInput, language: str) -> bool:
    return (asked.number, asked.name) != (stand.number, stand.names.get(language, ""))


async def _rename(tx: Transaction, stand: Stand, asked: NamedSpotInput, language: str) -> Stand:
    described = {name: getattr(stand, name) for name in StandInput.model_fields if name != "version"}
    named = {
        **described,
        "version": asked.stand_version,
        "number": asked.number,
        "names": {**stand.names, language: asked.name},
    }
    # What was stored is not judged anew, and what is new was judged with the form.
    return await edit_stand(tx, stand.stand_id, StandInput.model_construct(None, **named))


async def _write(tx: Transaction, event_id: UUID, hall: Hall, wanted: Mapping[UUID, Ground]) -> Event:
    grounds: Sequence[Ground] = list(wanted.values())
    spots = [one if isinstance(one, Spot) else None for one in grounds]
    await queries.draw_hall(tx.connection, event_id=event_id, width=hall.width, depth=hall.depth)
    await queries.put_on_plan(
        tx.connection,
        stand_ids=list(wanted),
        xs=[one.x if one else None for one in spots],
        ys=[one.y if one else None for one in spots],
        widths=[one.width for one in grounds],
        depths=[one.depth for one in grounds],
        turns=[one.turned for one in grounds],
        moment=tx.moment,
    )
    return event_of(await queries.find_event(tx.connection, event_id=event_id))
