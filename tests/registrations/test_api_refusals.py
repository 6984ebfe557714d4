"""Refusals as programs read them: the field that they are about, and sentences that need no page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registrations.commands.rules import set_rules
from registrations.domain.records import EventRules
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_api import FAMILY, PROGRAMME, ask, fair

BOOKINGS = "/api/v1/events/fair/bookings"


def named(answer: dict[str, Any]) -> list[str]:
    return [one["pointer"] for one in answer.get("errors", ())]


@pytest.mark.parametrize("adults", [1, 3])
async def test_a_group_is_told_that_groups_do_not_book_and_not_that_it_is_too_large(desk: Desk, adults: int) -> None:
    _, (slot,) = await fair(desk, 1)
    party = {"adults": adults, "group_name": "7B", "slot_id": str(slot.slot_id)}
    hold = f"/api/v1/events/fair/holds/{uuid4()}"
    for method, path, body in (("POST", BOOKINGS, {**FAMILY, **party}), ("PUT", hold, party)):
        status, answer = await ask(desk, method, path, body)
        assert (status, answer["code"], named(answer)) == (409, "no-groups", ["#/group_name"])
        assert answer["errors"][0]["detail"].startswith("Groups cannot book by themselves at this event.")
    status, answer = await ask(desk, "POST", BOOKINGS, {**FAMILY, **party, "adults": 13, "group_name": None})
    assert (status, answer["code"], named(answer)) == (409, "too-large", ["#/adults"])
    assert answer["errors"][0]["detail"].startswith("At most 12 persons")


async def test_an_unknown_slot_is_named_wherever_it_is_sent(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    mine = f"/api/v1/my-booking/{desk.world.keys.token('booking', family.booking_id, 0)}"
    unknown = {"slot_id": str(uuid4())}
    for method, path, body in (
        ("POST", BOOKINGS, {**FAMILY, **unknown}),
        ("PUT", f"/api/v1/events/fair/holds/{uuid4()}", {"adults": 1, **unknown}),
        ("PUT", f"{mine}/place", unknown),
        ("POST", f"{PROGRAMME}/attendees/fair/bookings", {**FAMILY, **unknown}),
    ):
        status, answer = await ask(desk, method, path, body, person=person)
        assert (status, answer["what"], named(answer)) == (404, "place", ["#/slot_id"]), path
        assert answer["detail"] == "There is no such place at this event. Its places say which there are."
    status, answer = await ask(desk, "PUT", f"{mine}/place", {"event_id": str(uuid4())})
    assert (status, named(answer)) == (404, ["#/event_id"])


async def test_sentences_make_sense_without_a_page(desk: Desk) -> None:
    event, (slot, other) = await fair(desk, 1, 0)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    mine = f"/api/v1/my-booking/{desk.world.keys.token('booking', family.booking_id, 0)}"
    body = {**FAMILY, "slot_id": str(other.slot_id)}
    for method, path in (("POST", BOOKINGS), ("PUT", f"/api/v1/events/fair/holds/{uuid4()}")):
        given = body if method == "POST" else {"adults": 1, "slot_id": body["slot_id"]}
        _, answer = await ask(desk, method, path, given)
        assert answer["code"] == "full" and "shown here" not in answer["detail"], path
        assert answer["detail"] == "No place is left there for so many. The places of the event say which have room."
    day = timedelta(days=1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(change_until=day, cancel_until=day))
    until = slot.starts_at - day
    for method, path, given, code, sentence in (
        ("POST", f"{mine}/cancel", {}, "too-late-to-cancel", "You could cancel until"),
        ("PUT", f"{mine}/household", {"adults": 1}, "too-late", "Changes were possible until"),
    ):
        status, answer = await ask(desk, method, path, given)
        assert (status, answer["code"], answer["until"]) == (409, code, until.isoformat())
        assert answer["detail"] == f"{sentence} {until:%Y-%m-%d %H:%M} UTC. Write to us."


async def test_true_is_no_number_of_adults(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    status, answer = await ask(desk, "POST", BOOKINGS, {**FAMILY, "adults": True, "slot_id": str(slot.slot_id)})
    assert (status, named(answer)) == (422, ["#/adults"])
    assert await desk.world.rows("SELECT 1 AS x FROM bookings") == []
