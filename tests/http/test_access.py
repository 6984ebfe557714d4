"""Who is let in where: guests, people with and without a role, neighbours, programs."""

from __future__ import annotations

import asyncpg
import pytest

CONSOLE = "/nb/console/havlandet/houses"
BUILD = "/api/v1/programmes/havlandet/houses"


def as_(who: str) -> dict[str, str]:
    return {"Cookie": f"who={who}"}


async def test_a_guest_is_sent_to_log_in_and_back(browser):
    response = await browser.get(f"{CONSOLE}?page=2", allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == "/nb/login?next=/nb/console/havlandet/houses%3Fpage%3D2"


async def test_a_guest_is_not_told_whether_a_programme_exists(browser):
    known = await browser.get(CONSOLE, allow_redirects=False)
    unknown = await browser.get("/nb/console/atlantis/houses", allow_redirects=False)
    assert known.status == unknown.status == 303


async def test_a_session_that_ended_while_a_form_was_filled_leads_back_to_its_page(browser):
    headers = {"Referer": str(browser.make_url("/nb/console/havlandet/houses?page=3"))}
    response = await browser.post(CONSOLE, data={"name": "x"}, headers=headers, allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == "/nb/login?next=/nb/console/havlandet/houses%3Fpage%3D3"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/nb/x", "https://evil.example", "javascript:alert(1)", "//evil.example//x", ""]
)
async def test_the_way_back_never_leads_to_another_site(browser, referer):
    response = await browser.post(CONSOLE, data={"name": "x"}, headers={"Referer": referer}, allow_redirects=False)
    assert response.headers["Location"] == "/nb/login?next=/nb"


async def test_a_part_of_a_page_sends_the_whole_page_to_log_in(browser):
    here = str(browser.make_url("/nb/console/havlandet"))
    response = await browser.get(CONSOLE, headers={"HX-Request": "true", "HX-Current-URL": here}, allow_redirects=False)
    assert response.status == 401
    assert response.headers["HX-Redirect"] == "/nb/login?next=/nb/console/havlandet"


async def test_a_program_without_a_token_is_answered_401(browser):
    response = await browser.post(BUILD, json={"name": "Fyret", "rooms": 2})
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await response.json())["code"] == "not-logged-in"


async def test_a_wrong_token_is_answered_401(browser):
    response = await browser.get("/api/v1/echo", headers={"Authorization": "Bearer guessed"})
    assert response.status == 401


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("organiser", 200), ("reader", 200), ("neighbour", 404), ("newcomer", 404)]
)
async def test_any_role_opens_the_console_and_none_does_not_see_it(browser, who, status):
    assert (await browser.get(CONSOLE, headers=as_(who))).status == status


async def test_a_neighbour_sees_the_same_as_for_a_programme_that_does_not_exist(browser):
    headers = {**as_("neighbour"), "X-Request-ID": "the-same-for-both"}
    hidden = await browser.get(CONSOLE, headers=headers)
    unknown = await browser.get("/nb/console/atlantis/houses", headers=headers)
    assert hidden.status == unknown.status == 404
    assert (await hidden.text()).replace("havlandet", "atlantis") == await unknown.text()


@pytest.mark.parametrize(("who", "status"), [("owner", 303), ("organiser", 303), ("reader", 403), ("neighbour", 404)])
async def test_a_route_takes_its_own_roles_and_the_owner(browser, who, status):
    number = {"owner": 1, "organiser": 2, "reader": 3, "neighbour": 4}[who]
    form = {"csrf": f"csrf-{number}", "name": "Fyret", "rooms": "2"}
    response = await browser.post(CONSOLE, data=form, headers=as_(who), allow_redirects=False)
    assert response.status == status


@pytest.mark.parametrize(("who", "status"), [("operator", 200), ("owner", 403), ("", 303)])
async def test_the_system_page_is_for_operators(browser, who, status):
    assert (await browser.get("/nb/system", headers=as_(who), allow_redirects=False)).status == status


@pytest.mark.parametrize(("who", "status"), [("newcomer", 200), ("", 303)])
async def test_an_account_needs_no_role_for_its_own_pages(browser, who, status):
    assert (await browser.get("/nb/account", headers=as_(who), allow_redirects=False)).status == status


@pytest.mark.parametrize(("token", "status"), [("reads", 200), ("writes", 200), ("other", 403)])
async def test_a_token_reads_what_its_scopes_reach(browser, token, status):
    response = await browser.get("/api/v1/echo", headers={"Authorization": f"Bearer {token}"})
    assert response.status == status


async def test_a_token_that_may_only_read_cannot_write(browser):
    for token in ("reads", "other"):
        response = await browser.post(
            BUILD, json={"name": "Fyret", "rooms": 2}, headers={"Authorization": f"Bearer {token}"}
        )
        assert response.status == 403
    assert browser.village.built == []


async def test_a_token_is_not_for_pages(browser):
    response = await browser.get(CONSOLE, headers={"Authorization": "Bearer writes"})
    assert response.status == 403


@pytest.mark.parametrize("error", [ConnectionRefusedError("no server"), asyncpg.InternalClientError("broken off")])
async def test_a_public_page_is_shown_as_to_a_guest_while_nobody_can_be_identified(make_browser, monkeypatch, error):
    from tests.http import village

    async def away(context, request):
        raise error

    monkeypatch.setattr(village, "identify", away)
    async with make_browser() as browser:
        assert (await browser.get("/nb/houses/fyret", headers=as_("owner"))).status == 200
        response = await browser.get(CONSOLE, headers=as_("owner"))
        assert response.status == 503
        assert response.headers["Retry-After"]


async def test_pages_of_people_who_are_logged_in_are_kept_nowhere(browser):
    signed_in = await browser.get(CONSOLE, headers=as_("owner"))
    assert signed_in.headers["Cache-Control"] == "no-store"
    guest = await browser.get("/nb/houses/fyret")
    assert guest.headers["Cache-Control"] == "private, no-cache"
