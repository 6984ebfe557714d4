"""My account: name, sessions, tokens, and being forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg

from services.routes import Role
from tests.identity.browser import Browser
from tests.identity.conftest import PASSWORD, NewAccount
from tests.identity.test_pages import logged_in


async def test_i_change_my_name_and_language(browser: Browser, new_account: NewAccount) -> None:
    await new_account("kari")
    page = await (await logged_in(browser)).get("/nb/account")
    assert (await browser.send(page, "account", name="Kari N", language="xx")).status == 422
    saved = await browser.send(page, "account", name="Kari N", language="en")
    assert saved.location == "/en/account"
    assert 'value="Kari N"' in (await browser.get(saved.location)).html


async def test_a_name_is_one_line_whatever_a_form_sends(browser: Browser, new_account: NewAccount) -> None:
    await new_account("kari")
    page = await (await logged_in(browser)).get("/nb/account")
    saved = await browser.send(page, "account", name="Kari\r\nNordmann", language="en")
    assert 'value="Kari Nordmann"' in (await browser.get(saved.location)).html


async def test_i_see_where_i_am_logged_in_and_end_it(browsers: Callable[[], Browser], new_account: NewAccount) -> None:
    await new_account("kari")
    here, there = await logged_in(browsers()), await logged_in(browsers())
    page = await here.get("/nb/account/security")
    assert page.text.count("Firefox på Linux") == 2
    end = next(one for one in page.forms if re.search(r"sessions/[0-9a-f-]{36}/end$", one.action))
    assert (await here.post(end.action, **end.fields)).status == 303
    assert (await there.get("/nb/account")).status in {302, 303}
    assert (await here.get("/nb/account")).status == 200


async def test_i_make_a_token_and_see_it_once(browser: Browser, programme: UUID, new_account: NewAccount) -> None:
    await new_account("kari", programme, Role.ORGANISER)
    page = await (await logged_in(browser)).get("/nb/account/tokens")
    nothing = await browser.send(page, "tokens", name="")
    assert nothing.status == 422
    made = await browser.send(page, "tokens", name="Nettstedet", programme=str(programme), roles=["organiser"])
    token = re.search(r"blest_[a-z2-7]{26}", made.html)
    assert token is not None and made.headers["Cache-Control"] == "no-store"
    listed = await browser.get("/nb/account/tokens")
    assert token.group(0) not in listed.html and token.group(0)[:11] in listed.html
    me = await browser.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token.group(0)}"})
    assert (await me.json())["programmes"] == [
        {"programme": "havlandet", "name": "Blest i Havlandet", "roles": ["organiser"]}
    ]
    await browser.send(listed, "/revoke")
    again = await browser.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token.group(0)}"})
    assert again.status == 401


async def test_i_make_a_token_for_one_service_alone(
    browser: Browser, programme: UUID, new_account: NewAccount, admin: asyncpg.Connection[Any]
) -> None:
    await new_account("kari", programme, Role.ORGANISER)
    page = await (await logged_in(browser)).get("/nb/account/tokens")
    asked = {"name": "Kalenderen", "programme": str(programme), "roles": ["organiser"], "reach": "write"}
    refused = await browser.send(page, "tokens", **asked, services=["harbours"])
    assert refused.status == 422
    assert (await browser.send(page, "tokens", **asked, services=["events"])).status == 200
    assert await admin.fetchval("SELECT scopes FROM identity.api_tokens") == ["events:write"]
    assert "Lese og skrive: events" in (await browser.get("/nb/account/tokens")).text


async def test_i_erase_my_account_unless_i_am_the_last_owner(
    browsers: Callable[[], Browser], programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    await new_account("ola", programme, Role.READER)
    last, free = await logged_in(browsers()), await logged_in(browsers(), "ola")
    refused = await last.send(await last.get("/nb/account/erase"), "erase", current=PASSWORD)
    assert refused.status == 422 and "eneste eier" in refused.text
    page = await free.get("/nb/account/erase")
    assert (await free.send(page, "erase", current="ikke passordet mitt")).status == 422
    gone = await free.send(page, "erase", current=PASSWORD)
    assert gone.location == "/nb/login" and free.cookie() is None
    assert (await free.log_in("ola", PASSWORD)).status == 422
