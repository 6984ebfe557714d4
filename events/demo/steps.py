"""What is done with a scripted event, and on which days: drafted, built, published, changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID

from events.calendar import key_of
from events.commands import adjusting, events, hosts, plans, sessions, slots, stands
from events.demo.scripts import Script
from events.domain.inputs import EventInput, StandInput
from events.domain.plan_inputs import PlanInput, SpotInput
from events.domain.slot_inputs import HostInput, RuleInput, SessionInput, SlotTimes
from events.domain.state import Programme
from events.domain.zones import to_wall
from events.records import Whole, find_whole, queries
from programmes.facts import Term
from services.database import Transaction
from services.identity import people

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Step:
    """`days` gives the days of a script on which `play` does something."""

    days: Callable[[Script], Collection[int]]
    play: Callable[[Transaction, Script, Programme, int], Awaitable[None]]


def begins_on(script: Script, programme: Programme) -> date:
    """The day on which the event begins: the first Saturday from its planned day on."""
    planned = programme.known_since.date() + timedelta(days=script["day"])
    return planned + timedelta(days=(SATURDAY - planned.weekday()) % 7)


async def draft(tx: Transaction, script: Script, programme: Programme, number: int) -> None:
    """Write the event down with all its texts."""
    first = begins_on(script, programme)
    last = first + timedelta(days=script["days"] - 1)
    municipality = next((one.id for one in programme.municipalities if one.slug == script.get("municipality")), None)
    chosen = {"target_groups", "selling_points"}
    asked = {name: script[name] for name in EventInput.model_fields if name in script and name not in chosen}
    await events.draft_event(
        tx,
        EventInput(
            **asked,
            starts_at=datetime.combine(first, time.fromisoformat(script["starts"])),
            ends_at=datetime.combine(last, time.fromisoformat(script["ends"])),
            municipality_id=municipality,
            activity_type=_ids(programme.activity_types, [script["activity"]])[0],
            target_groups=_ids(programme.target_groups, script["target_groups"]),
            selling_points=_ids(programme.selling_points, script["selling_points"]),
        ),
    )


async def build(tx: Transaction, script: Script, programme: Programme, number: int) -> None:
    """Place the stands, open their slots on each day of the event, and say where in the hall each stands."""
    whole = await _whole(tx, script)
    first = begins_on(script, programme)
    spots = []
    for scripted in script.get("stand", ()):
        told = {name: scripted[name] for name in StandInput.model_fields if name in scripted}
        stand = await stands.place_stand(tx, whole.event.event_id, StandInput(**told))
        for rule in scripted["slots"]:
            last = first + timedelta(days=script["days"] - 1)
            await slots.open_slots(tx, stand.stand_id, RuleInput(first_day=first, last_day=last, **rule))
        if "spot" in scripted:
            spots.append(SpotInput(stand_id=stand.stand_id, **scripted["spot"]))
    if spots:
        hall = script["hall"]
        plan = PlanInput(hall_width=hall["width"], hall_depth=hall["depth"], stands=tuple(spots))
        await plans.save_plan(tx, whole.event.event_id, plan)
    for scripted in script.get("session", ()):
        on = first + timedelta(days=scripted.get("on", 0))
        told = {name: scripted[name] for name in SessionInput.model_fields if name in scripted}
        times = {
            "starts_at": datetime.combine(on, time.fromisoformat(scripted["starts"])),
            "ends_at": datetime.combine(on, time.fromisoformat(scripted["ends"])),
        }
        await sessions.open_session(tx, whole.event.event_id, SessionInput(**told, **times))


async def staff(tx: Transaction, script: Script, programme: Programme, number: int) -> None:
    """Put people on shifts, one at each stand, as far as there are people; they leave an hour before the last slot."""
    whole = await _whole(tx, script)
    members = await people.members(tx, tx.programme)
    able = sorted((one for one in members if one.roles & hosts.HOSTS), key=lambda one: one.name)
    for stand, member in zip(whole.stands, able, strict=False):
        own = [slot for slot in whole.open_slots if slot.stand_id == stand.stand_id]
        for _, those in groupby(own, key=lambda slot: to_wall(slot.starts_at, whole.event.time_zone).date()):
            day = list(those)
            ends_at = max(day[0].ends_at, day[-1].ends_at - timedelta(hours=1))
            shift = HostInput(account_id=member.account_id, starts_at=day[0].starts_at, ends_at=ends_at)
            await hosts.put_on(tx, stand.stand_id, shift)


async def publish(tx: Transaction, script: Script, programme: Programme, number: int) -> None:
    whole = await _whole(tx, script)
    await events.publish_event(tx, whole.event.event_id)


async def change(tx: Transaction, script: Script, programme: Programme, number: int) -> None:
    """Move the slots that the script moves on this day."""
    whole = await _whole(tx, script)
    first = begins_on(script, programme)
    for moved in (one["move"] for one in script["change"] if one["day"] == number):
        on = first + timedelta(days=moved["on"])
        slot_id = _slot(whole, moved["stand"], datetime.combine(on, time.fromisoformat(moved["at"])))
        times = {
            "starts_at": datetime.combine(on, time.fromisoformat(moved["to"])),
            "ends_at": datetime.combine(on, time.fromisoformat(moved["until"])),
        }
        await adjusting.move_slot(tx, slot_id, SlotTimes(**times))


STEPS = (
    Step(lambda script: (script["drafted"],), draft),
    Step(lambda script: (script["built"],) if "built" in script else (), build),
    Step(lambda script: (script["published"],) if "published" in script else (), publish),
    Step(lambda script: (script["staffed"],) if "staffed" in script else (), staff),
    Step(lambda script: [one["day"] for one in script.get("change", ())], change),
)


async def _whole(tx: Transaction, script: Script) -> Whole:
    found = await queries.find_slug(tx.connection, slug=script["slug"])
    whole = await find_whole(tx, found["event_id"]) if found else None
    if whole is None:
        raise LookupError(f"the demo's event {script['slug']} is gone")
    return whole


def _slot(whole: Whole, stand: int, wall: datetime) -> UUID:
    stand_id = whole.stands[stand].stand_id
    return next(
        slot.slot_id
        for slot in whole.open_slots
        if slot.stand_id == stand_id and to_wall(slot.starts_at, whole.event.time_zone) == wall
    )


def _ids(terms: Collection[Term], keys: Collection[str]) -> tuple[UUID, ...]:
    return tuple(term.id for term in terms if key_of(term) in keys)
