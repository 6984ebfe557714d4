"""The JSON API: booking, attendees, check-in, capacity, leads and outcomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from events.facts import EventPublished, SlotOpened
from registrations.commands import people
from registrations.domain.consents import Purpose
from services.routes import Role
from tests.house.people import Person
from tests.registrations.desks import OURS, Desk

PROGRAMME = "/api/v1/programmes/havlandet"
FAMILY = {"name": "Sanne de Vries", "email": "sanne@example.org", "language": "nl", "adults": 2}


async def fair(desk: Desk, *capacities: int) -> tuple[EventPublished, list[SlotOpened]]:
    event = desk.world.event("fair", days=0.2)
    stand = desk.world.stand(event)
    slots = [desk.world.slot(stand, capacity, days=0.2 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *slots)
    return event, slots


async def ask(
    desk: Desk, method: str, path: str, body: Any = None, *, key: str | None = None, person: Person | None = None
) -> tuple[int, Any]:
    headers = {**OURS, **({"Idempotency-Key": key} if key else {}), **({"X-CSRF-Token": person.csrf} if person else {})}
    async with desk.client.request(method, path, json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_place_is_booked_by_api_and_the_answer_is_a_receipt(desk: Desk) -> None:
    event, (slot,) = await fair(desk, 1)
    status, places = await ask(desk, "GET", "/api/v1/events/fair/places")
    assert (status, places["items"][0]["left"], places["items"][0]["bookable"]) == (200, 1, True)
    status, receipt = await ask(desk, "POST", "/api/v1/events/fair/bookings", {**FAMILY, "slot_id": str(slot.slot_id)})
    assert status == 202
    assert receipt["event_id"] == str(event.event_id)
    assert "booking_id" not in receipt and "status" not in receipt
    (row,) = await desk.world.rows("SELECT status FROM bookings")
    assert row == {"status": "confirmed"}


async def test_the_same_key_twice_is_one_booking_and_one_answer(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    body = {**FAMILY, "slot_id": str(slot.slot_id)}
    answers = [await ask(desk, "POST", "/api/v1/events/fair/bookings", body, key="abc") for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(await desk.world.rows("SELECT 1 FROM bookings")) == 1


async def test_a_full_slot_says_which_are_free(desk: Desk) -> None:
    _, (slot, other) = await fair(desk, 0, 2)
    status, answer = await ask(desk, "POST", "/api/v1/events/fair/bookings", {**FAMILY, "slot_id": str(slot.slot_id)})
    assert (status, answer["code"]) == (409, "full")
    assert [place["slot_id"] for place in answer["free"]] == [str(other.slot_id)]
    status, _ = await ask(
        desk, "POST", "/api/v1/events/fair/bookings", {**FAMILY, "slot_id": str(slot.slot_id), "wait": True}
    )
    assert status == 202


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "x"}, "email"),
        ({"adults": 0}, "adults"),
        ({"adults": "many"}, "adults"),
        ({"language": "xx"}, "language"),
        ({"slot_id": "x"}, "slot_id"),
        ({"target_groups": ["x"]}, "target_groups.0"),
        ({"target_groups": [str(uuid4())]}, "target_groups"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_bad_input_names_its_field(desk: Desk, changed: dict[str, Any], field: str) -> None:
    await fair(desk, 1)
    status, answer = await ask(desk, "POST", "/api/v1/events/fair/bookings", {**FAMILY, **changed})
    assert status == 422
    assert field in [one["field"] for one in answer["errors"]]
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []


async def test_attendees_are_listed_page_by_page_for_organisers_alone(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event, (slot,) = await fair(desk, 9)
    for _ in range(3):
        await desk.world.decide(desk.world.household(slot))
    status, first = await ask(desk, "GET", f"{PROGRAMME}/attendees/fair?limit=2&state=confirmed")
    assert (status, len(first["items"])) == (200, 2)
    status, second = await ask(desk, "GET", f"{PROGRAMME}/attendees/{event.event_id}?limit=2&after={first['next']}")
    assert (status, len(second["items"]), second["next"]) == (200, 1, None)
    await desk.sign_in(Role.CHECK_IN)
    assert (await ask(desk, "GET", f"{PROGRAMME}/attendees/fair"))[0] == 403


async def test_a_scan_by_api_is_judged_once_per_nonce_and_undone(desk: Desk) -> None:
    door = await desk.sign_in(Role.CHECK_IN)
    event, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    scan = {
        "event_id": str(event.event_id),
        "text": desk.world.keys.token("ticket", family.booking_id),
        "nonce": str(uuid4()),
        "scanned_at": (desk.world.moment() - timedelta(hours=1)).isoformat(),
        "offline": True,
    }
    answers = [await ask(desk, "POST", f"{PROGRAMME}/check-ins", scan, person=door) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][1]["verdict"] == "admitted" and answers[0][1]["light"] == "green"
    _, again = await ask(desk, "POST", f"{PROGRAMME}/check-ins", {**scan, "nonce": str(uuid4())}, person=door)
    assert (again["verdict"], again["since"][:13]) == ("already", scan["scanned_at"][:13])
    status, undone = await ask(
        desk, "POST", f"{PROGRAMME}/check-ins/{family.booking_id}/undo", {"nonce": str(uuid4())}, person=door
    )
    assert (status, undone["verdict"]) == (200, "undone")
    status, _ = await ask(desk, "POST", f"{PROGRAMME}/check-ins", {**scan, "text": ""}, person=door)
    assert status == 422


async def test_capacity_and_cancellation_by_api(desk: Desk) -> None:
    organiser = await desk.sign_in(Role.ORGANISER)
    _, (slot,) = await fair(desk, 1)
    has, waits = desk.world.household(slot), desk.world.household(slot)
    await desk.world.decide(has, waits)
    (pool,) = await desk.world.rows("SELECT id FROM pools")
    status, answer = await ask(desk, "PUT", f"{PROGRAMME}/places/{pool['id']}", {"capacity": 0}, person=organiser)
    assert (status, answer["code"], answer["used"]) == (409, "below-used", 1)
    status, _ = await ask(desk, "POST", f"{PROGRAMME}/bookings/{has.booking_id}/cancel", {}, person=organiser)
    assert status == 200
    assert await desk.world.rows("SELECT status FROM bookings WHERE id = $1", waits.booking_id) == [
        {"status": "confirmed"}
    ]
    assert (await ask(desk, "POST", f"{PROGRAMME}/bookings/{uuid4()}/cancel", {}, person=organiser))[0] == 404


async def test_a_lead_is_read_and_changed_by_api_under_the_version_that_was_read(desk: Desk) -> None:
    host = await desk.sign_in(Role.STAND_HOST)
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    said = {"booking_id": str(family.booking_id), "interest": "hot", "note": "A farm", "promise": "A list"}
    _, made = await ask(desk, "POST", f"{PROGRAMME}/leads", {**said, "consent": True}, person=host)
    path = f"{PROGRAMME}/leads/{made['lead_id']}"
    status, read = await ask(desk, "GET", path)
    assert (status, read["version"], read["note"], read["promise"], read["agreed"]) == (
        200,
        1,
        "A farm",
        "A list",
        True,
    )
    change = {"version": read["version"], "interest": "warm", "note": "A house"}
    assert (await ask(desk, "PUT", path, change, person=host))[0] == 200
    assert (await ask(desk, "PUT", path, change, person=host))[0] == 409
    _, again = await ask(desk, "GET", path)
    assert (again["version"], again["note"], again["interest"]) == (2, "A house", "warm")
    assert (await ask(desk, "GET", f"{PROGRAMME}/leads/{uuid4()}"))[0] == 404
    status, answer = await ask(desk, "PUT", path, {**change, "version": 2**40}, person=host)
    assert (status, [one["field"] for one in answer["errors"]]) == (422, ["version"])


async def test_leads_and_outcomes_by_api(desk: Desk) -> None:
    host = await desk.sign_in(Role.STAND_HOST)
    _, (slot,) = await fair(desk, 1)
    family = desk.world.household(slot)
    await desk.world.decide(family)
    noted = {"booking_id": str(family.booking_id), "interest": "hot", "note": "A farm", "tags": ["farm, nurse", "farm"]}
    status, answer = await ask(desk, "POST", f"{PROGRAMME}/leads", noted, person=host)
    assert (status, answer["code"]) == (409, "no-consent")
    strange = {**noted, "consent": True, "owner": str(uuid4())}
    status, answer = await ask(desk, "POST", f"{PROGRAMME}/leads", strange, person=host)
    assert (status, [one["field"] for one in answer["errors"]]) == (422, ["owner"])
    status, made = await ask(desk, "POST", f"{PROGRAMME}/leads", {**noted, "consent": True}, person=host)
    assert status == 201
    _, listed = await ask(desk, "GET", f"{PROGRAMME}/leads")
    assert (listed["items"][0]["id"], listed["items"][0]["tags"]) == (made["lead_id"], ["farm", "nurse"])
    step = {"kind": "visit_trip", "on": desk.world.moment().date().isoformat(), "source": "self_reported"}
    status, outcome = await ask(desk, "POST", f"{PROGRAMME}/leads/{made['lead_id']}/outcomes", step, person=host)
    assert status == 201
    assert (await ask(desk, "POST", f"{PROGRAMME}/leads/{made['lead_id']}/outcomes", step, person=host))[0] == 409
    path = f"{PROGRAMME}/leads/{made['lead_id']}/outcomes/{outcome['outcome_id']}"
    assert (await ask(desk, "DELETE", path, person=host))[0] == 200
    _, left = await ask(desk, "GET", f"{PROGRAMME}/leads/{made['lead_id']}/outcomes")
    assert left == {"items": []}
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        (visitor,) = await desk.world.rows("SELECT id FROM people.visitors")
        await people.withdraw_consent(tx, visitor["id"], Purpose.CONVERSATION)
    status, answer = await ask(
        desk, "PUT", f"{PROGRAMME}/leads/{made['lead_id']}", {"version": 2, "interest": "cold"}, person=host
    )
    assert (status, answer["code"]) == (409, "no-consent")
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await people.give_consent(tx, visitor["id"], Purpose.CONVERSATION, "nl", "link")
    stale = {"version": 7, "interest": "cold"}
    assert (await ask(desk, "PUT", f"{PROGRAMME}/leads/{made['lead_id']}", stale, person=host))[0] == 409


async def test_two_hosts_who_send_the_same_key_note_two_conversations(desk: Desk) -> None:
    _, slots = await fair(desk, 1, 1)
    made = set()
    for role, slot, email in zip(
        (Role.STAND_HOST, Role.ORGANISER), slots, ("a@example.org", "b@example.org"), strict=True
    ):
        host, family = await desk.sign_in(role), desk.world.household(slot, email)
        await desk.world.decide(family)
        said = {"booking_id": str(family.booking_id), "interest": "hot", "consent": True}
        status, lead = await ask(desk, "POST", f"{PROGRAMME}/leads", said, key="1", person=host)
        assert status == 201
        made.add(lead["lead_id"])
    assert len(made) == len(await desk.world.rows("SELECT 1 FROM leads")) == 2
