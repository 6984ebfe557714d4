"""Identity's pages, as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pyotp
import pytest

from services.clock import MovedClock
from services.context import Context
from services.identity import commands, functions, mail
from services.identity.pages.entry import SETUP_CODE
from services.identity.routes import ROUTES
from services.routes import Role
from tests.identity.browser import OURS, Browser, Seen
from tests.identity.conftest import PASSWORD, NewAccount

NEW = "nye ord i samme vind"
PEOPLE = "/nb/console/havlandet/people"


async def logged_in(browser: Browser, name: str = "kari") -> Browser:
    answer = await browser.log_in(name, PASSWORD)
    assert (answer.status, answer.location) == (303, "/nb/console")
    return browser


def plain(page: Seen) -> str:
    """The page without what must differ: what was typed, and the time it took."""
    return re.sub(r'value="[^"]*"', "", page.html)


def headers(page: Seen) -> dict[str, str]:
    """All headers but those that differ from one answer to the next."""
    differ = {"x-request-id", "date", "content-length", "server-timing", "traceparent"}
    return {name.lower(): value for name, value in page.headers.items() if name.lower() not in differ}


# Log in ---------------------------------------------------------------------------------------------------------------


async def test_a_wrong_password_and_an_unknown_address_get_the_same_page(
    browsers: Callable[[], Browser], new_account: NewAccount
) -> None:
    await new_account("kari")
    known = await browsers().log_in("kari", "dette er ikke passordet")
    unknown = await browsers().log_in("nobody", "dette er ikke passordet")
    assert known.status == unknown.status == 422
    assert plain(known) == plain(unknown)
    assert headers(known) == headers(unknown)
    assert "hører ikke sammen" in known.text
    assert 'value="kari@havlandet.example"' in known.html, "what was typed is kept"
    assert "dette er ikke passordet" not in known.html, "but never the password"


async def test_a_closed_door_looks_the_same_for_all_and_says_how_long(
    browsers: Callable[[], Browser], new_account: NewAccount
) -> None:
    await new_account("kari")
    pages = {}
    for name in ("kari", "nobody"):
        browser = browsers()
        for _ in range(6):
            pages[name] = await browser.log_in(name, "dette er ikke passordet")
    assert {page.status for page in pages.values()} == {429}
    assert pages["kari"].headers["Retry-After"] == pages["nobody"].headers["Retry-After"] == "2"
    assert plain(pages["kari"]) == plain(pages["nobody"])


async def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    browser: Browser, new_account: NewAccount
) -> None:
    await new_account("kari")
    answer = await browser.log_in("kari", PASSWORD)
    cookie = answer.cookies["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


async def test_under_tls_the_cookie_is_bound_to_the_host(context: Context, new_account: NewAccount) -> None:
    from aiohttp import web

    from services.identity import sessions

    response = web.Response()
    sessions.set_cookie(response, "token", secure=True)
    cookie = response.cookies["__Host-session"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")


async def test_one_is_sent_on_to_where_one_was_going_and_never_to_another_site(
    browser: Browser, new_account: NewAccount
) -> None:
    await new_account("kari")
    ours = "/nb/console/havlandet/people?after=x"
    foreign = (
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/nb\r\nSet-Cookie: x=y",
    )
    for asked, going in ((ours, ours), *((one, "/nb/console") for one in foreign)):
        browser.client.session.cookie_jar.clear()
        answer = await browser.post("/nb/login", email="kari@havlandet.example", password=PASSWORD, next=asked)
        assert (answer.status, answer.location) == (303, going)


async def test_a_guest_is_sent_to_log_in_and_back(browser: Browser, programme: UUID, new_account: NewAccount) -> None:
    await new_account("kari", programme, Role.OWNER)
    sent = await browser.get(PEOPLE)
    assert sent.status in {302, 303} and sent.location.startswith("/nb/login?next=")
    page = await browser.get(sent.location)
    answer = await browser.send(page, "login", email="kari@havlandet.example", password=PASSWORD)
    assert answer.location == PEOPLE


async def test_logging_out_ends_the_session_and_not_only_the_cookie(browser: Browser, new_account: NewAccount) -> None:
    await new_account("kari")
    await logged_in(browser)
    stolen = browser.cookie()
    page = await browser.get("/nb/account")
    form = next(one for one in page.forms if one.action.endswith("/logout"))
    answer = await browser.post(form.action, **form.fields)
    assert answer.location == "/nb/login"
    assert browser.cookie() is None
    again = await browser.get("/nb/account", Cookie=f"session={stolen}")
    assert again.location.startswith("/nb/login")


async def test_the_second_step_asks_for_a_code_and_lets_in_with_it(
    browsers: Callable[[], Browser], clock: MovedClock, new_account: NewAccount
) -> None:
    await new_account("kari")
    first, other = await logged_in(browsers()), await logged_in(browsers())
    page = await first.get("/nb/account/second-factor")
    refused = await first.send(page, "/start", current="ikke passordet mitt")
    assert refused.status == 422 and "ikke passordet du har nå" in refused.text
    answer = await first.send(page, "/start", current=PASSWORD)
    page = await first.get(answer.location)
    assert 'class="qr"' in page.html
    assert page.headers["Cache-Control"] == "no-store"
    letters = re.search(r"<code>([A-Z2-7 ]+)</code>", page.html)
    assert letters is not None
    app = pyotp.TOTP(letters.group(1).replace(" ", ""))
    wrong = await first.send(page, "second-factor", code="000000")
    assert wrong.status == 422 and app.secret in wrong.html.replace(" ", "")
    had = first.cookie()
    done = await first.send(page, "second-factor", code=app.at(clock.now()))
    codes = re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", done.html)
    assert (done.status, len(codes)) == (200, 10)
    assert first.cookie() != had, "the session goes on under another token"
    assert (await other.get("/nb/account")).status in {302, 303}, "every other session has ended"
    assert (await first.get("/nb/account")).status == 200

    clock.move(timedelta(minutes=1))
    third = browsers()
    step = await third.log_in("kari", PASSWORD)
    assert step.status == 200 and third.cookie() is None
    wrong = await third.send(step, "login/code", code="000000")
    assert wrong.status == 422 and third.cookie() is None
    entered = await third.send(wrong, "login/code", code=app.at(clock.now()))
    assert entered.location == "/nb/console" and third.cookie()
    fourth = browsers()
    assert (await fourth.send(await fourth.log_in("kari", PASSWORD), "login/code", code=codes[0])).status == 303


# Setting up -----------------------------------------------------------------------------------------------------------


async def test_the_first_account_takes_the_code_from_the_start_and_is_made_once(
    browsers: Callable[[], Browser], context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(context.keys._read, SETUP_CODE, "k3xr-9pqa-77lm-zz2y")
    browser = browsers()
    assert "/nb/setup" in (await browser.get("/nb/login")).html
    page = await browser.get("/nb/setup")
    typed = {"name": "Kari", "email": "kari@havlandet.example", "password": PASSWORD}
    refused = await browser.send(page, "setup", **typed, setup_code="feil kode")
    assert refused.status == 422 and browser.cookie() is None
    weak = await browser.send(page, "setup", **{**typed, "password": "kort"}, setup_code="k3xr-9pqa-77lm-zz2y")
    assert weak.status == 422 and "Bruk minst 12 tegn" in weak.text
    made = await browser.send(page, "setup", **typed, setup_code="K3XR 9PQA 77LM ZZ2Y")
    assert (made.status, made.location) == (303, "/nb/console")
    async with context.database.transaction(None) as tx:
        row = await functions.row(tx.connection, "find_credentials", "kari@havlandet.example")
    assert row is not None
    assert (await browsers().get("/nb/setup")).status == 404
    assert (await browsers().post("/nb/setup", **typed, setup_code="k3xr-9pqa-77lm-zz2y")).status == 404


async def test_without_a_setup_code_the_page_says_how_else_and_makes_nothing(browser: Browser) -> None:
    page = await browser.get("/en/setup")
    assert page.status == 200 and "blest account create" in page.text
    assert [one for one in page.forms if one.action.endswith("/setup")] == []
    typed = {"name": "Kari", "email": "kari@havlandet.example", "password": PASSWORD}
    assert (await browser.post("/en/setup", **typed, setup_code="")).status == 404


async def test_guessing_the_setup_code_is_throttled(
    browser: Browser, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(context.keys._read, SETUP_CODE, "k3xr-9pqa-77lm-zz2y")
    typed = {"name": "Kari", "email": "kari@havlandet.example", "password": PASSWORD}
    answers = [(await browser.post("/nb/setup", **typed, setup_code=f"gjett {number}")).status for number in range(7)]
    assert answers[:5] == [422] * 5 and 429 in answers


# Reset and invitation -------------------------------------------------------------------------------------------------


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


# People ---------------------------------------------------------------------------------------------------------------


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


# My account -----------------------------------------------------------------------------------------------------------


async def test_i_change_my_name_and_language(browser: Browser, new_account: NewAccount) -> None:
    await new_account("kari")
    page = await (await logged_in(browser)).get("/nb/account")
    assert (await browser.send(page, "account", name="Kari N", language="xx")).status == 422
    saved = await browser.send(page, "account", name="Kari N", language="en")
    assert saved.location == "/en/account"
    assert 'value="Kari N"' in (await browser.get(saved.location)).html


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


# Forged forms ---------------------------------------------------------------------------------------------------------

FORMS = [route for route in ROUTES if route.method != "GET" and not route.is_api]


async def test_every_form_is_refused_without_the_sessions_token_and_from_another_site(
    browser: Browser, programme: UUID, new_account: NewAccount
) -> None:
    assert len(FORMS) > 20
    kari = await new_account("kari", programme, Role.OWNER)
    await logged_in(browser)
    names = {"lang": "nb", "programme": "havlandet", "account": str(kari), "token": "a" * 26}
    csrf = next(one.fields["csrf"][0] for one in (await browser.get("/nb/account")).forms if "csrf" in one.fields)
    let_through = []
    for route in FORMS:
        address = re.sub(r"\{(\w+)\}", lambda one: names.get(one.group(1), str(kari)), route.path)
        refused = [
            await browser.post(address),
            await browser.post(address, csrf="a" * 26),
            await browser.post(address, headers={"Sec-Fetch-Site": "cross-site"}, csrf=csrf),
            await browser.post(address, headers={"Origin": "https://evil.example"}, csrf=csrf),
        ]
        if [one.status for one in refused] != [403] * 4:
            let_through.append(address)
    assert let_through == []
    taken = await browser.post("/nb/account", headers=OURS, csrf=csrf, name="Kari", language="nb")
    assert taken.status == 303, "the token is what was missing"


async def test_a_guests_form_must_say_that_it_comes_from_us(browser: Browser) -> None:
    typed = {"email": "kari@havlandet.example", "password": PASSWORD}
    assert (await browser.post("/nb/login", headers={}, **typed)).status == 403
    assert (await browser.post("/nb/login", headers={"Sec-Fetch-Site": "cross-site"}, **typed)).status == 403
    assert (await browser.post("/nb/login", **typed)).status == 422
