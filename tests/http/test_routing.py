"""Which route answers an address, and what is said where none does."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from services.chassis import CHASSIS
from services.context import Context
from services.http.app import build_app
from services.http.in_language import InLanguage
from services.http.routing import RoutesClash, exactness, pattern
from services.registry import installed
from services.routes import PUBLIC, Route
from services.service import Service
from tests.http import village
from tests.http.wire import spoken


@pytest.mark.parametrize("lang", ["nb", "nn", "en", "nl"])
async def test_a_page_is_answered_in_the_language_of_its_address(browser, lang):
    response = await browser.get(f"/{lang}/houses/fyret")
    assert response.status == 200
    assert await response.text() == f"<p>{lang} fyret</p>"
    assert response.headers["Content-Language"] == lang


async def test_the_more_exact_address_comes_first_whatever_the_order_of_declaration(browser):
    response = await browser.get("/nb/houses/new")
    assert await response.text() == "<p>new house in nb</p>"


@pytest.mark.parametrize(
    "path", ["/de/houses/fyret", "/xx/", "/se/houses/fyret", "/nb/nothing", "/nb/houses", "/NB/houses/x"]
)
async def test_an_unknown_language_or_page_is_not_found(browser, path):
    response = await browser.get(path, allow_redirects=False)
    assert response.status == 404


@pytest.mark.parametrize(
    ("header", "location"),
    [
        ("", "/nb/houses/fyret"),
        ("nl-NL,nl;q=0.9,en;q=0.8", "/nl/houses/fyret"),
        ("fr, en;q=0.5", "/en/houses/fyret"),
        ("no", "/nb/houses/fyret"),
        ("nn-NO", "/nn/houses/fyret"),
        ("da-DK, en;q=0.9", "/nb/houses/fyret"),
        ("en;q=0, nl", "/nl/houses/fyret"),
        ("zh", "/nb/houses/fyret"),
        (";;;q=,,=", "/nb/houses/fyret"),
        ("en;q=abc, nl;q=0.1", "/nl/houses/fyret"),
    ],
)
async def test_a_page_without_its_language_is_found_by_what_the_browser_reads(browser, header, location):
    response = await browser.get("/houses/fyret", headers={"Accept-Language": header}, allow_redirects=False)
    assert response.status == 302
    assert response.headers["Location"] == location
    assert "Accept-Language" in response.headers["Vary"]


async def test_the_front_page_is_found_without_its_language_and_with_either_ending(browser):
    response = await browser.get("/", headers={"Accept-Language": "en"}, allow_redirects=False)
    assert response.headers["Location"] == "/en"
    for path in ("/en", "/en/"):
        assert "home in en" in await (await browser.get(path, allow_redirects=False)).text()


async def test_the_query_survives_the_redirect(browser):
    response = await browser.get("/houses/fyret?via=a%26b&x=%C3%A6", allow_redirects=False)
    assert response.headers["Location"] == "/nb/houses/fyret?via=a%26b&x=%C3%A6"


async def test_a_slash_too_many_is_taken_away(browser):
    response = await browser.get("/nb/houses/fyret/", allow_redirects=False)
    assert response.headers["Location"] == "/nb/houses/fyret"


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/nb/houses/x/", "/\\evil.example", "/%2F/evil.example/"]
)
async def test_no_redirect_leads_to_another_host(browser, path):
    answer = await spoken(browser, f"GET {path} HTTP/1.1\r\nHost: blest.example\r\n\r\n".encode())
    assert answer.status in {302, 400, 404}
    assert not answer.headers.get("Location", "/").startswith(("//", "/\\", "http"))


async def test_a_form_is_not_redirected(browser):
    response = await browser.post("/houses/new", allow_redirects=False)
    assert response.status == 404


async def test_head_is_answered_as_get_without_a_body(browser):
    wanted = await browser.get("/nb/houses/fyret")
    response = await browser.head("/nb/houses/fyret")
    assert response.status == 200
    assert response.headers["Content-Length"] == wanted.headers["Content-Length"]
    assert await response.read() == b""


async def test_another_method_is_told_which_there_are(browser):
    response = await browser.delete("/api/v1/houses")
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    body = await response.json()
    assert body["code"] == "method"
    assert "GET, HEAD, POST" in body["detail"]


async def test_an_unknown_method_is_refused(browser):
    answer = await spoken(browser, b"BREW /api/v1/houses HTTP/1.1\r\nHost: blest.example\r\n\r\n")
    assert answer.status in {400, 405}


async def test_options_says_which_methods_there_are(browser):
    response = await browser.options("/api/v1/houses")
    assert response.status == 204
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/nb/houses/a%00b", "/api/v1/houses/%00"])
async def test_a_path_that_no_database_can_hold_is_not_found(browser, path):
    from yarl import URL

    assert (await browser.get(URL(path, encoded=True))).status == 404


async def test_a_path_in_broken_utf8_is_answered(browser):
    from yarl import URL

    response = await browser.get(URL("/nb/houses/%ff%fe", encoded=True))
    assert response.status in {200, 400, 404}


@pytest.mark.parametrize(
    "routes",
    [
        (
            Route("GET", "/{lang}/x/{a}", village.show_page, PUBLIC),
            Route("GET", "/{lang}/x/{b}", village.show_page, PUBLIC),
        ),
        (Route("BREW", "/x", village.show_page, PUBLIC),),
        (Route("GET", "x", village.show_page, PUBLIC),),
    ],
)
async def test_it_refuses_to_start_with_routes_that_clash(routes, token_key, clock):
    from services.settings import Settings

    gate, _ = village.contexts(Settings(secrets=token_key), clock)
    other = Context(
        Service("events", "clashing", routes=routes), gate.settings, gate.keys, clock, gate.database, gate.bus
    )
    with pytest.raises(RoutesClash):
        build_app([gate, other])


def every_page() -> list[str]:
    declared = [route for service in (CHASSIS, *installed()) for route in service.routes]
    return sorted({route.path for route in declared if route.path.startswith("/{lang}")})


async def nobody(_: web.Request) -> web.Response:
    raise AssertionError("nothing is answered here")


async def test_pages_are_found_as_if_each_were_tried_and_few_are():
    pages = InLanguage()
    for path in sorted(every_page(), key=exactness):
        pages.add_route("GET", pattern(path), nobody)
    tried = []
    for path in every_page():
        address = re.sub(r"\{[^{}]*\}", "some-thing", path.replace("{lang}", "nn"))
        request = make_mocked_request("GET", address)
        found, _ = await pages.resolve(request)
        slowly = [(await one.resolve(request))[0] for one in pages._numbered]
        expected = next(one for one in slowly if one is not None)
        assert found is not None, address
        assert found.route.resource is expected.route.resource, address
        assert dict(found) == dict(expected)
        tried.append(len(pages._candidates(address)))
    assert sum(tried) / len(tried) < 8, "it has to try as many as a search through all would"
    assert (await pages.resolve(make_mocked_request("GET", "/nn/no/such/page")))[0] is None
