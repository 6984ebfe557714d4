"""Credit: whatever order facts arrive in, and however often, the ledger says the same and adds up."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from campaigns import reactions
from campaigns.domain import Price
from campaigns.facts import Click, ClickRecorded, ClicksRecorded
from campaigns.ledger import STEPS, ledger
from registrations.facts import (
    AttendanceUndone,
    BookingAttended,
    BookingCancelled,
    BookingConfirmed,
    BookingStatus,
    Cause,
    Interest,
    InterestRegistered,
    LeadNoted,
    OutcomeKind,
    OutcomeLogged,
    OutcomeSource,
    VisitorErased,
)
from services import sql
from services.clock import MovedClock
from services.ids import new_id
from services.process import Running
from tests.campaigns.test_redirect import placement

__all__ = ["placement"]

queries = sql.load("campaigns")
BOOKING, VISITOR, EVENT, LEAD, CLICK = (UUID(int=number) for number in range(1, 6))


def booking(
    kind: Any, status: BookingStatus, version: int, where: dict[str, Any], clock: MovedClock, via: UUID | None = CLICK
) -> Any:
    return kind(
        programme_id=where["programme"],
        version=version,
        at=clock.now(),
        booking_id=BOOKING,
        visitor_id=VISITOR,
        event_id=EVENT,
        status=status,
        cause=Cause.VISITOR,
        adults=2,
        children=2,
        via=via,
        heard_of="friend",
    )


def click(where: dict[str, Any], clock: MovedClock) -> ClicksRecorded:
    one = Click(
        click_id=CLICK,
        at=clock.now(),
        placement_id=where["id"],
        source="qr",
        verdict="human",
        rule="browser",
        ruleset=1,
        device="phone",
    )
    return ClicksRecorded(
        programme_id=where["programme"], version=1, at=clock.now(), batch_id=new_id(clock.now()), clicks=(one,)
    )


def outcome(
    where: dict[str, Any], clock: MovedClock, kind: OutcomeKind, visitor: UUID = VISITOR, lead: UUID = LEAD
) -> OutcomeLogged:
    return OutcomeLogged(
        programme_id=where["programme"],
        version=1,
        at=clock.now(),
        outcome_id=new_id(clock.now()),
        lead_id=lead,
        visitor_id=visitor,
        booking_id=BOOKING if visitor == VISITOR else None,
        kind=kind,
        source=OutcomeSource.SELF_REPORTED,
        on=clock.now().date(),
        adults=2,
        children=2,
    )


def story(where: dict[str, Any], clock: MovedClock) -> list[tuple[Any, Any]]:
    confirmed = booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, where, clock)
    attended = booking(BookingAttended, BookingStatus.ATTENDED, 2, where, clock)
    lead = LeadNoted(
        programme_id=where["programme"],
        version=1,
        at=clock.now(),
        lead_id=LEAD,
        visitor_id=VISITOR,
        booking_id=BOOKING,
        interest=Interest.HOT,
    )
    moved = outcome(where, clock, OutcomeKind.MOVED)
    return [
        (reactions.take_clicks, click(where, clock)),
        (reactions.take_booking, confirmed),
        (reactions.take_booking, attended),
        (reactions.take_lead, lead),
        (reactions.take_outcome, moved),
    ]


async def figures(house: Running, where: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    async with house.contexts["campaigns"].database.transaction(where["programme"]) as tx:
        rows = await queries.figures_of_campaign(tx.connection, campaign_id=where["campaign"])
        rest = dict(await queries.unattributed(tx.connection))
    return dict(ledger(rows).total.counts), rest


async def play(house: Running, where: dict[str, Any], facts: list[tuple[Any, Any]]) -> None:
    for react, fact in facts:
        async with house.contexts["campaigns"].database.transaction(where["programme"]) as tx:
            await react(tx, fact, None)


async def forget_all(house: Running, where: dict[str, Any]) -> None:
    async with house.contexts["campaigns"].database.transaction(where["programme"]) as tx:
        await tx.connection.execute("DELETE FROM clicks")
        await tx.connection.execute("DELETE FROM conversions")


async def test_credit_does_not_depend_on_the_order_of_arrival(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    facts = story(placement, clock)
    wanted = {**dict.fromkeys(STEPS, 0), "human": 1, "registrations": 1, "check_ins": 1, "leads": 1, "moved": 1}
    for order in itertools.permutations(facts):
        # Versions of one booking keep their order: an older one that arrives later is stale and never handled.
        if [fact for _, fact in order].index(facts[1][1]) > [fact for _, fact in order].index(facts[2][1]):
            continue
        await forget_all(house, placement)
        again = [one for one in order if one is not facts[1]]
        await play(house, placement, [*order, *again])
        counts, rest = await figures(house, placement)
        assert counts == wanted
        assert set(rest.values()) == {0}


async def test_a_cancelled_booking_no_longer_counts_and_an_undone_check_in_neither(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    await play(house, placement, story(placement, clock)[:3])
    undone = booking(AttendanceUndone, BookingStatus.CONFIRMED, 3, placement, clock)
    await play(house, placement, [(reactions.take_booking, undone)])
    assert (await figures(house, placement))[0]["check_ins"] == 0
    cancelled = booking(BookingCancelled, BookingStatus.CANCELLED, 4, placement, clock)
    await play(house, placement, [(reactions.take_booking, cancelled)])
    assert (await figures(house, placement))[0]["registrations"] == 0


@pytest.mark.parametrize("via", [None, UUID(int=77)], ids=["no click", "a click nobody recorded"])
async def test_what_no_link_led_to_has_a_row_of_its_own(
    house: Running, placement: dict[str, Any], clock: MovedClock, via: UUID | None
) -> None:
    await play(
        house,
        placement,
        [(reactions.take_booking, booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, placement, clock, via))],
    )
    counts, rest = await figures(house, placement)
    assert counts["registrations"] == 0
    assert rest["registrations"] == 1


async def test_erasing_a_visitor_cuts_the_tie_and_keeps_the_count(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    await play(house, placement, story(placement, clock))
    before = await figures(house, placement)
    erased = VisitorErased(programme_id=placement["programme"], version=1, at=clock.now(), visitor_id=VISITOR)
    cancelled = booking(BookingCancelled, BookingStatus.CANCELLED, 3, placement, clock)
    cancelled = cancelled.model_copy(update={"cause": Cause.ERASURE})
    await play(house, placement, [(reactions.take_booking, cancelled), (reactions.forget, erased)])
    assert await figures(house, placement) == before
    async with house.contexts["campaigns"].database.transaction(placement["programme"]) as tx:
        rows = await tx.connection.fetch("SELECT visitor_id, booking_id FROM conversions")
    assert {tuple(row) for row in rows} == {(None, None)}


async def test_what_is_heard_of_an_erased_visitor_later_or_once_more_is_counted_and_tied_to_nobody(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    facts = story(placement, clock)
    erased = VisitorErased(programme_id=placement["programme"], version=1, at=clock.now(), visitor_id=VISITOR)
    await play(house, placement, [*facts[:3], (reactions.forget, erased), *facts[1:]])
    counts, _ = await figures(house, placement)
    assert (counts["registrations"], counts["check_ins"], counts["leads"], counts["moved"]) == (1, 1, 1, 1)
    async with house.contexts["campaigns"].database.transaction(placement["programme"]) as tx:
        tied = await tx.connection.fetch(
            "SELECT kind FROM conversions WHERE visitor_id = $1 OR booking_id = $2", VISITOR, BOOKING
        )
        kept = await tx.connection.fetch("SELECT visitor_id, family_id FROM families")
    assert tied == []
    assert [tuple(row) for row in kept] == [(VISITOR, None)], "only that they are erased"


async def test_interest_through_a_link_is_a_figure_of_its_own_with_its_price(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    def interest(number: int, visitor: UUID, via: UUID | None) -> InterestRegistered:
        return InterestRegistered(
            programme_id=placement["programme"],
            version=1,
            at=clock.now(),
            interest_id=UUID(int=number),
            visitor_id=visitor,
            via=via,
        )

    sent = [interest(80, VISITOR, CLICK), interest(81, VISITOR, CLICK), interest(82, UUID(int=71), CLICK)]
    unled = interest(83, UUID(int=72), None)
    await play(house, placement, [(reactions.take_interest, one) for one in (*sent, unled)])
    await play(house, placement, [(reactions.take_clicks, click(placement, clock))])
    async with house.contexts["campaigns"].database.transaction(placement["programme"]) as tx:
        total = ledger(await queries.figures_of_campaign(tx.connection, campaign_id=placement["campaign"])).total
    assert (total.counts["interests"], total.counts["registrations"]) == (2, 0), "who wrote twice is one"
    assert total.price("interests") == Price(150_00, "NOK")
    assert (await figures(house, placement))[1]["interests"] == 1


async def test_a_family_still_here_after_two_years_is_one_family(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    await play(house, placement, story(placement, clock))
    for kind, months in ((OutcomeKind.STILL_HERE_12, (1, 0)), (OutcomeKind.STILL_HERE_24, (1, 1))):
        await play(house, placement, [(reactions.take_outcome, outcome(placement, clock, kind))])
        counts, _ = await figures(house, placement)
        assert (counts["moved"], counts["stayed_12"], counts["stayed_24"]) == (1, *months)


async def test_whoever_is_still_here_after_24_months_was_so_after_12(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    nobodys = outcome(placement, clock, OutcomeKind.STILL_HERE_24, visitor=UUID(int=70))
    await play(house, placement, [(reactions.take_outcome, nobodys)])
    _, rest = await figures(house, placement)
    assert (rest["stayed_12"], rest["stayed_24"]) == (1, 1)


async def test_a_family_met_by_two_hosts_counts_once_and_two_families_twice(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    facts = story(placement, clock)
    [lead] = [fact for react, fact in facts if react is reactions.take_lead]
    again = lead.model_copy(update={"lead_id": UUID(int=60)})
    moved_again = outcome(placement, clock, OutcomeKind.MOVED, lead=UUID(int=60))
    await play(house, placement, [*facts, (reactions.take_lead, again), (reactions.take_outcome, moved_again)])
    counts, _ = await figures(house, placement)
    assert (counts["leads"], counts["moved"]) == (1, 1)
    others = lead.model_copy(update={"lead_id": UUID(int=61), "visitor_id": UUID(int=71)})
    await play(house, placement, [(reactions.take_lead, others)])
    assert (await figures(house, placement))[0]["leads"] == 2


async def test_a_family_met_through_a_link_and_without_one_is_credited_to_the_link(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    facts = story(placement, clock)
    [lead] = [fact for react, fact in facts if react is reactions.take_lead]
    before = lead.model_copy(
        update={"lead_id": UUID(int=60), "booking_id": None, "at": clock.now() - timedelta(days=90)}
    )
    await play(house, placement, [(reactions.take_lead, before), *facts])
    counts, rest = await figures(house, placement)
    assert (counts["leads"], rest["leads"]) == (1, 0)


async def test_another_programme_sees_none_of_it(house: Running, placement: dict[str, Any], clock: MovedClock) -> None:
    await play(house, placement, story(placement, clock))
    async with house.contexts["campaigns"].database.transaction(new_id(clock.now())) as tx:
        for table in ("campaigns", "placements", "costs", "clicks", "conversions", "counted", "families"):
            assert await tx.connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_click_by_itself_as_versions_before_said_it_still_counts_once(
    house: Running, placement: dict[str, Any], clock: MovedClock
) -> None:
    batch = click(placement, clock)
    alone = ClickRecorded(programme_id=batch.programme_id, version=1, **batch.clicks[0].model_dump())
    await play(house, placement, [(reactions.take_clicks, alone), (reactions.take_clicks, batch)])
    async with house.contexts["campaigns"].database.transaction(placement["programme"]) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM clicks") == 1
