"""Forms and calls that a person's browser sends without the person meaning it."""

from __future__ import annotations

import pytest

FORM = {"name": "Fyret", "rooms": "2"}
PAGE = "/nb/houses/new"
CONSOLE = "/nb/console/havlandet/houses"
OWNER = {"Cookie": "who=owner"}


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
async def test_a_guest_sends_a_form_from_our_own_page(browser, headers):
    response = await browser.post(PAGE, data=FORM, headers=headers, allow_redirects=False)
    assert response.status == 303
    assert len(browser.village.built) == 1


async def test_an_older_browser_says_so_by_origin(browser):
    response = await browser.post(
        PAGE, data=FORM, headers={"Origin": str(browser.make_url("/")).rstrip("/")}, allow_redirects=False
    )
    assert response.status == 303


async def test_behind_a_proxy_the_origin_is_our_public_address(make_browser):
    async with make_browser(url="https://blest.example") as browser:
        response = await browser.post(
            PAGE, data=FORM, headers={"Origin": "https://blest.example"}, allow_redirects=False
        )
        assert response.status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://blest.example.evil.example"},
    ],
    ids=str,
)
async def test_a_guests_form_from_elsewhere_is_refused(browser, headers):
    response = await browser.post(PAGE, data=FORM, headers=headers)
    assert response.status == 403
    assert browser.village.built == []


async def test_sec_fetch_site_outweighs_an_origin_that_looks_like_ours(browser):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": str(browser.make_url("/")).rstrip("/")}
    assert (await browser.post(PAGE, data=FORM, headers=headers)).status == 403


async def test_a_session_carries_its_token_in_the_form(browser):
    response = await browser.post(CONSOLE, data={**FORM, "csrf": "csrf-1"}, headers=OWNER, allow_redirects=False)
    assert response.status == 303
    assert len(browser.village.built) == 1


async def test_or_in_a_header(browser):
    response = await browser.post(
        CONSOLE, data=FORM, headers={**OWNER, "X-CSRF-Token": "csrf-1"}, allow_redirects=False
    )
    assert response.status == 303


@pytest.mark.parametrize("token", ["", "csrf-2", "csrf-1 ", "ĉsrf-1", "\ud800"])
async def test_a_wrong_token_is_refused(browser, token):
    data = b"csrf=" + token.encode("utf-8", "surrogatepass") + b"&name=Fyret&rooms=2"
    headers = {**OWNER, "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    response = await browser.post(CONSOLE, data=data, headers=headers, allow_redirects=False)
    assert response.status in ({403} if token != "\ud800" else {400, 403})
    assert browser.village.built == []


async def test_a_session_without_a_token_is_refused_even_from_our_own_page(browser):
    response = await browser.post(CONSOLE, data=FORM, headers={**OWNER, "Sec-Fetch-Site": "same-origin"})
    assert response.status == 403
    assert browser.village.built == []


async def test_a_stolen_token_from_another_site_is_refused(browser):
    headers = {**OWNER, "Sec-Fetch-Site": "cross-site"}
    response = await browser.post(CONSOLE, data={**FORM, "csrf": "csrf-1"}, headers=headers)
    assert response.status == 403


async def test_a_file_sent_as_the_token_is_refused(browser):
    from aiohttp import FormData

    form = FormData()
    form.add_field("csrf", b"csrf-1", filename="token.txt")
    response = await browser.post(CONSOLE, data=form, headers=OWNER)
    assert response.status == 403


async def test_a_programs_call_needs_no_token_against_forgery(housed):
    response = await housed.post(
        "/api/v1/programmes/havlandet/houses",
        json={"name": "Fyret", "rooms": 2},
        headers={"Authorization": "Bearer writes", "Sec-Fetch-Site": "cross-site"},
    )
    assert response.status == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"X-CSRF-Token": "csrf-1"}, 201),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "csrf-1"}, 403),
    ],
    ids=str,
)
async def test_a_browsers_call_of_the_api_with_a_session_must_come_from_us(browser, headers, status):
    response = await browser.post("/api/v1/houses", json={"name": "Fyret", "rooms": 2}, headers={**OWNER, **headers})
    assert response.status == status


async def test_a_guests_call_of_the_api_has_nothing_to_forge(browser):
    response = await browser.post(
        "/api/v1/houses", json={"name": "Fyret", "rooms": 2}, headers={"Origin": "https://partner.example"}
    )
    assert response.status == 201


async def test_a_machine_calls_a_strangers_route_and_is_nobody_we_know(browser):
    response = await browser.post("/unsubscribe/abc", headers={**OWNER, "Origin": "https://mail.example"})
    assert response.status == 200
    assert await response.json() == {"kind": "guest"}


async def test_the_refusal_says_what_to_do(browser):
    response = await browser.post(PAGE, data=FORM, headers={"Accept-Language": "en"})
    assert "Load its page again" in await (await browser.post("/en/houses/new", data=FORM)).text()
    assert response.headers["Cache-Control"] == "no-store"
