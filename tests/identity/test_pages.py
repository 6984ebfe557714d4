"""The pages by which people come in: log-in, the first account, and what no forged form gets past."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest

from services.clock import MovedClock
from services.context import Context
from services.identity import functions
from services.identity.pages.entry import SETUP_CODE
from services.identity.routes import ROUTES
from services.routes import Role
from tests.identity.browser import OURS, Browser, Seen
from tests.identity.conftest import PASSWORD, NewAccount

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
