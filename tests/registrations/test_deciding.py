"""Booking against the real database: together, one by one, refused without a trace, and told to the others."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from registrations.commands import ledgers
from registrations.commands.deciding import decide_together
from registrations.commands.together import BOOKINGS, ask
from registrations.domain.applications import Application, NewHousehold, Person
from registrations.domain.asking import Came, Cancel, Granted, Move
from registrations.domain.consents import CURRENT, Purpose
from registrations.domain.household import Household
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from services.keys import token_hash
from services.outbox import CAUSE
from tests.registrations.worlds import World


async def test_a_family_books_a_slot_and_everybody_is_told(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    family = world.household(
        slot, household=Household(2, children_3_5=1, children_6_12=1), consents=(Purpose.FOLLOW_UP,)
    )
    assert await world.decide(family) == [Granted(Came.BOOKED, family.booking_id)]
    (row,) = await world.rows(
        "SELECT b.*, h.name, h.children_6_12 FROM bookings b JOIN people.households h ON h.booking_id = b.id"
    )
    assert (row["status"], row["adults"], row["children"], row["children_6_12"]) == ("confirmed", 2, 2, 1)
    assert row["starts_at"] == slot.starts_at
    told = await world.told()
    assert [what for what, _ in told] == ["pool.changed", "booking.confirmed", "pool.changed"]
    assert told[1][1]["persons" if "persons" in told[1][1] else "adults"] == 2
    assert "Sanne" not in str(told) and "example.org" not in str(told)
    assert (told[2][1]["used"], told[2][1]["capacity"]) == (1, 1)
    token = world.keys.token("ticket", family.booking_id)
    (found,) = await world.rows("SELECT booking_id FROM token_directory WHERE token_hash = $1", token_hash(token))
    assert found["booking_id"] == family.booking_id
    assert row["code"] == token[:8]
    (consent,) = await world.rows("SELECT purpose, wording, language FROM people.consents")
    assert consent == {"purpose": "follow_up", "wording": CURRENT[Purpose.FOLLOW_UP], "language": "nl"}


async def test_a_batch_answers_each_and_one_refusal_harms_nobody(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    first, waits, leaves = world.household(slot), world.household(slot), world.household(slot, wait=False)
    nowhere = world.household(slot, slot_id=uuid4())
    answers = await world.decide(first, waits, leaves, nowhere)
    assert [answer.came if isinstance(answer, Granted) else answer.reason for answer in answers] == [
        Came.BOOKED,
        Came.WAITING,
        Reason.FULL,
        Reason.UNKNOWN_PLACE,
    ]
    assert len(await world.rows("SELECT 1 FROM bookings")) == 2
    assert len(await world.rows("SELECT 1 FROM people.visitors")) == 2, "nothing is kept of who was refused"


async def test_a_cancellation_promotes_the_next_in_the_same_transaction(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    has, waits = world.household(slot), world.household(slot)
    await world.decide(has, waits)
    await world.decide(Cancel(has.booking_id, Cause.VISITOR))
    rows = await world.rows("SELECT id, status, cause FROM bookings ORDER BY created_at, id")
    assert {row["id"]: (row["status"], row["cause"]) for row in rows} == {
        has.booking_id: ("cancelled", "visitor"),
        waits.booking_id: ("confirmed", "promotion"),
    }
    (pool,) = await world.rows("SELECT used, waiting FROM pools")
    assert pool == {"used": 1, "waiting": 0}
    (entry,) = await world.rows("SELECT decision, needed, free FROM line_log")
    assert entry == {"decision": "promoted", "needed": 1, "free": 1}
    taken = await world.rows("SELECT booking_id, taken FROM places ORDER BY taken")
    assert taken == [{"booking_id": has.booking_id, "taken": 0}, {"booking_id": waits.booking_id, "taken": 1}]


async def test_the_same_address_twice_is_one_booking_in_whatever_case(world: World) -> None:
    event = world.event(households=5)
    await world.hear(event)
    one = world.household(event, "Sanne@Example.org")
    two = world.household(event, "sanne@example.org", person=Person("Somebody Else", "sanne@example.org", "en"))
    answers = await world.decide(one, two)
    assert answers == [Granted(Came.BOOKED, one.booking_id), Granted(Came.AGAIN, one.booking_id)]
    (visitor,) = await world.rows("SELECT name, email FROM people.visitors")
    assert visitor == {"name": "Sanne de Vries", "email": "Sanne@Example.org"}, "a stranger's form renames nobody"
    assert [what for what, _ in await world.told()][-1] == "pool.changed"
    assert "booking.asked_again" in [what for what, _ in await world.told()]


async def test_a_booking_moves_to_another_slot_and_the_line_behind_it_moves_up(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot, later = world.slot(stand), world.slot(stand, days=11)
    await world.hear(event, stand, slot, later)
    has, waits = world.household(slot), world.household(slot)
    await world.decide(has, waits)
    assert await world.decide(Move(has.booking_id, later.slot_id, Cause.VISITOR)) == [
        Granted(Came.CHANGED, has.booking_id)
    ]
    used = await world.rows("SELECT slot_id, used, waiting FROM pools")
    assert {(row["slot_id"], row["used"], row["waiting"]) for row in used} == {
        (slot.slot_id, 1, 0),
        (later.slot_id, 1, 0),
    }
    wanted = await world.rows("SELECT booking_id, count(*) AS pools FROM places GROUP BY 1")
    assert {row["pools"] for row in wanted} == {1}
    moved = next(payload for what, payload in await world.told() if what == "booking.moved")
    assert (moved["slot_id"], moved["previous_slot_id"]) == (str(later.slot_id), str(slot.slot_id))


async def test_more_come_than_was_said(world: World) -> None:
    event = world.event(households=5)
    await world.hear(event)
    one = world.household(event)
    await world.decide(one)
    await world.decide(NewHousehold(one.booking_id, Household(2, children_0_2=1), Cause.VISITOR))
    (row,) = await world.rows("SELECT adults, children_0_2 FROM people.households")
    assert row == {"adults": 2, "children_0_2": 1}
    assert (await world.told())[-1][1]["children"] == 1


async def test_a_moved_slot_takes_its_bookings_along_and_says_when(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand)
    await world.hear(event, stand, slot)
    family = world.household(slot)
    await world.decide(family)
    later = slot.starts_at + timedelta(hours=2)
    from events.facts import SlotMoved

    moved = SlotMoved(
        **{**slot.model_dump(), "version": 2, "starts_at": later, "ends_at": later + timedelta(minutes=30)}
    )
    await world.hear(moved)
    (row,) = await world.rows("SELECT starts_at, cause, version, clashes FROM bookings")
    assert row == {"starts_at": later, "cause": "event", "version": 2, "clashes": False}
    _, payload = next(one for one in await world.told() if one[0] == "booking.moved")
    assert payload["slot_id"] == payload["previous_slot_id"] == str(slot.slot_id)
    assert payload["starts_at"] == later.isoformat().replace("+00:00", "Z")
    before = len(await world.told())
    await world.hear(moved)
    assert len(await world.told()) == before, "heard twice, it happens once"


async def test_a_closed_slot_and_a_cancelled_event_cancel_their_bookings(world: World) -> None:
    from events.facts import EventCancelled, EventStatus, SlotClosed, SlotStatus

    event = world.event(households=3)
    stand = world.stand(event)
    slot, other = world.slot(stand), world.slot(stand, days=11)
    await world.hear(event, stand, slot, other)
    one, two, three = world.household(slot), world.household(other), world.household(event)
    await world.decide(one, two, three)
    await world.hear(SlotClosed(**{**slot.model_dump(), "version": 2, "status": SlotStatus.CLOSED}))
    statuses = {row["id"]: row["status"] for row in await world.rows("SELECT id, status FROM bookings")}
    assert statuses == {one.booking_id: "cancelled", two.booking_id: "confirmed", three.booking_id: "confirmed"}
    await world.hear(EventCancelled(**{**event.model_dump(), "version": 2, "status": EventStatus.CANCELLED}))
    rows = await world.rows("SELECT status, cause FROM bookings")
    assert {(row["status"], row["cause"]) for row in rows} == {("cancelled", "event")}
    (answer,) = await world.decide(world.household(event))
    assert isinstance(answer, Refused) and answer.reason is Reason.CANCELLED


async def test_two_deciders_at_once_never_give_one_place_twice(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=3)
    await world.hear(event, stand, slot)
    batches = [[world.household(slot) for _ in range(5)] for _ in range(4)]

    answers = await asyncio.gather(*(world.decide(*batch) for batch in batches))
    came = [answer.came for batch in answers for answer in batch if isinstance(answer, Granted)]
    assert (came.count(Came.BOOKED), came.count(Came.WAITING)) == (3, 17)
    lines = await world.rows("SELECT line FROM bookings WHERE status = 'waiting' ORDER BY line")
    assert [row["line"] for row in lines] == list(range(1, 18))


async def test_each_of_many_decided_together_says_in_its_facts_what_caused_it(world: World) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    context = world.context()
    causes = [uuid4() for _ in range(4)]
    wishes = [world.household(slot) for _ in causes]

    async def ask_as(cause: UUID, wish: Application) -> None:
        CAUSE.set(cause)
        await ask(context, world.programme_id, wish)

    async with BOOKINGS.open(context) as bookings:
        context.resources[BOOKINGS.name] = bookings
        await asyncio.gather(*(ask_as(cause, wish) for cause, wish in zip(causes, wishes, strict=True)))
        rows = await world.rows(
            "SELECT payload->>'booking_id' AS booking, headers->>'Blest-Causation' AS cause"
            " FROM outbox WHERE subject LIKE 'registrations.booking.%'"
        )
        assert {(row["booking"], row["cause"]) for row in rows} == {
            (str(wish.booking_id), str(cause)) for cause, wish in zip(causes, wishes, strict=True)
        }
        freed = uuid4()
        cancel = Cancel(wishes[0].booking_id, Cause.VISITOR)
        token = CAUSE.set(freed)
        await ask(context, world.programme_id, cancel)
        CAUSE.reset(token)
    rows = await world.rows(
        "SELECT headers->>'Blest-Causation' AS cause FROM outbox WHERE subject LIKE 'registrations.booking.%'"
        " ORDER BY id OFFSET 4"
    )
    assert len(rows) == 2  # who went, and who was promoted into the place
    assert {row["cause"] for row in rows} == {str(freed)}


async def test_two_deciders_at_once_give_one_visitor_one_of_two_overlapping_slots(world: World) -> None:
    event = world.event()
    one, two = world.stand(event), world.stand(event)
    slot, other = world.slot(one, 5), world.slot(two, 5)
    await world.hear(event, one, two, slot, other)
    wishes = [world.household(place, "sanne@example.org") for place in (slot, other) * 3]
    await asyncio.gather(*(world.decide(wish) for wish in wishes))
    assert len(await world.rows("SELECT 1 FROM bookings WHERE status = 'confirmed'")) == 1


async def test_the_database_itself_refuses_an_oversold_pool(world: World) -> None:
    import asyncpg
    import pytest

    event = world.event(households=1)
    await world.hear(event)
    with pytest.raises(asyncpg.CheckViolationError, match="pools_not_oversold"):
        await world.rows("UPDATE pools SET used = 2 RETURNING 1")


async def test_it_begins_anew_when_a_booking_has_changed_pools_meanwhile(world: World) -> None:
    """The other decider moves the booking after we have looked which pools to lock, and before we have them."""
    import pytest

    from registrations.commands.deciding import Elsewhere

    event = world.event()
    stand = world.stand(event)
    slot, later = world.slot(stand), world.slot(stand, days=11)
    await world.hear(event, stand, slot, later)
    family = world.household(slot)
    await world.decide(family)
    (old,) = await world.rows("SELECT id FROM pools WHERE slot_id = $1", slot.slot_id)
    async with world.database.transaction(world.programme_id) as tx:
        await ledgers.lock(tx, pools=[old["id"]])
        ours = asyncio.create_task(world.decide(Cancel(family.booking_id, Cause.VISITOR)))
        # Whoever waits for *us*: others share this server.
        held_up = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        while not await tx.connection.fetchval(held_up):
            await asyncio.sleep(0)
        await decide_together(tx, world.keys, [Move(family.booking_id, later.slot_id, Cause.VISITOR)])
    with pytest.raises(Elsewhere):
        await ours
    (row,) = await world.rows("SELECT status, slot_id FROM bookings")
    assert row == {"status": "confirmed", "slot_id": later.slot_id}
