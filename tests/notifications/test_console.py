"""The delivery log as organisers see it, and what a visitor chooses: over HTTP, with the words on the page."""

from __future__ import annotations

import re

import pytest

from notifications import reactions, sending
from registrations.facts import BookingConfirmed, BookingStatus
from services.routes import Role
from tests.notifications.post_office import PROGRAMME, PostOffice, World
from tests.registrations.desks import Desk

LOG = "/nb/console/havlandet/deliveries"


def listed(page: str) -> int:
    """How many messages a page leads to."""
    return len(re.findall(rf'href="{LOG}/[0-9a-f-]{{36}}"', page))


async def book(world: World, visitors: int = 1) -> None:
    for number in range(visitors):
        visitor = await world.visitor(email=f"v{number}@example.org")
        await world.tell(reactions.take_booking, world.booking(BookingConfirmed, BookingStatus.CONFIRMED, 1, visitor))


async def delivery(world: World, kind: str = "confirmed") -> str:
    async with world.context.database.transaction(PROGRAMME) as tx:
        return str(await tx.connection.fetchval("SELECT id FROM deliveries WHERE kind = $1", kind))


async def test_an_empty_log_says_what_will_stand_there(world: World, desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    assert "Ingenting her" in (await desk.get(LOG)).text


async def test_the_log_lists_messages_by_state_without_name_or_address(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await book(world)
    await sending.send_due(world.context)
    await desk.sign_in(Role.ORGANISER)
    everything = (await desk.get(LOG)).text
    assert listed(everything) == 2
    assert "Hjemkomstdag" in everything
    for personal in ("Åse", "v0@example.org"):
        assert personal in office.mails[0].as_string() or personal in str(office.mails[0]["To"])
        assert personal not in everything
    planned = (await desk.get(f"{LOG}?status=planned")).text
    assert listed(planned) == 1
    assert f'href="{LOG}/{await delivery(world, "reminder")}"' in planned


async def test_the_log_can_be_narrowed_to_one_person_whose_page_leads_there(world: World, desk: Desk) -> None:
    await book(world, 2)
    await desk.sign_in(Role.ORGANISER)
    async with world.context.database.transaction(PROGRAMME) as tx:
        visitor = await tx.connection.fetchval("SELECT visitor_id FROM deliveries WHERE kind = 'confirmed' LIMIT 1")
    assert listed((await desk.get(LOG)).text) == 4
    theirs = (await desk.get(f"{LOG}?visitor={visitor}")).text
    assert listed(theirs) == 2
    one = (await desk.get(f"{LOG}/{await delivery(world)}")).text
    assert f'href="{LOG}?visitor=' in one and 'href="/nb/console/havlandet/visitors/' in one


async def test_the_log_goes_on_where_a_page_ends(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.pages.SHOWN", 2)
    await book(world, 3)
    await desk.sign_in(Role.MARKETING)
    seen: list[str] = []
    address = LOG
    for _ in range(3):
        text = (await desk.get(address)).text.partition("<main")[2]
        seen += [part.split('"')[0] for part in text.split(f'href="{LOG}/')[1:]]
        _, _, more = text.partition(f'href="{LOG}?before=')
        address = LOG + "?before=" + more.partition('"')[0].replace("&amp;", "&")
    assert not more
    assert (len(seen), len(set(seen))) == (6, 6)


@pytest.mark.parametrize("cursor", ["x", "~", "2026-01-01~x", "2026-13-45~00000000-0000-0000-0000-000000000000"])
async def test_a_mistyped_place_in_the_log_begins_at_the_top(world: World, desk: Desk, cursor: str) -> None:
    await book(world)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(f"{LOG}?before={cursor}&status=nonsense")
    assert (page.status, listed(page.text)) == (200, 2)


async def test_a_failed_message_is_explained_and_sent_again_by_an_organiser(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await book(world)
    office.manner = "refuse"
    await sending.send_due(world.context)
    address = f"{LOG}/{await delivery(world)}"
    await desk.sign_in(Role.MARKETING)
    assert "/again" not in (await desk.get(address)).text
    desk.client.session.cookie_jar.clear()
    await organiser(desk)
    page = await desk.get(address)
    assert "Oppgitt (550)" in page.text
    after = await desk.fill_in(page, "/again", follow=True)
    assert "Den går ut om et øyeblikk" in after.text
    assert "/again" not in after.text
    office.manner = "take"
    await sending.send_due(world.context)
    assert ("confirmed", "sent") in await world.log()
    assert len(office.mails) == 1


async def test_sending_again_what_was_sent_meanwhile_shows_the_message_and_why_not(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await book(world)
    office.manner = "refuse"
    await sending.send_due(world.context)
    await desk.sign_in(Role.ORGANISER)
    page = await desk.get(f"{LOG}/{await delivery(world)}")
    office.manner = "take"
    await desk.fill_in(page, "/again")
    await sending.send_due(world.context)
    late = await desk.fill_in(page, "/again")
    assert late.status == 409
    assert "kan sendes på nytt" in late.text
    assert "Tatt imot av mottakerens tjener" in late.text
    assert len(office.mails) == 1


@pytest.mark.parametrize("identity", ["x", "00000000-0000-0000-0000-000000000000"])
async def test_a_message_that_is_not_there_is_not_found(world: World, desk: Desk, identity: str) -> None:
    await desk.sign_in(Role.ORGANISER)
    assert (await desk.get(f"{LOG}/{identity}")).status == 404
    assert (await desk.get(f"/api/v1/programmes/havlandet/deliveries/{identity}")).status == 404


async def test_the_api_tells_a_messages_history(world: World, desk: Desk, office: PostOffice) -> None:
    await book(world)
    await sending.send_due(world.context)
    await desk.sign_in(Role.ORGANISER)
    response = await desk.client.get(f"/api/v1/programmes/havlandet/deliveries/{await delivery(world)}")
    told = await response.json()
    assert (response.status, told["kind"], told["status"], told["attempts"]) == (200, "confirmed", "sent", 1)
    assert [step["step"] for step in told["steps"]] == ["planned", "sent"]


async def test_a_visitor_chooses_by_form_and_is_told_that_it_was_kept(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await book(world)
    await sending.send_due(world.context)
    text = office.mails[0].get_body(("plain",)).get_content()
    address = next(word for word in text.split() if "/preferences/" in word).removeprefix(world.context.settings.url)
    page = await desk.get(address)
    assert page.form("preferences")[1].get("reminders")
    kept = await desk.fill_in(page, "preferences", follow=True, reminders=None)
    assert "Lagret." in kept.text
    assert not kept.form("preferences")[1].get("reminders")
    assert ("reminder", "withheld") in await world.log()
    await desk.fill_in(kept, "preferences", reminders="on")
    assert ("reminder", "planned") in await world.log()


async def test_a_choice_that_cannot_be_read_is_refused_at_its_field_and_changes_nothing(
    world: World, desk: Desk, office: PostOffice
) -> None:
    await book(world)
    await sending.send_due(world.context)
    text = office.mails[0].get_body(("plain",)).get_content()
    address = next(word for word in text.split() if "/preferences/" in word).removeprefix(world.context.settings.url)
    wrong = await desk.fill_in(await desk.get(address), "preferences", reminders="perhaps")
    assert wrong.status == 422
    assert 'href="#reminders"' in wrong.text
    assert ("reminder", "planned") in await world.log()


async def test_a_forged_preference_link_opens_nothing(world: World, desk: Desk) -> None:
    for address in ("/nb/preferences/" + "a" * 26, "/u/" + "a" * 26):
        assert (await desk.get(address)).status == 404
        assert (await desk.send(address, {"reminders": "on"})).status == 404


async def test_a_preference_link_made_with_a_key_that_is_gone_opens_nothing(
    world: World, desk: Desk, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await book(world)
    await sending.send_due(world.context)
    text = office.mails[0].get_body(("plain",)).get_content()
    address = next(word for word in text.split() if "/preferences/" in word).removeprefix(world.context.settings.url)
    assert (await desk.get(address)).status == 200
    monkeypatch.setitem(desk.running.contexts["notifications"].keys._read, "token-key", "k" * 40)
    assert (await desk.get(address)).status == 404


async def organiser(desk: Desk) -> None:
    from tests.house.people import sign_in

    person = await sign_in(desk.running, "anne", PROGRAMME, Role.ORGANISER)
    desk.client.session.cookie_jar.update_cookies(person.cookies)
