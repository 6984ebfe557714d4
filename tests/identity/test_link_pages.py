"""Pages that a link in a mail leads to: a new password, an invitation."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from services.context import Context
from services.identity import commands, functions, mail
from services.routes import Role
from tests.identity.browser import Browser
from tests.identity.conftest import PASSWORD, NewAccount
from tests.identity.test_pages import PEOPLE, logged_in

NEW = "nye ord i samme vind"


async def test_asking_for_a_reset_tells_nothing_of_who_has_an_account(
    browsers: Callable[[], Browser], new_account: NewAccount
) -> None:
    await new_account("kari")
    answers = []
    for name in ("kari", "nobody"):
        browser = browsers()
        page = await browser.get("/nb/forgot")
        answers.append(await browser.send(page, "forgot", email=f"{name}@havlandet.example"))
    assert {(one.status, one.location, one.html) for one in answers} == {(303, "/nb/forgot/sent", "")}


async def test_a_reset_link_can_be_opened_many_times_and_used_once(
    browser: Browser, context: Context, new_account: NewAccount
) -> None:
    await new_account("kari")
    address = f"/nb/reset/{await reset_token(context)}"
    for _ in range(3):
        page = await browser.get(address)
        assert page.status == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    weak = await browser.send(page, "", password="qwertyuiop123")
    assert weak.status == 422
    done = await browser.send(page, "", password=NEW)
    assert done.location == "/nb/login"
    assert (await browser.get(address)).status == 410
    assert (await browser.post(address, password=NEW)).status == 410
    assert (await browser.log_in("kari", NEW)).status == 303


async def test_a_link_never_given_looks_like_one_that_is_used(
    browser: Browser, context: Context, new_account: NewAccount
) -> None:
    await new_account("kari")
    token = await reset_token(context)
    await browser.post(f"/nb/reset/{token}", password=NEW)
    await browser.get("/nb/login")  # shows what was said after the reset
    used, never = await browser.get(f"/nb/reset/{token}"), await browser.get(f"/nb/reset/{'a' * 26}")
    assert used.status == never.status == 410
    assert used.html.replace(token, "") == never.html.replace("a" * 26, "")


async def reset_token(context: Context) -> str:
    from services.ids import new_id
    from services.keys import token_hash

    async with context.database.transaction(None) as tx:
        reset_id = new_id(tx.moment)
        token = context.keys.token(mail.RESET, reset_id)
        row = await functions.row(
            tx.connection,
            "open_reset",
            reset_id,
            "kari@havlandet.example",
            token_hash(token),
            tx.moment,
            tx.moment + mail.RESET_FOR,
        )
    assert row is not None
    return token


async def invitation_address(context: Context, programme_id: UUID) -> str:
    async with context.database.transaction(programme_id) as tx:
        (found,) = await commands.invitations(tx, programme_id)
        row = await functions.row(tx.connection, "invitation_mail", found.id, tx.moment)
    assert row is not None
    return f"/nb/invitation/{context.keys.token(mail.INVITATION, found.id, row['rotation'])}"


async def test_an_owner_invites_and_the_invited_makes_an_account_and_takes_part(
    browsers: Callable[[], Browser], context: Context, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    owner, guest = await logged_in(browsers()), browsers()
    page = await owner.get(f"{PEOPLE}/invite")
    nobody = await owner.send(page, "invite", email="ola@havlandet.example")
    assert nobody.status == 422 and 'id="roles-error"' in nobody.html
    assert 'value="ola@havlandet.example"' in nobody.html
    sent = await owner.send(page, "invite", email="ola@havlandet.example", roles=["organiser", "check_in"])
    assert sent.location == PEOPLE
    assert "ola@havlandet.example" in (await owner.get(PEOPLE)).text

    address = await invitation_address(context, programme)
    page = await guest.get(address)
    assert "Kari inviterer deg" in page.text and page.headers["Referrer-Policy"] == "no-referrer"
    weak = await guest.send(page, address, name="Ola", password="kort")
    assert weak.status == 422 and "Bruk minst 12 tegn" in weak.text
    joined = await guest.send(page, address, name="Ola", password=NEW)
    assert joined.location == "/nb/console/havlandet"
    assert (await guest.get(PEOPLE)).status == 200
    assert (await guest.get(address)).status == 410
    async with context.database.transaction(programme) as tx:
        people = {one.name: one.roles for one in await commands.members(tx, programme)}
    assert people == {"Kari": {Role.OWNER}, "Ola": {Role.ORGANISER, Role.CHECK_IN}}


async def test_who_has_an_account_logs_in_and_comes_back_to_accept(
    browsers: Callable[[], Browser], context: Context, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    await new_account("ola")
    async with context.database.transaction(programme) as tx:
        await commands.invite(
            tx, context.keys, None, programme, email="ola@havlandet.example", roles=[Role.READER], language="nb"
        )
    address, guest = await invitation_address(context, programme), browsers()
    page = await guest.get(address)
    assert [one for one in page.forms if "password" in str(one.fields)] == []
    refused = await guest.post(address, name="Mallory", password=NEW)
    assert refused.status == 200 and guest.cookie() is None, "nobody takes over an account with a link"
    way = re.search(r'href="(/nb/login\?next=[^"]+)"', page.html)
    assert way is not None
    login = await guest.get(way.group(1))
    back = await guest.send(login, "login", email="ola@havlandet.example", password=PASSWORD)
    assert back.location == address
    accepted = await guest.send(await guest.get(address), address)
    assert accepted.location == "/nb/console/havlandet"
