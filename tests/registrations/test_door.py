"""At the door: one answer per scan however often it is sent, undo for a while, walk-ins, and those who never came."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registrations.commands import check_in
from registrations.commands.check_in import Admission, Scan
from registrations.domain.applications import Person
from registrations.domain.asking import Cancel
from registrations.domain.check_in import Light, Verdict, scanned, shown, typed
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from tests.registrations.worlds import World

ADDRESS = "https://blest.example/t/abcdefghijklmnopqrstuvwx27"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (ADDRESS, "abcdefghijklmnopqrstuvwx27"),
        (ADDRESS + "/", "abcdefghijklmnopqrstuvwx27"),
        ("ABCDEFGHIJKLMNOPQRSTUVWX27\n", "abcdefghijklmnopqrstuvwx27"),
        ("abcd-efgh", None),
        ("", None),
        ("https://elsewhere.example/", None),
    ],
)
def test_a_scanner_may_read_the_address_or_the_token(text: str, token: str | None) -> None:
    assert scanned(text) == token


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("K3F7-QMZ2", "k3f7qmz2"),
        (" k3f7 qmz2 ", "k3f7qmz2"),
        ("k3f7-0m1a", "k3f7omia"),
        ("k3f7", None),
        ("ærøåæøåæ", None),
    ],
)
def test_a_code_is_read_as_people_type_it(text: str, code: str | None) -> None:
    assert typed(text) == code


def test_a_code_is_shown_in_two_halves() -> None:
    assert shown("k3f7qmz2") == "K3F7-QMZ2"


async def booked(world: World, **more: object) -> tuple[UUID, UUID]:
    """(event, booking) of a family that is coming."""
    event = world.event(f"event-{uuid4().hex[:6]}", households=5, days=0.5)
    await world.hear(event)
    family = world.household(event, **more)
    await world.decide(family)
    return event.event_id, family.booking_id


async def scan(world: World, event_id: UUID, booking_id: UUID | None, nonce: UUID | None = None) -> Admission:
    async with world.database.transaction(world.programme_id) as tx:
        return await check_in.check_in(tx, Scan(event_id, booking_id, nonce or uuid4(), world.moment()))


async def test_a_ticket_lets_in_once_and_the_second_time_says_since_when(world: World) -> None:
    event_id, booking_id = await booked(world)
    first = await scan(world, event_id, booking_id)
    assert (first.verdict, first.light) == (Verdict.ADMITTED, Light.GREEN)
    since = world.moment()
    world.clock.move(timedelta(minutes=3))
    again = await scan(world, event_id, booking_id)
    assert (again.verdict, again.light, again.since) == (Verdict.ALREADY, Light.AMBER, since)
    assert [what for what, _ in await world.told()].count("booking.attended") == 1


async def test_the_same_scan_sent_twice_is_one_and_gets_the_same_answer(world: World) -> None:
    event_id, booking_id = await booked(world)
    nonce = uuid4()
    answers = [await scan(world, event_id, booking_id, nonce) for _ in range(3)]
    assert {answer.verdict for answer in answers} == {Verdict.ADMITTED}
    assert len(await world.rows("SELECT 1 FROM check_ins")) == 1


async def test_of_two_scanners_at_one_moment_one_is_green(world: World) -> None:
    event_id, booking_id = await booked(world)
    answers = await asyncio.gather(*(scan(world, event_id, booking_id) for _ in range(4)))
    assert sorted(answer.verdict for answer in answers) == [Verdict.ADMITTED, *[Verdict.ALREADY] * 3]


async def test_the_wrong_event_a_cancelled_booking_and_nothing_at_all_are_red(world: World) -> None:
    event_id, booking_id = await booked(world)
    assert (await scan(world, uuid4(), booking_id)).verdict is Verdict.OTHER_EVENT
    assert (await scan(world, event_id, None)).verdict is Verdict.UNKNOWN
    await world.decide(Cancel(booking_id, Cause.VISITOR))
    refused = await scan(world, event_id, booking_id)
    assert (refused.verdict, refused.light) == (Verdict.CANCELLED, Light.RED)


async def test_a_ticket_is_found_by_address_token_and_code_and_by_nobody_elses_token(world: World) -> None:
    event_id, booking_id = await booked(world)
    token = world.keys.token("ticket", booking_id)
    async with world.database.transaction(world.programme_id) as tx:
        for text in (f"https://blest.example/t/{token}", token.upper(), shown(token[:8])):
            assert await check_in.find(tx, world.keys, event_id, text) == booking_id
        assert await check_in.find(tx, world.keys, event_id, world.keys.token("booking", booking_id)) is None, (
            "a link is no ticket"
        )
        assert await check_in.find(tx, world.keys, event_id, world.keys.token("ticket", uuid4())) is None
    async with world.database.transaction(uuid4()) as tx:
        assert await check_in.find(tx, world.keys, event_id, token) is None, "another programme's ticket"


async def test_a_slip_is_undone_within_a_quarter_of_an_hour_and_then_no_more(world: World) -> None:
    event_id, booking_id = await booked(world)
    await scan(world, event_id, booking_id)
    async with world.database.transaction(world.programme_id) as tx:
        assert (await check_in.undo(tx, booking_id, uuid4(), None)).verdict is Verdict.UNDONE
    assert (await scan(world, event_id, booking_id)).verdict is Verdict.ADMITTED
    world.clock.move(timedelta(minutes=16))
    async with world.database.transaction(world.programme_id) as tx:
        with pytest.raises(Refused) as caught:
            await check_in.undo(tx, booking_id, uuid4(), None)
    assert caught.value.reason is Reason.CLOSED
    told = [what for what, _ in await world.told() if what.startswith("booking.")]
    assert told == ["booking.confirmed", "booking.attended", "booking.attendance_undone", "booking.attended"]


async def test_an_offline_scan_keeps_its_own_time_unless_its_clock_is_ahead(world: World) -> None:
    event_id, booking_id = await booked(world)
    early, late = world.moment(-0.1), world.moment(2)
    async with world.database.transaction(world.programme_id) as tx:
        await check_in.check_in(tx, Scan(event_id, booking_id, uuid4(), early, offline=True))
        await check_in.check_in(tx, Scan(event_id, booking_id, uuid4(), late, offline=True))
    rows = await world.rows("SELECT scanned_at FROM check_ins ORDER BY scanned_at")
    assert [row["scanned_at"] for row in rows] == [early, world.moment()]


async def test_someone_who_walks_in_is_booked_and_let_in_at_once_even_without_an_address(world: World) -> None:
    event = world.event(households=1, days=0.1)
    stand = world.stand(event)
    await world.hear(event, stand)
    family = world.household(
        event, person=Person("Kari", None, "nb"), walk_in=True, by_staff=True, stand_id=stand.stand_id, slot_id=None
    )
    twice = []
    for _ in range(2):
        async with world.database.transaction(world.programme_id) as tx:
            twice.append(await check_in.walk_in(tx, world.keys, family, None))
    assert twice == [family.booking_id] * 2
    (row,) = await world.rows("SELECT status, walk_in FROM bookings")
    assert row == {"status": "attended", "walk_in": True}


async def test_who_was_confirmed_and_never_came_is_missed_where_there_was_a_check_in(world: World) -> None:
    from registrations.tasks import MISSED_AFTER

    event = world.event("day", households=5, days=0.5)
    quiet = world.event("quiet", households=5, days=0.5)
    await world.hear(event, quiet)
    came, stayed, unseen = world.household(event), world.household(event), world.household(quiet)
    await world.decide(came, stayed, unseen)
    await scan(world, event.event_id, came.booking_id)
    world.clock.move(timedelta(days=1) + MISSED_AFTER)
    await world.run("mark-missed")
    rows = await world.rows("SELECT id, status FROM bookings")
    assert {row["id"]: row["status"] for row in rows} == {
        came.booking_id: "attended",
        stayed.booking_id: "no_show",
        unseen.booking_id: "confirmed",
    }
    assert (await scan(world, event.event_id, stayed.booking_id)).verdict is Verdict.ADMITTED, (
        "an offline scan reported late"
    )
