"""The chassis's own pages: the console's doors, and what everyone may read about privacy and accessibility."""

from __future__ import annotations

import html
from collections.abc import Callable
from uuid import UUID

import pytest

from services.chassis import CHASSIS
from services.pages import routes
from services.pages.languages import LANGUAGES, translator
from services.pages.templating import environment
from services.registry import installed
from services.routes import Role
from services.service import Panel, Service
from tests.identity.browser import Browser
from tests.identity.conftest import PASSWORD, NewAccount


async def test_nobody_enters_the_console_without_an_account(browser: Browser, programme: UUID) -> None:
    for path in ("/nb/console", "/nb/console/havlandet"):
        seen = await browser.get(path)
        assert seen.status == 303 and seen.location.startswith("/nb/login")


async def test_whoever_works_in_one_programme_goes_straight_there(
    browser: Browser, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.READER)
    await browser.log_in("kari", PASSWORD)
    assert (await browser.get("/nb/console")).location == "/nb/console/havlandet"
    assert "I dag" in (await browser.get("/nb/console/havlandet")).text
    assert (await browser.get("/nb/console/fjordriket")).status in {403, 404}


async def test_whoever_works_in_several_chooses_and_whoever_works_in_none_is_told(
    browsers: Callable[[], Browser], programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", operator=True)
    kari = browsers()
    await kari.log_in("kari", PASSWORD)
    seen = await kari.get("/nb/console")
    assert seen.status == 200 and "Ingen tiltak ennå" in seen.text
    await new_account("ola", programme, Role.READER, operator=True)
    ola = browsers()
    await ola.log_in("ola", PASSWORD)
    seen = await ola.get("/nb/console")
    assert seen.status == 200 and 'href="/nb/console/havlandet"' in seen.html and "Fjordriket" not in seen.text


async def test_the_home_has_the_panels_that_the_reader_may_see(
    browser: Browser, programme: UUID, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [Panel("all", "Today", frozenset()), Panel("few", "Menu", frozenset({Role.MARKETING}))]
    service = Service("village", "Shows panels.", panels=tuple(shown))
    monkeypatch.setattr("services.pages.navigation.installed", lambda: (service,))
    await new_account("kari", programme, Role.READER)
    await browser.log_in("kari", PASSWORD)
    page = (await browser.get("/nb/console/havlandet")).html
    assert 'hx-get="/nb/console/havlandet/panels/all"' in page
    assert "panels/few" not in page


async def test_the_privacy_page_states_every_rule_that_is_kept(browser: Browser) -> None:
    rules = [rule.keep for service in (*installed(), CHASSIS) for rule in service.retention]
    assert rules
    for lang in LANGUAGES:
        seen = await browser.get(f"/{lang}/privacy")
        assert seen.status == 200
        shown = html.unescape(seen.html)
        assert [rule for rule in rules if translator(lang)(rule) not in shown] == []


async def test_the_accessibility_statement_says_whom_to_tell(browser: Browser) -> None:
    for lang, word in {
        "nb": "Tilgjengelighet",
        "en": "Accessibility",
        "nn": "Tilgjenge",
        "nl": "Toegankelijkheid",
    }.items():
        seen = await browser.get(f"/{lang}/accessibility")
        assert seen.status == 200 and word in seen.text
        assert 'href="mailto:post@blest.example"' in seen.html


def test_every_route_of_the_chassis_says_who_may_call_it() -> None:
    assert all(route.access.kind for route in routes.ROUTES)


async def test_a_text_that_lacks_the_readers_language_is_marked_with_its_own(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [name for name in environment().list_templates() if not name.endswith("privacy.nn.html")]
    monkeypatch.setattr(environment(), "list_templates", lambda: written)
    page = (await browser.get("/nn/privacy")).html
    assert '<html lang="nn">' in page
    assert '<article class="prose" lang="nb">' in page
