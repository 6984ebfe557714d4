"""The system page, for those who run the installation: what is well, what is not, and dead letters handed in again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services import dead_letters
from services.context import Context
from services.database import Transaction
from services.facts import Envelope
from services.identity import access, audit, mail, tokens
from services.process import Running
from services.registry import installed
from services.relay import straight
from services.routes import Role
from services.service import Check, Reaction
from tests.conftest import OpenHouse
from tests.house.people import Person, found_programme, quick_hashes, sign_in
from tests.identity.browser import Browser
from tests.messaging.village import Moved, moved


@pytest.fixture
async def operator(house: Running, monkeypatch: pytest.MonkeyPatch) -> Person:
    quick_hashes(monkeypatch)
    return await sign_in(house, "drift", None, operator=True)


@pytest.fixture
def browser(client: TestClient[Any, Any], operator: Person) -> Browser:
    """The operator's."""
    client.session.cookie_jar.update_cookies(operator.cookies, client.make_url("/"))
    return Browser(client)


class Village:
    """A consumer of notifications that fails until it is mended."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.mended = False
        self.taken: list[int] = []
        reaction = Reaction("houses", (Moved,), self._take)
        context.service = replace(context.service, reactions=(reaction,))

    async def _take(self, tx: Transaction, fact: Moved, envelope: Envelope) -> None:
        if not self.mended:
            raise RuntimeError("the road is closed")
        self.taken.append(fact.place)

    async def give_up(self, fact: Moved) -> None:
        """Leave the fact as a dead letter."""
        message = straight(fact, uuid4(), {})
        async with self.context.database.system() as tx:
            await dead_letters.record(
                tx.connection,
                consumer="notifications-houses",
                message_id=UUID(message.message_id),
                programme_id=fact.programme_id,
                subject=message.subject,
                headers=message.headers,
                payload=message.data,
                error="Traceback\nRuntimeError: the road is closed",
                deliveries=8,
                moment=tx.moment,
            )


async def test_all_is_well_in_an_installation_where_nothing_happened(browser: Browser) -> None:
    page = await browser.get("/en/system")
    assert page.status == 200
    assert "All is well" in page.text
    assert "Nothing was given up" in page.text and "No program has access" in page.text


async def test_it_shows_every_rule_and_consumer_that_any_service_declares(browser: Browser, house: Running) -> None:
    page = await browser.get("/en/system")
    declared = [check.says for context in house.contexts.values() for check in context.service.checks]
    readers = [f"{one.name}-{reaction.name}" for one in installed() for reaction in one.reactions]
    assert len(declared) > 8 and len(readers) > 5
    assert [says for says in declared if says not in page.text] == []
    assert [name for name in readers if name not in page.text] == []


async def test_a_broken_rule_is_counted_and_one_that_cannot_be_is_unknown(browser: Browser, house: Running) -> None:
    async def three(tx: Transaction) -> int:
        return 3

    async def nobody_knows(tx: Transaction) -> int:
        raise RuntimeError("no such table")

    context = house.contexts["events"]
    checks = (Check("roofs", "Every house has a roof.", three), Check("doors", "Every house has a door.", nobody_knows))
    context.service = replace(context.service, checks=checks)
    page = await browser.get("/en/system")
    assert "2 things need you" in page.text
    assert "Every house has a roof. events 3 times not so" in page.text
    assert "Every house has a door. events unknown" in page.text


async def test_it_says_how_many_facts_wait_to_be_sent_and_to_be_taken_in(
    browser: Browser, house: Running, clock: Any
) -> None:
    programme = await found_programme(house, "havlandet")
    await house.drain()
    assert "programmes well well well 0 0 0 0" in (await browser.get("/en/system")).text
    context = house.contexts["events"]
    async with context.database.transaction(programme) as tx:
        tx.publish(moved(clock.now(), place=1, programme=programme))
    page = await browser.get("/en/system/events")
    assert "events well well well 1 the oldest for 0 s" in page.text


async def test_a_mail_that_does_not_leave_is_seen(browser: Browser, house: Running, clock: Any) -> None:
    async with house.contexts["identity"].database.transaction(None) as tx:
        await mail.queue(tx, mail.RESET, "kari@havlandet.example", "nb")
    clock.move(timedelta(hours=2))
    page = await browser.get("/en/system")
    assert "1 thing needs you" in page.text and "1 time not so" in page.text


async def test_a_dead_letter_says_why_and_is_handed_in_again_once_the_cause_is_mended(
    browser: Browser, house: Running, clock: Any
) -> None:
    programme = await found_programme(house, "havlandet")
    village = Village(house.contexts["notifications"])
    await village.give_up(moved(clock.now(), place=3, programme=programme))
    page = await browser.get("/en/system")
    assert "RuntimeError: the road is closed" in page.text and "Havlandet" in page.text
    again = await browser.send(page, "/replay")
    assert (again.status, again.location) == (303, "/en/system")
    page = await browser.get("/en/system")
    assert "It failed again, and goes on waiting." in page.text and "the road is closed" in page.text
    village.mended = True
    await browser.send(page, "/replay")
    after = await browser.get("/en/system")
    assert "The fact is taken in." in after.text and "Nothing was given up" in after.text
    assert village.taken == [3]
    await browser.send(page, "/replay")
    assert "It was taken in before" in (await browser.get("/en/system")).text
    assert village.taken == [3]
    async with house.contexts["identity"].database.transaction(None) as tx:
        entries = await audit.listed(tx, None, 10)
    noted = [one.details["came"] for one in entries if one.action == "dead_letter.replayed"]
    assert noted == ["already", "handled", "failed"]


async def test_a_letter_or_a_service_that_is_not_there_is_not_found(browser: Browser) -> None:
    page = await browser.get("/en/system")
    (csrf,) = page.forms[0].fields["csrf"]
    for address in ("notifications/dead-letters/7", "notifications/dead-letters/x", "village/dead-letters/7"):
        assert (await browser.post(f"/en/system/{address}/replay", csrf=csrf)).status == 404
    assert (await browser.get("/en/system/village")).status == 404


async def test_it_shows_what_was_done_and_which_programs_have_access_in_every_programme(
    browser: Browser, house: Running, clock: Any
) -> None:
    for slug in ("havlandet", "fjordriket"):
        programme = await found_programme(house, slug)
        kari = await sign_in(house, f"kari-{slug}", programme, Role.OWNER)
        context = house.contexts["identity"]
        principal = await access.session(context, next(iter(kari.cookies.values())))
        async with context.database.transaction(None) as tx:
            for name, days in (("ledger", 30), ("old ledger", 1)):
                await tokens.create(
                    tx,
                    principal,
                    programme,
                    name=f"{name} of {slug}",
                    roles=[Role.READER],
                    scopes=["events:write"],
                    services=["events"],
                    expires_at=tx.moment + timedelta(days=days),
                )
    clock.move(timedelta(days=2))
    drift = await sign_in(house, "drift-again", None, operator=True)
    browser.client.session.cookie_jar.update_cookies(drift.cookies, browser.client.make_url("/"))
    page = await browser.get("/en/system")
    assert "ledger of havlandet" in page.text and "ledger of fjordriket" in page.text
    assert page.text.count("Read and write: events") == 2
    assert "old ledger" not in page.text, "what has expired is not in use"
    assert page.text.count("token: created") == 4
    assert "Fjordriket" in page.text and "the installation" in page.text


async def test_each_service_shows_its_own_part_by_itself_and_as_a_fragment(browser: Browser) -> None:
    whole = await browser.get("/en/system/registrations")
    assert "Nobody was given two slots at one time." in whole.text and "<h1>registrations</h1>" in whole.html
    part = await browser.get("/en/system/registrations", **{"HX-Request": "true"})
    assert "Nobody was given two slots at one time." in part.text and "<h1" not in part.html


async def test_a_process_links_to_services_that_run_in_others(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_hashes(monkeypatch)
    async with open_house("programmes") as running, TestClient(TestServer(running.app)) as client:
        drift = await sign_in(running, "drift", None, operator=True)
        client.session.cookie_jar.update_cookies(drift.cookies, client.make_url("/"))
        page = await Browser(client).get("/en/system")
        assert page.html.count("It runs in a process of its own.") == len(installed()) - 1
        assert 'href="/en/system/events"' in page.html and 'hx-get="/en/system/events"' in page.html


async def test_only_operators_see_it_and_have_a_link_to_it(
    client: TestClient[Any, Any], house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_hashes(monkeypatch)
    programme = await found_programme(house, "havlandet")
    owner = await sign_in(house, "owner", programme, Role.OWNER)
    client.session.cookie_jar.update_cookies(owner.cookies, client.make_url("/"))
    browser = Browser(client)
    assert (await browser.get("/en/system")).status == 403
    assert "/en/system" not in (await browser.get("/en/account")).html
    drift = await sign_in(house, "drift", None, operator=True)
    client.session.cookie_jar.update_cookies(drift.cookies, client.make_url("/"))
    assert 'href="/en/system"' in (await browser.get("/en/account")).html
