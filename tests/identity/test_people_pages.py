"""The people of a programme on their pages: roles, leaving, and what was done."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from services.context import Context
from services.routes import Role
from tests.identity.browser import Browser
from tests.identity.conftest import NewAccount
from tests.identity.test_pages import PEOPLE, logged_in


async def test_an_owner_changes_roles_and_removes_but_never_the_last_owner(
    browsers: Callable[[], Browser], programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.READER)
    owner, other = await logged_in(browsers()), await logged_in(browsers(), "ola")
    page = await owner.get(f"{PEOPLE}/{ola}")
    changed = await owner.send(page, str(ola), roles=["marketing"])
    assert changed.location == PEOPLE
    none = await owner.send(page, str(ola), roles=[])
    assert none.status == 422
    own = await owner.get(f"{PEOPLE}/{kari}")
    refused = await owner.send(own, str(kari), roles=["reader"])
    assert refused.status == 422 and "minst én eier" in refused.text
    kept = await owner.send(own, "/remove")
    assert kept.location == PEOPLE
    assert "minst én eier" in (await owner.get(PEOPLE)).text
    gone = await owner.send(page, "/remove")
    assert gone.location == PEOPLE
    assert (await other.get(PEOPLE)).status == 404, "at once, in the session that was open"


async def test_what_cannot_be_undone_is_asked_a_second_time(
    browsers: Callable[[], Browser], programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.READER)
    owner, leaving = await logged_in(browsers()), await logged_in(browsers(), "ola")
    account = await leaving.get("/nb/account")
    for page, action in ((await owner.get(f"{PEOPLE}/{ola}"), "/remove"), (account, "/leave")):
        asked = re.findall(r"<details>.*?</details>", page.html, re.DOTALL)
        page.form(action)
        assert [one.count(f'{action}"') for one in asked if f'{action}"' in one] == [1], "only behind the first press"
        assert page.html.count(f'{action}"') == 1
    assert "en av eierne invitere deg" in account.text
    left = await leaving.send(account, "/leave")
    assert left.location == "/nb/account"
    assert (await leaving.get(PEOPLE)).status == 404


async def test_members_see_who_takes_part_and_only_owners_their_addresses(
    browsers: Callable[[], Browser], programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    await new_account("ola", programme, Role.STAND_HOST)
    await new_account("torbjørg", neighbour, Role.OWNER)
    seen = await (await logged_in(browsers(), "ola")).get(PEOPLE)
    assert seen.status == 200 and "Kari" in seen.text and "@" not in seen.text and "Torbjørg" not in seen.text
    assert "kari@havlandet.example" in (await (await logged_in(browsers())).get(PEOPLE)).text
    assert (await (await logged_in(browsers(), "torbjørg")).get(PEOPLE)).status == 404


async def test_the_history_says_who_did_what_page_by_page(
    browser: Browser, context: Context, programme: UUID, new_account: NewAccount
) -> None:
    from services.identity import audit

    await new_account("kari", programme, Role.OWNER)
    async with context.database.transaction(programme) as tx:
        for number in range(60):
            await audit.record(tx, None, "test.counted", f"test:{number}")
        await audit.record(tx, None, "event.published", f"event:{programme}")
    await logged_in(browser)
    first = await browser.get(f"{PEOPLE}/history")
    assert re.search(rf'/events/{programme}">[^<]+</a>', first.html), "what has a page is a link to it"
    shown = re.findall(r'title="test:\d+">(\d+)</code>', first.html)
    more = re.search(r'href="([^"]+history\?after=[^"]+)"', first.html)
    assert more is not None
    second = await browser.get(more.group(1))
    shown += re.findall(r'title="test:\d+">(\d+)</code>', second.html)
    assert shown == [str(number) for number in reversed(range(60))]
    assert (await browser.get(f"{PEOPLE}/history?after=eyJhdCI6WyIiLDFdLCJpZCI6WyIiLDFdfQ")).status == 422
