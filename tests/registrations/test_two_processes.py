"""What two processes could do to each other between a look and a lock, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import pytest

from registrations.commands import forgetting, ledgers
from registrations.commands.hand_overs import offer
from registrations.commands.leads import Conversation, note_lead
from registrations.commands.people import erase
from registrations.commands.together import ONE_AT_A_TIME, anew
from registrations.domain.applications import Application, Person, Takeover
from registrations.domain.asking import Came, Cancel, Choose, Confirm, Granted
from registrations.domain.refusals import Reason, Refused
from registrations.domain.retention import VISITOR_KEPT
from registrations.domain.wishes import grant
from registrations.facts import Cause, Interest
from registrations.statements import queries
from tests.registrations.worlds import World

T = TypeVar("T")
KARI = Person("Kari Nordmann", "kari@example.org", "nb")
OLA = Person("Ola Nordmann", "ola@example.org", "nb")


async def test_one_in_line_who_asks_again_while_they_are_promoted_has_one_fact_for_each_version(world: World) -> None:
    event = world.event()
    one, two = world.stand(event), world.stand(event)
    slot, at_once = world.slot(one, 1), world.slot(two, 1)
    await world.hear(event, one, two, slot, at_once)
    has, waits = world.household(slot), world.household(slot, "sanne@example.org")
    await world.decide(has, waits)
    with pytest.raises(ledgers.Elsewhere):
        async with world.database.transaction(world.programme_id) as tx:
            pools = await ledgers.lock(tx, slots=[slot.slot_id])
            ledger = await ledgers.read(tx, pools, bookings=[has.booking_id])
            (again,) = await world.decide(world.household(at_once, "sanne@example.org"))
            assert again == Granted(Came.AGAIN, waits.booking_id)
            grant(ledger, Cancel(has.booking_id, Cause.VISITOR))
            assert ledger.bookings[waits.booking_id].version == 2, "the version that the other process has told"
            await ledgers.write(tx, ledger)
    await world.decide(Cancel(has.booking_id, Cause.VISITOR))
    (row,) = await world.rows("SELECT status, version FROM bookings WHERE id = $1", waits.booking_id)
    assert row == {"status": "confirmed", "version": 3}


async def taken_over(world: World, *, withdrawn: bool) -> tuple[Takeover, Takeover]:
    """Kari and Ola were asked one after the other; both have their page open. Or only Kari was asked."""
    event = world.event(households=2)
    await world.hear(event)
    booking = world.household(event)
    await world.decide(booking)
    found = []
    for person in (KARI, OLA) if withdrawn else (KARI, KARI):
        async with world.database.transaction(world.programme_id) as tx:
            asked = (
                await offer(tx, world.keys, booking.booking_id, person)
                if not found or withdrawn
                else found[0].hand_over_id
            )
            visitor = await tx.connection.fetchval("SELECT to_visitor_id FROM hand_overs WHERE id = $1", asked)
        found.append(Takeover(asked, booking.booking_id, visitor, person.name, person.language))
    return found[0], found[1]


async def test_a_hand_over_that_was_withdrawn_while_its_page_was_open_hands_nothing_over(world: World) -> None:
    kari, ola = await taken_over(world, withdrawn=True)
    (late,) = await world.decide(kari)
    assert isinstance(late, Refused) and late.reason is Reason.NOT_ASKED
    (taken,) = await world.decide(ola)
    assert taken == Granted(Came.CHANGED, ola.booking_id)
    (row,) = await world.rows("SELECT visitor_id FROM bookings")
    assert row["visitor_id"] == ola.visitor_id


async def test_a_yes_said_twice_hands_over_once(world: World) -> None:
    first, second = await taken_over(world, withdrawn=False)
    answers = await world.decide(first, second)
    assert [one.came for one in answers if isinstance(one, Granted)] == [Came.CHANGED, Came.UNCHANGED]


async def test_one_form_in_two_windows_keeps_one_time_whichever_process_is_asked(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot, later = world.slot(stand, 1), world.slot(stand, 1, days=11)
    await world.hear(event, stand, slot, later)
    form = uuid4()
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        async with world.database.transaction(world.programme_id) as tx:
            ledger = await ledgers.read(tx, await ledgers.lock(tx, slots=[slot.slot_id]), attempts=[form])
            await world.decide(Choose(form, later.event_id, later.slot_id, 2, 0))
            grant(ledger, Choose(form, slot.event_id, slot.slot_id, 2, 0))
            await ledgers.write(tx, ledger)
    assert caught.value.constraint_name in ONE_AT_A_TIME, "then it is decided anew"
    await world.decide(Choose(form, slot.event_id, slot.slot_id, 2, 0))
    rows = await world.rows("SELECT slot_id, used FROM pools WHERE slot_id IS NOT NULL ORDER BY starts_at")
    assert rows == [{"slot_id": slot.slot_id, "used": 1}, {"slot_id": later.slot_id, "used": 0}]


async def test_an_application_that_comes_late_once_more_does_not_begin_its_booking_anew(world: World) -> None:
    event = world.event(households=2)
    await world.hear(event)
    sent = world.household(event)
    await world.decide(sent)
    await world.decide(Cancel(sent.booking_id, Cause.VISITOR))
    assert await world.decide(sent) == [Granted(Came.AGAIN, sent.booking_id)]
    (row,) = await world.rows("SELECT status, version FROM bookings")
    assert row == {"status": "cancelled", "version": 2}


async def until_it_waits(world: World, other: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Another process's work, begun, and waiting now for what this one has locked."""
    task = asyncio.create_task(other)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not await world.rows(waiting):
        assert not task.done(), "nothing of ours was in its way"
        await asyncio.sleep(0.01)
    return task


async def in_each_others_way(
    world: World, booking: Application, visitor_id: UUID, other: Coroutine[Any, Any, Any]
) -> None:
    """A process that decides about a booking and a visitor has locked the visitor, and another (`other`) wants both."""
    async with world.database.transaction(world.programme_id) as tx:
        await queries.lock_visitors(tx.connection, bookings=[], visitors=[visitor_id])
        waits = await until_it_waits(world, other)
        await queries.bookings_of_wishes(tx.connection, bookings=[booking.booking_id], visitors=[])
    await waits


async def test_whoever_asks_somebody_to_come_instead_waits_in_no_ring(world: World) -> None:
    event = world.event(households=2)
    await world.hear(event)
    booking, karis = world.household(event), world.household(event, KARI.email)
    await world.decide(booking, karis)
    (kari,) = await world.rows("SELECT id FROM people.visitors WHERE email_key = $1", KARI.email)

    async def ask() -> None:
        async with world.database.transaction(world.programme_id) as tx:
            await offer(tx, world.keys, booking.booking_id, KARI)

    await in_each_others_way(world, booking, kari["id"], ask())


async def test_whoever_answers_our_mail_waits_in_no_ring(world: World) -> None:
    event = world.event(households=2)
    await world.hear(event)
    booking = world.household(event)
    await world.decide(booking)
    (row,) = await world.rows("SELECT visitor_id FROM bookings")
    await in_each_others_way(world, booking, row["visitor_id"], world.decide(Confirm(booking.booking_id)))


async def note(world: World, booking: Application) -> None:
    said = Conversation(Interest.HOT, note="A farm by the sea")
    async with world.database.transaction(world.programme_id) as tx:
        await note_lead(tx, booking.booking_id, said, consent_language="nl", noted_by=None)


async def test_whoever_notes_a_conversation_waits_in_no_ring(world: World) -> None:
    event = world.event(households=2)
    await world.hear(event)
    booking = world.household(event)
    await world.decide(booking)
    (row,) = await world.rows("SELECT visitor_id FROM bookings")
    await in_each_others_way(world, booking, row["visitor_id"], note(world, booking))


async def test_nothing_is_noted_of_one_who_is_forgotten_just_then(world: World) -> None:
    event = world.event(households=2)
    await world.hear(event)
    booking = world.household(event)
    await world.decide(booking)
    await world.decide(Cancel(booking.booking_id, Cause.VISITOR))
    (row,) = await world.rows("SELECT visitor_id FROM bookings")
    async with world.database.transaction(world.programme_id) as tx:
        await erase(tx, row["visitor_id"])
        noting = await until_it_waits(world, note(world, booking))
    with pytest.raises(Refused) as refused:
        await noting
    assert refused.value.reason is Reason.ERASED
    assert await world.rows("SELECT 1 FROM leads") == []


async def test_who_comes_back_while_others_are_forgotten_stays_and_keeps_their_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago, soon = world.event("long-ago", households=2), world.event("soon", households=2, days=200)
    await world.hear(long_ago, soon)
    family = world.household(long_ago, OLA.email)
    await world.decide(family)
    async with world.database.transaction(world.programme_id) as tx:
        await offer(tx, world.keys, family.booking_id, KARI)
    world.clock.move(timedelta(days=11) + VISITOR_KEPT)

    async def once_they_are_back(*given: Any) -> None:
        monkeypatch.setattr(forgetting, "anew", anew)
        await world.decide(world.household(soon, OLA.email), world.household(soon, KARI.email))
        await anew(*given)

    monkeypatch.setattr(forgetting, "anew", once_they_are_back)
    await world.run("forget")
    assert await world.rows("SELECT 1 FROM people.visitors WHERE erased_at IS NOT NULL") == []
    rows = await world.rows("SELECT status FROM bookings WHERE event_id = $1", soon.event_id)
    assert rows == [{"status": "confirmed"}] * 2
