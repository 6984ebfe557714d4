"""The JSON API for what visitors and organisers do by page: holds, bookings, hand-overs, rules, answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from events.facts import SlotOpened
from registrations.commands import rules
from registrations.domain.asking import Cancel
from registrations.domain.records import EventRules, LinePolicy
from registrations.facts import Cause
from services.routes import Role
from tests.house.people import Person
from tests.registrations.desks import Desk
from tests.registrations.lists import encoded
from tests.registrations.test_api import FAMILY, PROGRAMME, ask, fair

EVENT = f"{PROGRAMME}/attendees/fair"


async def booked(desk: Desk, slot: SlotOpened, email: str = "sanne@example.org") -> tuple[UUID, str]:
    """A booking and the path of its own API."""
    one = desk.world.household(slot, email)
    await desk.world.decide(one)
    return one.booking_id, f"/api/v1/my-booking/{desk.world.keys.token('booking', one.booking_id)}"


# Holds --------------------------------------------------------------------------------------------------------------


async def test_a_time_is_kept_taken_over_by_its_booking_and_let_go(desk: Desk) -> None:
    _, (slot, other) = await fair(desk, 1, 1)
    mine, path = uuid4(), "/api/v1/events/fair/holds"
    wish = {"slot_id": str(slot.slot_id), "adults": 2}
    status, held = await ask(desk, "PUT", f"{path}/{mine}", wish)
    assert (status, held["attempt"], held["slot_id"]) == (200, str(mine), str(slot.slot_id))
    status, refused = await ask(desk, "PUT", f"{path}/{uuid4()}", wish)
    assert (status, refused["code"]) == (409, "full")
    body = {**FAMILY, "slot_id": str(slot.slot_id)}
    assert (await ask(desk, "POST", "/api/v1/events/fair/bookings", body))[0] == 409
    assert (await ask(desk, "POST", "/api/v1/events/fair/bookings", {**body, "attempt": str(mine)}))[0] == 202
    assert (await ask(desk, "PUT", f"{path}/{mine}", {"slot_id": str(other.slot_id)}))[0] == 200
    for _ in range(2):
        assert (await ask(desk, "DELETE", f"{path}/{mine}"))[0] == 200
    assert await desk.world.rows("SELECT 1 FROM holds") == []


ANY = UUID(int=7)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("fair/holds/x", {}, 404),
        (f"nothing/holds/{ANY}", {}, 404),
        (f"fair/holds/{ANY}", {"slot_id": str(uuid4())}, 404),
        (f"fair/holds/{ANY}", {"adults": 0}, 422),
        (f"fair/holds/{ANY}", {"surprise": 1}, 422),
    ],
)
async def test_what_cannot_be_kept_says_why(desk: Desk, path: str, body: Any, status: int) -> None:
    await fair(desk, 1)
    assert (await ask(desk, "PUT", f"/api/v1/events/{path}", body))[0] == status
    assert await desk.world.rows("SELECT 1 FROM holds") == []


# My booking ---------------------------------------------------------------------------------------------------------


async def test_a_visitor_does_by_program_what_their_page_does(desk: Desk) -> None:
    _, (slot, other) = await fair(desk, 9, 9)
    _, mine = await booked(desk, slot)
    _, shown = await ask(desk, "GET", mine)
    assert (shown["status"], shown["adults"], shown["before"]) == ("confirmed", 2, None)
    _, shown = await ask(desk, "PUT", f"{mine}/household", {"adults": 1, "children_3_5": 2})
    assert (shown["adults"], shown["children"]) == (1, 2)
    _, shown = await ask(desk, "PUT", f"{mine}/place", {"slot_id": str(other.slot_id)})
    assert shown["slot_id"] == str(other.slot_id)
    _, shown = await ask(desk, "PUT", f"{mine}/language", {"language": "nb"})
    _, shown = await ask(desk, "PUT", f"{mine}/consents", {"news": True})
    assert (shown["language"], shown["consents"]) == ("nb", ["news"])
    _, data = await ask(desk, "GET", f"{mine}/data")
    assert data["data"]["email"] == "sanne@example.org"
    _, shown = await ask(desk, "POST", f"{mine}/cancel")
    assert shown["status"] == "cancelled"
    status, refused = await ask(desk, "PUT", f"{mine}/household", {"adults": 3})
    assert (status, refused["code"]) == (409, "over")
    assert (await ask(desk, "DELETE", mine)) == (200, {"forgotten": True})
    assert (await ask(desk, "GET", mine))[0] == 404


async def test_one_in_line_is_offered_a_place_and_says_yes(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(LinePolicy.OFFER, confirm_address=True))
    first, of_first = await booked(desk, slot, "first@example.org")
    assert (await ask(desk, "GET", of_first))[1]["awaits"] == "address", "looking confirms nothing"
    assert (await ask(desk, "POST", f"{of_first}/confirm"))[1]["status"] == "confirmed"
    _, mine = await booked(desk, slot)
    _, shown = await ask(desk, "POST", f"{mine}/confirm")
    assert (shown["status"], shown["before"]) == ("waiting", 0)
    await desk.world.decide(Cancel(first, Cause.VISITOR))
    _, shown = await ask(desk, "POST", f"{mine}/offer", {"answer": "yes"})
    assert shown["status"] == "confirmed"
    assert (await ask(desk, "POST", f"{mine}/offer", {"answer": "perhaps"}))[0] == 422


async def test_a_token_that_is_none_opens_nothing(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 9)
    booking_id, _ = await booked(desk, slot)
    ticket = desk.world.keys.token("ticket", booking_id)
    for token in ("x", "a" * 26, ticket, str(booking_id)):
        assert (await ask(desk, "GET", f"/api/v1/my-booking/{token}"))[0] == 404
        assert (await ask(desk, "POST", f"/api/v1/my-booking/{token}/cancel"))[0] == 404
        assert (await ask(desk, "POST", f"/api/v1/hand-overs/{token}/accept"))[0] == 404
    assert await desk.world.rows("SELECT status FROM bookings") == [{"status": "confirmed"}]


KARI = {"name": "Kari Nordmann", "email": "kari@example.org", "language": "nb"}


async def test_a_booking_is_handed_over_by_its_takers_own_yes(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 9)
    booking_id, mine = await booked(desk, slot)
    assert (await ask(desk, "POST", f"{mine}/hand-over", {**KARI, "email": "nobody"}))[0] == 422
    status, asked = await ask(desk, "POST", f"{mine}/hand-over", KARI)
    assert status == 202 and set(asked) == {"hand_over_id"}
    offered = f"/api/v1/hand-overs/{desk.world.keys.token('hand-over', UUID(asked['hand_over_id']))}"
    assert (await ask(desk, "GET", offered))[1]["adults"] == 2
    status, taken = await ask(desk, "POST", f"{offered}/accept")
    assert (status, taken["booking_id"]) == (200, str(booking_id))
    assert (await ask(desk, "GET", f"/api/v1/my-booking/{taken['token']}"))[1]["name"] == "Kari Nordmann"
    assert (await ask(desk, "GET", mine))[0] == 404
    assert (await ask(desk, "POST", f"{offered}/accept"))[0] == 404


@pytest.mark.parametrize("by", ["api", "page"])
async def test_who_declines_leaves_the_place_where_it_is_and_is_forgotten(desk: Desk, by: str) -> None:
    _, (slot,) = await fair(desk, 9)
    _, mine = await booked(desk, slot)
    _, asked = await ask(desk, "POST", f"{mine}/hand-over", KARI)
    token = desk.world.keys.token("hand-over", UUID(asked["hand_over_id"]))
    if by == "api":
        assert (await ask(desk, "POST", f"/api/v1/hand-overs/{token}/decline"))[0] == 200
    else:
        page = await desk.get(f"/en/hand-over/{token}")
        assert "You said no" in (await desk.fill_in(page, "decline")).text
    assert (await ask(desk, "POST", f"/api/v1/hand-overs/{token}/accept"))[0] == 404
    assert (await ask(desk, "GET", mine))[1]["status"] == "confirmed"
    await desk.world.run("forget")
    (kari,) = await desk.world.rows("SELECT email FROM people.visitors WHERE erased_at IS NOT NULL")
    assert kari == {"email": None}


# The organiser's ----------------------------------------------------------------------------------------------------


async def signed_in(desk: Desk) -> Person:
    return await desk.sign_in(Role.ORGANISER)


async def test_bookings_are_approved_declined_and_offered_a_place_out_of_turn(desk: Desk) -> None:
    person = await signed_in(desk)
    _, (slot, full) = await fair(desk, 9, 1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(approval=True))
    one, _ = await booked(desk, slot, "one@example.org")
    two, _ = await booked(desk, slot, "two@example.org")
    path = f"{PROGRAMME}/bookings"
    status, said = await ask(desk, "POST", f"{path}/{one}/approve", person=person)
    assert (status, said["status"]) == (200, "confirmed")
    status, refused = await ask(desk, "POST", f"{path}/{one}/decline", person=person)
    assert (status, refused["code"]) == (409, "not-asked")
    assert (await ask(desk, "POST", f"{path}/{two}/decline", person=person))[1]["status"] == "cancelled"
    three, _ = await booked(desk, full, "three@example.org")
    four, _ = await booked(desk, full, "four@example.org")
    assert (await ask(desk, "POST", f"{path}/{four}/offer", {"why": " "}, person=person))[0] == 422
    status, refused = await ask(desk, "POST", f"{path}/{four}/offer", {"why": "A wheelchair"}, person=person)
    assert (status, refused["code"]) == (409, "full")
    await desk.world.decide(Cancel(three, Cause.VISITOR))
    status, said = await ask(desk, "POST", f"{path}/{four}/offer", {"why": "A wheelchair"}, person=person)
    assert (status, said["status"], said["ends_by"] is not None) == (200, "offered", True)
    _, line = await ask(desk, "GET", f"{path}/{four}/line")
    assert [(one["decision"], one["why"], one["wrong"]) for one in line["looks"]][-1] == ("offered", "A wheelchair", [])
    for action in ("approve", "decline", "offer"):
        body = {"why": "x"} if action == "offer" else None
        assert (await ask(desk, "POST", f"{path}/{uuid4()}/{action}", body, person=person))[0] == 404
    assert (await ask(desk, "GET", f"{path}/{uuid4()}/line"))[0] == 404


RULES = {"line": "offer", "offer_hours": 6, "largest_household": 4}


async def test_rules_are_read_with_their_version_and_changed_by_who_knows_it(desk: Desk) -> None:
    person = await signed_in(desk)
    await fair(desk, 1)
    _, usual = await ask(desk, "GET", f"{EVENT}/rules")
    assert (usual["version"], usual["line"], usual["change_until_hours"]) == (0, "promote", None)
    status, made = await ask(desk, "PUT", f"{EVENT}/rules", {**RULES, "version": 0}, person=person)
    assert (status, made["version"], made["offer_hours"]) == (200, 1, 6)
    for version in (0, 2):
        status, late = await ask(desk, "PUT", f"{EVENT}/rules", {**RULES, "version": version}, person=person)
        assert (status, late["code"]) == (409, "changed-meanwhile")
    past = {**RULES, "version": 1, "draw_at": "2020-01-01T12:00:00+01:00"}
    assert (await ask(desk, "PUT", f"{EVENT}/rules", past, person=person))[1]["code"] == "draw-in-the-past"
    for late in ("2030-12-09T12:00:00+01:00", "9999-12-31T23:59:00-12:00", "2026-12-09T12:00:00"):
        status, wrong = await ask(
            desk, "PUT", f"{EVENT}/rules", {**RULES, "version": 1, "draw_at": late}, person=person
        )
        assert (status, [one["field"] for one in wrong["errors"]]) == (422, ["draw_at"]), late
    bad = {**RULES, "version": 1, "offer_hours": 0, "line": "lottery"}
    status, wrong = await ask(desk, "PUT", f"{EVENT}/rules", bad, person=person)
    assert status == 422 and {one["field"] for one in wrong["errors"]} == {"offer_hours", "line"}
    assert (await ask(desk, "GET", f"{EVENT}/rules"))[1]["version"] == 1


async def test_rules_that_an_event_has_not_are_not_made_by_who_says_it_has(desk: Desk) -> None:
    person = await signed_in(desk)
    await fair(desk, 1)
    assert (await ask(desk, "PUT", f"{EVENT}/rules", {**RULES, "version": 3}, person=person))[0] == 409
    assert await desk.world.rows("SELECT 1 FROM event_rules") == []


async def test_a_capacity_falls_to_its_goal_as_those_asked_give_back(desk: Desk) -> None:
    person = await signed_in(desk)
    _, (slot,) = await fair(desk, 3)
    ids = [(await booked(desk, slot, f"{number}@example.org"))[0] for number in range(2)]
    _, listed = await ask(desk, "GET", f"{EVENT}/places")
    (pool,) = listed["items"]
    assert (pool["used"], pool["goal"], pool["scope"]) == (2, None, "place")
    path = f"{PROGRAMME}/places/{pool['id']}"
    status, refused = await ask(desk, "PUT", path, {"capacity": 1}, person=person)
    assert (status, refused["code"]) == (409, "below-used")
    assert len(refused["affected"]) == 1 and refused["affected"][0] in map(str, ids)
    _, asked = await ask(desk, "PUT", path, {"capacity": 1, "ask": True}, person=person)
    assert (asked["capacity"], asked["goal"]) == (2, 1)
    _, raised = await ask(desk, "PUT", path, {"capacity": 2}, person=person)
    assert (raised["capacity"], raised["goal"]) == (2, None)
    told = [(what, said["booking_id"]) for what, said in await desk.world.told() if what.startswith("booking.")][-2:]
    assert told == [("booking.asked_to_move", refused["affected"][0]), ("booking.may_stay", refused["affected"][0])]
    await ask(desk, "PUT", path, {"capacity": 1, "ask": True}, person=person)
    await desk.world.decide(Cancel(UUID(refused["affected"][0]), Cause.VISITOR))
    (pool,) = (await ask(desk, "GET", f"{EVENT}/places"))[1]["items"]
    assert (pool["capacity"], pool["goal"], pool["used"]) == (1, None, 1)


async def test_places_are_counted_over_the_whole_event_once(desk: Desk) -> None:
    person = await signed_in(desk)
    await fair(desk, 3)
    whole = {"unit": "persons", "capacity": 10}
    status, listed = await ask(desk, "POST", f"{EVENT}/places", whole, person=person)
    assert status == 201 and {one["scope"] for one in listed["items"]} == {"place", "event"}
    assert (await ask(desk, "POST", f"{EVENT}/places", whole, person=person))[1]["code"] == "counted-already"
    assert (await ask(desk, "POST", f"{EVENT}/places", {**whole, "unit": "tables"}, person=person))[0] == 422


async def test_only_organisers_reach_what_is_theirs(desk: Desk) -> None:
    person = await desk.sign_in(Role.CHECK_IN)
    _, (slot,) = await fair(desk, 1)
    booking_id, _ = await booked(desk, slot)
    for method, path, body in (
        ("GET", f"{EVENT}/rules", None),
        ("PUT", f"{EVENT}/rules", {**RULES, "version": 0}),
        ("GET", f"{EVENT}/places", None),
        ("POST", f"{EVENT}/places", {"unit": "persons", "capacity": 1}),
        ("POST", f"{EVENT}/imports", {"file": encoded(["Name"], ["Anna"])}),
        ("POST", f"{PROGRAMME}/bookings/{booking_id}/approve", None),
        ("POST", f"{PROGRAMME}/bookings/{booking_id}/decline", None),
        ("POST", f"{PROGRAMME}/bookings/{booking_id}/offer", {"why": "x"}),
        ("GET", f"{PROGRAMME}/bookings/{booking_id}/line", None),
    ):
        assert (await ask(desk, method, path, body, person=person))[0] == 403, path
