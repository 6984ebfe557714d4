"""What was written down of a line tells its decisions again, and what cannot have been so is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from events.facts import Unit
from registrations.commands import opening
from registrations.commands.rules import set_rules
from registrations.domain import line, organising
from registrations.domain.asking import Cancel, Move, OfferByHand
from registrations.domain.ledger import Ledger
from registrations.domain.records import EventRules
from registrations.domain.replay import Entry, retell
from registrations.domain.wishes import grant
from registrations.facts import BookingStatus, Cause
from registrations.pages.retold import LOOKS, TURNS
from registrations.statements import queries
from registrations.upkeep import CHECKS
from tests.registrations.ledgers import EVENT, NOW, across, booked, choice, ledger, line_log, pool, wish
from tests.registrations.worlds import World

DECIDED = UUID(int=9)
SEED = bytes(range(32))


def written(book: Ledger) -> list[Entry]:
    """As the rows have it."""
    return line_log(book, DECIDED)


def wrong(entries: list[Entry]) -> set[str]:
    return {code for told in retell(entries, {EVENT: SEED}) for code in told.wrong}


def a_turn() -> list[Entry]:
    """Three places come free: four are too many, one gets in, three are too many now, and another one gets in."""
    slot, persons = pool(9, unit=Unit.PERSONS), across(9)
    book = ledger(slot, persons)
    has = booked(book, wish(slot, adults=3))
    booked(book, wish(slot, adults=6))
    for adults in (4, 1, 3, 1):
        booked(book, wish(slot, adults=adults))
    grant(book, Cancel(has.id, Cause.VISITOR))
    entries = written(book)
    assert [one.decision for one in entries] == ["passed_over", "promoted", "passed_over", "promoted"]
    return entries


def test_what_happened_is_told_again() -> None:
    told = retell(a_turn())
    assert [len(one.short) for one in told] == [2, 0, 2, 0], "with the pools that kept somebody back"
    assert not any(one.wrong for one in told)


Tamper = Callable[[list[Entry]], list[Entry]]


def changed(number: int, **values: object) -> Tamper:
    def tamper(entries: list[Entry]) -> list[Entry]:
        return [replace(one, **values) if place == number else one for place, one in enumerate(entries)]  # type: ignore[arg-type]

    return tamper


def with_more_room(number: int, more: int) -> Tamper:
    """As if there had been so much more room at that look."""

    def tamper(entries: list[Entry]) -> list[Entry]:
        frees = {pool_id: free + more for pool_id, free in entries[number].frees.items()}
        return changed(number, frees=frees, free=entries[number].free + more)(entries)

    return tamper


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (with_more_room(0, 1), {"fitted", "frees"}),
        (with_more_room(1, -3), {"did_not_fit", "frees"}),
        (with_more_room(3, 1), {"frees"}),
        (changed(0, reason=None), {"no_reason"}),
        (changed(1, reason="too_large"), {"reason"}),
        (changed(0, line=9), {"order"}),
        (changed(2, line=0), {"order"}),
        (changed(2, needed=1), {"shown"}),
        (changed(2, pool_id=UUID(int=5)), {"shown"}),
        (changed(1, decision="passed_over", reason="too_large"), {"fitted", "frees"}),
        (changed(3, decision="passed_over", reason="address"), {"nobody_behind"}),
        (changed(3, why="A friend"), {"why", "by_hand_in_a_line"}),
        (changed(1, frees={}), {"pools", "frees"}),
        (lambda entries: [entries[0], *entries[2:]], {"frees"}),
        (lambda entries: entries[:3], {"nobody_behind"}),
        (lambda entries: [*entries[:3], replace(entries[1], id=9)], {"twice", "order", "frees"}),
    ],
)
def test_what_was_tampered_with_is_found(tamper: Tamper, found: set[str]) -> None:
    assert wrong(tamper(a_turn())) == found


def test_a_newcomer_who_passed_the_line_is_told_again() -> None:
    slot = pool(2, unit=Unit.PERSONS)
    book = ledger(slot)
    booked(book, wish(slot, adults=1))
    booked(book, wish(slot, adults=2)), booked(book, wish(slot, adults=1))
    entries = written(book)
    assert [one.decision for one in entries] == ["passed_over", "taken"]
    assert wrong(entries) == set()
    assert wrong([replace(entries[0], id=9), entries[1]]) == {"after_newcomer", "nobody_behind", "frees"}


def test_a_form_that_kept_its_place_while_capacity_is_to_fall_passed_nobody() -> None:
    slot, form = pool(2), uuid4()
    book = ledger(slot)
    booked(book, wish(slot))
    grant(book, choice(slot, attempt=form))
    waits = booked(book, wish(slot))
    organising.set_capacity(book, slot, 1, asking=True)
    has = booked(book, replace(wish(slot), attempt=form))
    assert (waits.status, has.status) == (BookingStatus.WAITING, BookingStatus.CONFIRMED), "what was kept is theirs"
    assert written(book) == [], "and was free to nobody"


def test_a_form_that_takes_what_it_kept_is_told_again_with_whom_it_passed() -> None:
    slot, form = pool(3, unit=Unit.PERSONS), uuid4()
    book = ledger(slot)
    booked(book, wish(slot, adults=1))
    grant(book, choice(slot, adults=2, attempt=form))
    booked(book, wish(slot, adults=3))
    booked(book, replace(wish(slot, adults=2), attempt=form))
    entries = written(book)
    assert [(one.decision, one.free) for one in entries] == [("passed_over", 2), ("taken", 2)]
    assert wrong(entries) == set()


def test_an_offer_by_hand_is_told_again_whoever_stands_before() -> None:
    slot = pool(1)
    book = ledger(slot, rules=EventRules(approval=True))
    waits = [booked(book, wish(slot, by_staff=True)), booked(book, wish(slot)), booked(book, wish(slot))]
    grant(book, Cancel(waits[0].id, Cause.STAFF))
    grant(book, OfferByHand(waits[2].id, "They drive far", None))
    assert [(one.decision, one.why) for one in written(book)] == [("offered", "They drive far")]
    assert wrong(written(book)) == set()


def drawn() -> list[Entry]:
    slot = pool(1)
    book = ledger(slot, rules=EventRules(draw_at=NOW))
    for _ in range(4):
        booked(book, wish(slot))
    line.draw(book, EVENT, SEED)
    return written(book)


def test_lots_can_be_drawn_again_by_anyone() -> None:
    entries = drawn()
    assert [one.decision for one in entries] == ["drawn"] * 4 + ["promoted"]
    assert wrong(entries) == set()


def test_lots_that_were_exchanged_are_found() -> None:
    first, second, *rest = drawn()
    exchanged = [
        replace(first, booking_id=second.booking_id),
        replace(second, booking_id=first.booking_id),
        *rest,
    ]
    assert wrong(exchanged) == {"lot"}
    assert wrong([replace(first, line=2), second, *rest]) == {"order"}


async def retold(world: World) -> int:
    (check,) = (one for one in CHECKS if one.name == "line-retold")
    async with world.database.system() as tx:
        return await check.count(tx)


async def test_what_was_decided_on_the_database_is_told_again_and_a_tampered_row_is_counted(
    world: World, admin: object
) -> None:
    event = world.event()
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, stand, slot)
    async with world.database.transaction(world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(draw_at=world.moment(1)))
    await world.decide(*(world.household(slot) for _ in range(6)))
    world.clock.move(timedelta(days=1))
    async with world.database.transaction(world.programme_id) as tx:
        await opening.draw_lots(tx, event.event_id, SEED)
    (first,) = await world.rows("SELECT id FROM bookings WHERE status = 'confirmed'")
    await world.decide(Cancel(first["id"], Cause.VISITOR))
    decisions = [row["decision"] for row in await world.rows("SELECT decision FROM line_log ORDER BY id")]
    assert decisions == ["drawn"] * 6 + ["promoted"] * 2
    assert await retold(world) == 0
    execute = admin.execute  # type: ignore[attr-defined]
    await execute("UPDATE registrations.line_log SET needs = frees, free = 0 WHERE decision = 'promoted'")
    assert await retold(world) == 2
    await execute("UPDATE registrations.event_rules SET seed = sha256('another')")
    assert await retold(world) > 2
    world.clock.move(timedelta(days=3))
    assert await retold(world) == 0, "what lies longer back was told again when it was new"


def exchanging(first: UUID, second: UUID) -> bytes:
    """A seed whose lots have these two the other way round."""
    seeds = (bytes([number]) * 32 for number in range(256))
    return next(seed for seed in seeds if line.lot(seed, first) > line.lot(seed, second))


async def test_lots_stay_those_of_the_event_that_drew_them_whoever_moved_to_another(world: World) -> None:
    event, home = world.event(), world.event("home", households=1)
    stand = world.stand(event)
    slot = world.slot(stand, capacity=1)
    await world.hear(event, home, stand, slot)
    async with world.database.transaction(world.programme_id) as tx:
        for one in (event, home):
            await set_rules(tx, one.event_id, EventRules(draw_at=world.moment(1)))
    await world.decide(*(world.household(slot) for _ in range(4)))
    world.clock.move(timedelta(days=1))
    async with world.database.transaction(world.programme_id) as tx:
        await opening.draw_lots(tx, event.event_id, SEED)
    *_, before, last = [row["id"] for row in await world.rows("SELECT id FROM bookings WHERE line > 0 ORDER BY line")]
    async with world.database.transaction(world.programme_id) as tx:
        await opening.draw_lots(tx, home.event_id, exchanging(before, last))
    await world.decide(Move(last, None, Cause.STAFF, home.event_id))
    assert await world.rows("SELECT event_id FROM bookings WHERE id = $1", last) == [{"event_id": home.event_id}]
    assert await retold(world) == 0
    some = {"many": TURNS, "first": LOOKS}
    async with world.database.transaction(world.programme_id) as tx:
        told_of = await queries.line_told_of(tx.connection, booking_id=before)
        turns = [
            *await queries.turns_of_event(tx.connection, event_id=event.event_id, **some),
            *await queries.turns_of_booking(tx.connection, booking_id=before, **some),
        ]
    assert {(row["event_id"], row["seed"]) for row in (*told_of, *turns) if row["decision"] == "drawn"} == {
        (event.event_id, SEED)
    }
