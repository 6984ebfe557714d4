"""What the address of a page about stands and slots names: the event with everything at it, a stand, a slot."""

from __future__ import annotations

from events.access import identifier
from events.domain.inputs import Asked
from events.domain.state import Programme, Slot, Stand
from events.records import Whole, find_programme, find_whole
from services.http.call import Call
from services.http.problems import NotFound, Unavailable


async def read(call: Call) -> tuple[Programme, Whole]:
    """The programme and the event; raises `NotFound`, or `Unavailable` while the programme is not known here."""
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        whole = await find_whole(tx, identifier(call, "event"))
    if programme is None:
        raise Unavailable(2)
    if whole is None:
        raise NotFound("event")
    return programme, whole


def stand_of(call: Call, whole: Whole) -> Stand:
    """The stand that the address names, where it stands at the event."""
    wanted = identifier(call, "stand")
    found = next((one for one in whole.stands if one.stand_id == wanted), None)
    if found is None:
        raise NotFound("stand")
    return found


def slot_of(call: Call, whole: Whole) -> Slot:
    """The slot at a stand that the address names, where it is open."""
    wanted = identifier(call, "slot")
    found = next((one for one in whole.open_slots if one.slot_id == wanted and not one.is_session), None)
    if found is None:
        raise NotFound("slot")
    return found


def session_of(call: Call, whole: Whole) -> Slot:
    """The session that the address names, where it takes place."""
    wanted = identifier(call, "session")
    found = next((one for one in whole.sessions if one.slot_id == wanted), None)
    if found is None:
        raise NotFound("session")
    return found


async def seen(call: Call) -> int | None:
    """The version that a button's form carries; 0, which fits nothing, where what it carries is no version."""
    form = await call.form(Asked)
    return form.value.version if form.value else 0


def back_to(call: Call, path: str = "") -> str:
    """An address below the event's stands; without `path`, their list."""
    return call.console(f"events/{identifier(call, 'event')}/stands/{path}")
