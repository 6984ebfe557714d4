"""Staff change who comes, and put right what was written down wrongly: whom it was sent to is locked out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.facts import Unit
from registrations.commands import hand_overs, people
from registrations.commands.rules import set_rules
from registrations.domain.applications import Person
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.sentences import TO_STAFF
from services.routes import Role
from tests.registrations.desks import Desk, Page
from tests.registrations.test_api import PROGRAMME, ask
from tests.registrations.test_console import HOME, fair
from tests.registrations.test_visitors import audited

WRONG, RIGHT = "sane@example.org", "sanne@example.org"


async def wrongly_written(desk: Desk, *capacities: int) -> tuple[UUID, Page]:
    """A booking whose address has a letter too few, and its page."""
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot, *_) = await fair(desk, *(capacities or (1,)))
    family = desk.world.household(slot, WRONG)
    await desk.world.decide(family)
    return family.booking_id, await desk.get(f"{HOME}/attendees/fair/{family.booking_id}")


async def visitors(desk: Desk) -> list[dict[str, Any]]:
    return await desk.world.rows("SELECT name, email, email_key, language FROM people.visitors ORDER BY id")


# Who comes ----------------------------------------------------------------------------------------------------------


async def test_staff_change_who_comes_after_the_deadline_and_beyond_the_largest_household(desk: Desk) -> None:
    booking_id, page = await wrongly_written(desk)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        (row,) = await desk.world.rows("SELECT event_id FROM bookings")
        await set_rules(tx, row["event_id"], EventRules(largest_household=2, change_until=timedelta(days=5)))
    done = await desk.fill_in(page, "/household", follow=True, adults=3, children_3_5=2)
    assert "the visitor is told" in done.text and "3 adults · Children 3–5: 2" in done.text
    rows = await desk.world.rows(
        "SELECT b.adults, b.children, b.cause, h.children_3_5 FROM bookings b JOIN people.households h "
        "ON h.booking_id = b.id"
    )
    assert rows == [{"adults": 3, "children": 2, "cause": "staff", "children_3_5": 2}]
    assert [what for what, _ in await desk.world.told()].count("booking.changed") == 1
    assert await audited(desk, "booking.") == [("booking.resized", f"booking:{booking_id}")]


async def test_who_presses_save_with_the_same_people_tells_nobody(desk: Desk) -> None:
    _, page = await wrongly_written(desk)
    assert "Nothing was changed" in (await desk.fill_in(page, "/household", follow=True)).text
    assert "booking.changed" not in [what for what, _ in await desk.world.told()]
    assert await audited(desk, "booking.") == []


async def test_more_than_there_is_room_for_is_refused_in_staffs_own_words_with_what_was_typed(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = desk.world.event("fair", days=3)
    stand = desk.world.stand(event)
    slot = desk.world.slot(stand, 4, unit=Unit.PERSONS, days=3)
    await desk.world.programme()
    await desk.world.hear(event, stand, slot)
    one, other = desk.world.household(slot), desk.world.household(slot)
    await desk.world.decide(one, other)
    page = await desk.get(f"{HOME}/attendees/fair/{one.booking_id}")
    full = await desk.fill_in(page, "/household", adults=3)
    assert full.status == 409 and "There is not room for so many" in full.text and "are shown here" not in full.text
    assert full.form("/household")[1]["adults"] == ["3"]
    large = await desk.fill_in(page, "/household", adults=5)
    assert large.status == 409 and "which is 4" in large.text
    assert (await desk.fill_in(page, "/household", adults="")).status == 422
    assert (await desk.fill_in(page, "/household", adults="many")).status == 422
    assert await desk.world.rows("SELECT DISTINCT adults FROM bookings") == [{"adults": 2}]


async def test_a_booking_that_is_over_is_not_resized(desk: Desk) -> None:
    _, page = await wrongly_written(desk)
    await desk.fill_in(page, "/cancel")
    over = await desk.fill_in(page, "/household", adults=3)
    assert over.status == 409 and "This booking is over" in over.text


# Whose it is --------------------------------------------------------------------------------------------------------


async def test_a_corrected_address_is_kept_alone_and_links_sent_before_open_nothing(desk: Desk) -> None:
    booking_id, page = await wrongly_written(desk)
    keys = desk.world.keys
    await desk.world.rows("UPDATE people.visitors SET address_confirmed_at = now() RETURNING id")
    link = f"/en/my-booking/{keys.token('booking', booking_id)}"
    opened = await desk.fill_in(await desk.get(link), link, follow=True)
    assert opened.status == 200, "the wrong one could open it"
    done = await desk.fill_in(page, "/person", follow=True, email=RIGHT)
    assert "a new mail is on the way" in done.text and RIGHT in done.text and WRONG not in done.text
    (row,) = await desk.world.rows("SELECT email, email_key, address_confirmed_at FROM people.visitors")
    assert row == {"email": RIGHT, "email_key": RIGHT, "address_confirmed_at": None}
    assert "no longer works" in (await desk.get(link)).text
    assert (await desk.get("/en/my-booking")).status == 410, "the page that was open with the old link too"
    assert (await desk.get(f"/t/{keys.token('ticket', booking_id)}")).status != 200
    assert (await desk.get(f"/en/my-booking/{keys.token('booking', booking_id, 1)}")).status == 200
    what, payload = (await desk.world.told())[-1]
    assert (what, payload["rotation"], payload["status"]) == ("booking.renewed", 1, "confirmed")
    assert await audited(desk, "booking.") == [("booking.corrected", f"booking:{booking_id}")]


async def test_the_wrong_address_stands_nowhere_any_more(desk: Desk) -> None:
    _, page = await wrongly_written(desk)
    await desk.fill_in(page, "/person", email=RIGHT)
    for name in ("registrations", "identity"):
        database = desk.running.contexts[name].database
        async with database.transaction(desk.world.programme_id) as tx:
            tables = await tx.connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
                "WHERE CASE WHEN schemaname LIKE 'pg_%' OR NOT has_schema_privilege(schemaname, 'USAGE') THEN false "
                "ELSE has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT') END"
            )
            assert tables
            for table in tables:
                found = await tx.connection.fetch(f"SELECT t::text AS text FROM {table['name']} t")
                assert not [one for one in found if "sane@" in one["text"]], table["name"]


async def test_an_address_of_another_visitor_is_refused_and_leads_to_them(desk: Desk) -> None:
    _, page = await wrongly_written(desk, 2)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await people.register_interest(tx, people.Wondering(Person("Siri", RIGHT, "nb"), uuid4()))
    (known,) = await desk.world.rows("SELECT id FROM people.visitors WHERE email = $1", RIGHT)
    refused = await desk.fill_in(page, "/person", email=RIGHT.upper())
    assert refused.status == 409 and "We know somebody else by this address already" in refused.text
    assert f'/visitors/{known["id"]}"' in refused.text
    assert {row["email"] for row in await visitors(desk)} == {WRONG, RIGHT}
    assert await desk.world.rows("SELECT DISTINCT rotation FROM bookings") == [{"rotation": 0}]
    assert await audited(desk, "booking.") == []


async def test_what_else_hangs_on_the_address_changes_only_when_staff_say_so(desk: Desk) -> None:
    _, page = await wrongly_written(desk, 1, 1)
    event = desk.world.event("other", days=5)
    stand = desk.world.stand(event)
    slot = desk.world.slot(stand, 1, days=5)
    await desk.world.hear(event, stand, slot)
    await desk.world.decide(desk.world.household(slot, WRONG))
    asked = await desk.fill_in(page, "/person", email=RIGHT)
    assert asked.status == 409 and "hangs on the address: 1" in asked.text
    assert {row["email"] for row in await visitors(desk)} == {WRONG}
    done = await desk.fill_in(asked, "/person", follow=True, everywhere="on")
    assert "mails about 2 bookings" in done.text
    assert await desk.world.rows("SELECT DISTINCT rotation FROM bookings") == [{"rotation": 1}]


async def test_the_same_address_written_otherwise_locks_nobody_out(desk: Desk) -> None:
    _, page = await wrongly_written(desk)
    done = await desk.fill_in(page, "/person", follow=True, email="Sane@Example.org")
    assert "It is corrected." in done.text
    assert await desk.world.rows("SELECT rotation FROM bookings") == [{"rotation": 0}]


async def test_a_name_and_a_language_are_corrected_and_nobody_is_locked_out_or_written_to(desk: Desk) -> None:
    booking_id, page = await wrongly_written(desk)
    told = len(await desk.world.told())
    done = await desk.fill_in(page, "/person", follow=True, name="Åse Øien", language="nn")
    assert "It is corrected." in done.text and "<h1>Åse Øien" in done.text.replace("\n", "")
    assert [(row["name"], row["language"]) for row in await visitors(desk)] == [("Åse Øien", "nn")]
    assert await desk.world.rows("SELECT rotation FROM bookings") == [{"rotation": 0}]
    assert len(await desk.world.told()) == told
    assert "Åse Øien" in (await desk.get(f"{HOME}/attendees/fair?q=åse")).text
    assert await audited(desk, "booking.") == [("booking.corrected", f"booking:{booking_id}")]


async def test_who_corrects_what_somebody_else_corrected_meanwhile_must_look_again(desk: Desk) -> None:
    _, page = await wrongly_written(desk)
    await desk.fill_in(page, "/person", email=RIGHT)
    late = await desk.fill_in(page, "/person", name="Sanne de Vris")
    assert late.status == 409 and "Somebody else changed this meanwhile" in late.text
    assert late.form("/person")[1]["email"] == [RIGHT]
    assert [(row["name"], row["email"]) for row in await visitors(desk)] == [("Sanne de Vries", RIGHT)]


@pytest.mark.parametrize(("field", "typed"), [("email", "nobody"), ("email", ""), ("name", " "), ("language", "xx")])
async def test_what_cannot_be_is_said_at_its_field(desk: Desk, field: str, typed: str) -> None:
    _, page = await wrongly_written(desk)
    wrong = await desk.fill_in(page, "/person", **{field: typed})
    assert wrong.status == 422 and f'href="#person-{field}"' in wrong.text
    assert [row["email"] for row in await visitors(desk)] == [WRONG]


async def test_whom_the_wrong_one_asked_to_come_instead_can_no_longer_say_yes(desk: Desk) -> None:
    booking_id, page = await wrongly_written(desk)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await hand_overs.offer(tx, desk.world.keys, booking_id, Person("A thief", "thief@example.org", "en"))
    await desk.fill_in(page, "/person", email=RIGHT)
    assert await desk.world.rows("SELECT ended FROM hand_overs") == [{"ended": "withdrawn"}]


# By program, and by whom --------------------------------------------------------------------------------------------


async def test_programs_do_both_and_change_only_what_they_name(desk: Desk) -> None:
    booking_id, _ = await wrongly_written(desk)
    here = f"{PROGRAMME}/bookings/{booking_id}"
    status, state = await ask(desk, "PUT", f"{here}/household", {"adults": 1, "children_0_2": 1})
    assert (status, state["status"]) == (200, "confirmed")
    assert await desk.world.rows("SELECT adults, children FROM bookings") == [{"adults": 1, "children": 1}]
    assert (await ask(desk, "POST", f"{here}/correct", {"name": "Sanna"}))[0] == 200
    assert [(row["name"], row["email"]) for row in await visitors(desk)] == [("Sanna", WRONG)]
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await hand_overs.offer(tx, desk.world.keys, booking_id, Person("Siri", RIGHT, "en"))
    (known,) = await desk.world.rows("SELECT id FROM people.visitors WHERE email = $1", RIGHT)
    status, refused = await ask(desk, "POST", f"{here}/correct", {"email": RIGHT})
    assert (status, refused["code"], refused["visitor_id"]) == (409, "address-taken", str(known["id"]))
    assert (await ask(desk, "POST", f"{here}/correct", {"email": "right@example.org"}))[0] == 200
    assert await desk.world.rows("SELECT rotation FROM bookings") == [{"rotation": 1}]
    assert (await ask(desk, "POST", f"{PROGRAMME}/bookings/{UUID(int=7)}/correct", {"name": "X"}))[0] == 404
    assert (await ask(desk, "PUT", f"{PROGRAMME}/bookings/{UUID(int=7)}/household", {"adults": 2}))[0] == 404


@pytest.mark.parametrize("role", list(Role))
async def test_only_owners_and_organisers_may(desk: Desk, role: Role) -> None:
    _, page = await wrongly_written(desk)
    if role is not Role.ORGANISER:
        desk.client.session.cookie_jar.clear()
        await desk.sign_in(role)
    csrf = (await desk.get("/en/console/havlandet")).forms()[0][1]["csrf"]
    may = role in {Role.OWNER, Role.ORGANISER}
    for action, changed in (("/household", {"adults": 3}), ("/person", {"name": "Somebody"})):
        target, fields = page.form(action)
        sent = await desk.send(target, {**fields, "csrf": csrf, **changed})
        assert sent.status == (303 if may else 403), action
    (row,) = await desk.world.rows(
        "SELECT b.adults, h.name FROM bookings b JOIN people.households h ON h.booking_id = b.id"
    )
    assert row == ({"adults": 3, "name": "Somebody"} if may else {"adults": 2, "name": "Sanne de Vries"})


def test_a_full_place_is_not_said_to_staff_as_to_visitors() -> None:
    assert TO_STAFF[Reason.FULL] != str(Refused(Reason.FULL))


async def test_an_offer_out_of_turn_where_it_is_full_comes_back_with_what_was_typed(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, _, (slot,) = await fair(desk, 1)
    has, waits = desk.world.household(slot), desk.world.household(slot)
    await desk.world.decide(has, waits)
    page = await desk.get(f"{HOME}/attendees/fair/{waits.booking_id}")
    full = await desk.fill_in(page, "/offer", why="They drive far")
    assert full.status == 409 and full.form("/offer")[1]["why"] == ["They drive far"]
    assert "Make room" in full.text and "are shown here" not in full.text
    blank = await desk.fill_in(page, "/offer", why="")
    assert blank.status == 422 and 'href="#why"' in blank.text


@pytest.mark.parametrize(("rule", "badge", "until"), [("approval", "Waits for your yes", "for you to say yes or no")])
async def test_a_held_booking_reads_as_what_it_is(desk: Desk, rule: str, badge: str, until: str) -> None:
    await desk.sign_in(Role.ORGANISER)
    event, _, (slot,) = await fair(desk, 1)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(**{rule: True}))
    family = desk.world.household(slot)
    await desk.world.decide(family)
    text = (await desk.get(f"{HOME}/attendees/fair/{family.booking_id}")).text
    assert "Last changed by the visitor, " in text and badge in text
    assert until in text and "Offer ends" not in text
