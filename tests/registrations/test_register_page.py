"""The booking form, as a browser without scripts sends it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from events.facts import EventPublished, EventStatus, SlotOpened
from programmes.facts import Term
from services.routes import Role
from tests.registrations.desks import Desk

FAMILY = {"name": "Sanne de Vries", "email": "sanne@example.org", "adults": 2, "children_3_5": 1, "children_6_12": 1}


async def fair(desk: Desk, *capacities: int) -> tuple[EventPublished, list[SlotOpened]]:
    """A fair with one stand and a slot of each capacity, half an hour apart."""
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    slots = [desk.world.slot(stand, capacity, days=10 + number / 48) for number, capacity in enumerate(capacities)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *slots)
    return event, slots


async def test_a_family_books_for_all_of_them_and_lands_on_the_receipt(desk: Desk) -> None:
    _, (slot, *_rest) = await fair(desk, 3, 2)
    page = await desk.get("/en/register/fair")
    assert "3 places left" in page.text
    sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY)
    assert sent.status == 303
    receipt = await desk.get(sent.headers["Location"])
    assert receipt.status == 200
    assert "Thank you" in receipt.text and "Sanne" not in receipt.text
    (row,) = await desk.world.rows("SELECT status, adults, children FROM bookings")
    assert row == {"status": "confirmed", "adults": 2, "children": 2}
    (visitor,) = await desk.world.rows("SELECT name, language FROM people.visitors")
    assert visitor == {"name": "Sanne de Vries", "language": "en"}


async def test_a_time_at_two_tables_is_one_card_that_books_the_free_one(desk: Desk) -> None:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    tables = [desk.world.slot(stand, 1, days=10) for _ in range(2)]
    await desk.world.programme()
    await desk.world.hear(event, stand, *tables)
    taken = []
    for number, said in enumerate(("2 places left", "1 place left"), start=1):
        page = await desk.get("/en/register/fair")
        assert page.text.count('class="ds-field slot-card') == 1 and said in page.text
        assert (await desk.fill_in(page, "register/fair", **{**FAMILY, "email": f"{number}@example.org"})).status == 303
        taken = [
            row["slot_id"] for row in await desk.world.rows("SELECT slot_id FROM bookings WHERE status = 'confirmed'")
        ]
        assert len(taken) == number
    assert set(taken) == {table.slot_id for table in tables}


async def test_the_events_own_sessions_are_reached_from_its_card_and_keep_what_was_typed(desk: Desk) -> None:
    event = desk.world.event("fair")
    stand = desk.world.stand(event)
    slot = desk.world.slot(stand, 2, days=10)
    sessions = [
        slot.model_copy(
            update={"slot_id": uuid4(), "stand_id": None, "titles": {"en": title, "nb": title}, "version": 1}
        )
        for title in ("Soup", "Music")
    ]
    await desk.world.programme()
    await desk.world.hear(event, stand, slot, *sessions)
    page = await desk.get("/en/register/fair")
    assert 'href="?stand=event"' in page.text and 'id="name"' not in page.text
    form = await desk.get("/en/register/fair?stand=event")
    assert "Soup" in form.text and "Music" in form.text and 'id="name"' in form.text
    wrong = await desk.fill_in(form, "register/fair", **{**FAMILY, "name": "Sanne"})
    assert wrong.status == 422
    assert 'href="#place"' in wrong.text and 'value="Sanne"' in wrong.text and "Music" in wrong.text
    booked = await desk.fill_in(wrong, "register/fair", place=sessions[1].slot_id, **FAMILY)
    assert booked.status == 303


async def test_an_emptied_number_of_adults_is_no_household_of_one(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get("/en/register/fair")
    sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, **{**FAMILY, "adults": ""})
    assert sent.status == 422 and "Adults: Fill this in." in sent.text and "Sanne de Vries" in sent.text
    assert await desk.world.rows("SELECT 1 FROM bookings") == []


async def test_where_all_is_full_the_form_is_one_of_the_waiting_list_with_nothing_to_tick(desk: Desk) -> None:
    _, (small, other) = await fair(desk, 1, 1)
    first = await desk.get("/en/register/fair")
    assert (await desk.fill_in(first, "register/fair", place=small.slot_id, **FAMILY)).status == 303
    ticked = 'id="wait" name="wait" value="on" checked'
    half = (await desk.get("/en/register/fair")).text
    assert "Book your place" in half and ticked not in half
    assert ticked in (await desk.get(f"/en/register/fair?slot={small.slot_id}")).text, (
        "whoever follows a full time's link"
    )
    again = {**FAMILY, "email": "b@example.org"}
    page = await desk.get("/en/register/fair")
    assert (await desk.fill_in(page, "register/fair", place=other.slot_id, **again)).status == 303
    full = await desk.get(f"/en/register/fair?slot={other.slot_id}")
    assert "<h1>Join the waiting list</h1>" in full.text
    waits = await desk.fill_in(full, "register/fair", **{**FAMILY, "email": "c@example.org"})
    assert waits.status == 303 and "wait=yes" in waits.headers["Location"]


async def test_the_receipt_is_the_same_for_who_is_coming_already(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    receipts = []
    for _ in range(2):
        page = await desk.get("/en/register/fair")
        sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY)
        # The name of what was asked for, signed, is each form's own; nothing else differs.
        address = sent.headers["Location"]
        entry = parse_qs(urlsplit(address).query)["entry"][0]
        shown = (await desk.get(address)).text
        receipts.append((sent.status, *(text.replace(entry, "") for text in (address, shown))))
    assert receipts[0] == receipts[1]
    assert len(await desk.world.rows("SELECT 1 FROM bookings")) == 1


@pytest.mark.parametrize("page", ["register/fair", "interest/havlandet"])
async def test_a_target_group_is_one_of_the_programmes(desk: Desk, page: str) -> None:
    _, (slot,) = await fair(desk, 1)
    await desk.sign_in(Role.READER)  # so that the directory knows the programme
    form = await desk.get(f"/en/{page}")
    answers = {**FAMILY, "place": slot.slot_id, "message": "Is there a school?"}
    refused = await desk.fill_in(form, page, **answers, target_groups=[uuid4()])
    assert refused.status == 422 and "Choose again" in refused.text and "Sanne de Vries" in refused.text
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []
    ours = Term(id=uuid4(), names={"nb": "Sjukepleiarar", "en": "Nurses"})
    await desk.world.programme(target_groups=(ours,), version=2)
    assert (await desk.fill_in(form, page, **answers, target_groups=[ours.id])).status == 303


async def test_a_double_click_on_the_last_place_books_once_and_refuses_nothing(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 1)
    page = await desk.get("/en/register/fair")
    sent = [await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY) for _ in range(2)]
    assert [one.status for one in sent] == [303, 303]
    assert len(await desk.world.rows("SELECT 1 FROM bookings")) == 1


async def test_a_place_just_taken_is_said_and_nothing_typed_is_lost(desk: Desk) -> None:
    _, (slot, other) = await fair(desk, 1, 2)
    page = await desk.get("/en/register/fair")
    await desk.world.decide(desk.world.household(slot))
    refused = await desk.fill_in(
        page, "register/fair", place=slot.slot_id, lives_in="Utrecht", moving="this_year", follow_up="on", **FAMILY
    )
    assert refused.status == 409
    assert "That place was just taken" in refused.text
    _, fields = refused.form("register/fair")
    assert fields["name"] == ["Sanne de Vries"] and fields["lives_in"] == ["Utrecht"]
    assert fields["moving"] == ["this_year"] and fields["follow_up"] == ["on"]
    again = await desk.fill_in(refused, "register/fair", place=other.slot_id)
    assert again.status == 303


async def test_who_would_wait_is_put_in_line(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 0)
    page = await desk.get("/en/register/fair")
    assert "waiting list" in page.text
    assert (await desk.fill_in(page, "register/fair", place=slot.slot_id, wait="on", **FAMILY)).status == 303
    (row,) = await desk.world.rows("SELECT status FROM bookings")
    assert row == {"status": "waiting"}


async def test_consents_are_apart_and_unticked_and_kept_with_their_words(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get("/en/register/fair")
    _, fields = page.form("register/fair")
    assert "follow_up" not in fields and "news" not in fields
    await desk.fill_in(page, "register/fair", place=slot.slot_id, news="on", **FAMILY)
    (row,) = await desk.world.rows("SELECT purpose, wording, language, given_through FROM people.consents")
    assert row == {"purpose": "news", "wording": 1, "language": "en", "given_through": "form"}


async def test_the_click_travels_from_the_link_to_the_booking(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    click = uuid4()
    token = desk.world.keys.sign("via", str(click))
    page = await desk.get(f"/en/register/fair?via={token}")
    await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY)
    (row,) = await desk.world.rows("SELECT via FROM bookings")
    assert row == {"via": click}


@pytest.mark.parametrize("forged", ["nonsense", f"{UUID(int=7)}.aaaaaaaaaaaaaaaaaaaaaaaaaa", "..", "x" * 300])
async def test_a_forged_click_is_no_error_and_means_nothing(desk: Desk, forged: str) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get(f"/en/register/fair?via={forged}")
    sent = await desk.fill_in(page, "register/fair", place=slot.slot_id, **FAMILY)
    assert sent.status == 303
    (row,) = await desk.world.rows("SELECT via FROM bookings")
    assert row == {"via": None}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\u200b\u202e"),
        ("name", "x" * 121),
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", f"{'x' * 300}@example.org"),
        ("adults", "0"),
        ("adults", "-1"),
        ("adults", "two"),
        ("adults", "99999999999999999999"),
        ("children_0_2", "21"),
        ("moving", "tomorrow"),
        ("heard_of", "<script>"),
        ("place", ""),
        ("place", "'; DROP TABLE bookings"),
        ("lives_in", "x" * 201),
    ],
)
async def test_bad_input_names_its_field_and_stores_nothing(desk: Desk, field: str, value: str) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get("/en/register/fair")
    sent = await desk.fill_in(page, "register/fair", **{"place": slot.slot_id, **FAMILY, field: value})
    assert sent.status == 422
    assert f'href="#{field}"' in sent.text
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []


async def test_names_lose_what_cannot_be_seen_and_keep_their_letters(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get("/en/register/fair")
    strange = "\u202e  A\u030asa\u200b\u00a0\tØ\u0000".replace("\u0000", "") + "sterå \u05d3\u05df"
    await desk.fill_in(page, "register/fair", **{**FAMILY, "place": slot.slot_id, "name": strange})
    (row,) = await desk.world.rows("SELECT name FROM people.households")
    assert row == {"name": "Åsa Østerå \u05d3\u05df"}


async def test_a_household_larger_than_allowed_is_told_how_many_may_come(desk: Desk) -> None:
    _, (slot,) = await fair(desk, 3)
    page = await desk.get("/en/register/fair")
    sent = await desk.fill_in(page, "register/fair", **{**FAMILY, "place": slot.slot_id, "adults": 20})
    assert sent.status == 409
    assert "At most 12 persons" in sent.text and 'href="#adults"' in sent.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": EventStatus.CANCELLED}, "The event has been cancelled."),
        ({"registration_closes": -1}, "Registration is closed."),
        ({"registration_opens": 1}, "Registration opens"),
    ],
)
async def test_an_event_that_cannot_be_booked_says_why_and_shows_no_form(
    desk: Desk, changed: dict[str, object], said: str
) -> None:
    moment = desk.world.moment()
    given = {
        "status": changed.get("status", EventStatus.PUBLISHED),
        "registration_closes_at": moment + timedelta(days=-1) if "registration_closes" in changed else None,
        "registration_opens_at": moment + timedelta(days=1) if "registration_opens" in changed else None,
    }
    await desk.world.programme()
    await desk.world.hear(desk.world.event("fair", households=5, **given))
    page = await desk.get("/en/register/fair")
    assert page.status == 200
    assert said in page.text and "<form class=" not in page.text


async def test_an_event_whose_slots_are_not_told_yet_opens_shortly(desk: Desk) -> None:
    await desk.world.hear(desk.world.event("fair"))
    page = await desk.get("/en/register/fair")
    assert page.status == 200 and "Opening shortly" in page.text


async def test_an_unknown_event_and_a_draft_are_not_found(desk: Desk) -> None:
    await desk.world.hear(desk.world.event("secret", status=EventStatus.DRAFT))
    assert (await desk.get("/en/register/nothing")).status == 404
    assert (await desk.get("/en/register/secret")).status == 404


async def test_a_form_sent_from_another_site_is_refused(desk: Desk) -> None:
    await fair(desk, 3)
    response = await desk.client.post("/en/register/fair", data=FAMILY, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status == 403


async def test_several_stands_are_chosen_among_first_and_the_click_goes_along(desk: Desk) -> None:
    event = desk.world.event("fair")
    one, two = desk.world.stand(event, exhibitor="Storskjær"), desk.world.stand(event, exhibitor="Ytterhav")
    await desk.world.hear(event, one, two, desk.world.slot(one, 1), desk.world.slot(two, 1))
    token = desk.world.keys.sign("via", str(uuid4()))
    page = await desk.get(f"/en/register/fair?via={token}")
    assert "Storskjær" in page.text and "Ytterhav" in page.text
    assert 'name="email"' not in page.text
    chosen = await desk.get(f"/en/register/fair?stand={two.stand_id}&via={token}")
    _, fields = chosen.form("register/fair")
    assert fields["via"] == [token]
