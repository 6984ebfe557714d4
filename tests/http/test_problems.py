"""What went wrong, told to programs and to people, and to the log."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from services.batcher import Overloaded
from services.http import problems
from services.messages import BusAway
from services.pages.languages import translator


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (problems.NotFound("event"), 404, "not-found"),
        (problems.Forbidden(), 403, "forbidden"),
        (problems.Unauthorized(), 401, "not-logged-in"),
        (problems.Conflict("slot-full", "This was taken by {who}.", who="them"), 409, "slot-full"),
        (problems.Invalid({"a": "Wrong."}), 422, "invalid"),
        (problems.TooMany(2.1), 429, "too-many-requests"),
        (problems.Gone(), 410, "gone"),
        (problems.Unavailable(3), 503, "unavailable"),
        (Overloaded(2), 503, "overloaded"),
        (BusAway("gone"), 503, "unavailable"),
        (ConnectionRefusedError("no server"), 503, "unavailable"),
        (FileNotFoundError(2, "No such file"), 503, "unavailable"),
        (asyncpg.CannotConnectNowError("starting"), 503, "unavailable"),
        (asyncpg.InterfaceError("pool is closing"), 503, "unavailable"),
        (asyncpg.InternalClientError("got result for unknown protocol state"), 503, "unavailable"),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), 503, "unavailable"),
        (asyncpg.IdleInTransactionSessionTimeoutError("was silent"), 503, "unavailable"),
        (TimeoutError(), 503, "unavailable"),
        (asyncpg.SerializationError("crossed"), 503, "unavailable"),
        (asyncpg.DeadlockDetectedError("crossed"), 503, "unavailable"),
        (asyncpg.NumericValueOutOfRangeError("too big"), 422, "unusable-value"),
        (asyncpg.InterfaceError("the server expects 2 arguments"), 500, "error"),
        (FileNotFoundError(2, "No such file", "/etc/x"), 500, "error"),
        (asyncpg.UniqueViolationError("duplicate"), 500, "error"),
        (KeyError("ada@example.org"), 500, "error"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseException) else str(one),
)
async def test_an_exception_has_its_status_and_code(browser, problem, status, code):
    browser.village.fail_with = problem
    response = await browser.get("/api/v1/raise")
    assert response.status == status
    body = await response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"].endswith(f"/api/docs#{code}")
    assert body["instance"] == f"urn:request:{response.headers['X-Request-ID']}"
    assert body["title"]
    page = await browser.get("/nb/raise", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status == status
    assert page.content_type == "text/html"
    assert page.headers["Content-Language"] == "nb"


async def test_values_stand_in_the_sentence(browser):
    browser.village.fail_with = problems.Conflict("slot-full", "This was taken by {who}.", who="{them}")
    assert (await (await browser.get("/api/v1/raise")).json())["detail"] == "This was taken by {them}."


async def test_retry_after_is_whole_seconds_and_at_least_one(browser):
    for seconds, said in ((2.1, "3"), (0, "1")):
        browser.village.fail_with = problems.TooMany(seconds)
        assert (await browser.get("/api/v1/raise")).headers["Retry-After"] == said


async def test_an_error_of_ours_tells_its_number_and_nothing_else(browser, caplog):
    browser.village.fail_with = KeyError("ada@example.org secret")
    response = await browser.get("/api/v1/raise", headers={"X-Request-ID": "my-request-1"})
    text = await response.text()
    assert response.status == 500
    assert "my-request-1" in text
    assert "secret" not in text and "KeyError" not in text
    page = await browser.get("/nb/raise", headers={"X-Request-ID": "my-request-2"})
    assert "my-request-2" in await page.text()


async def test_a_person_is_told_on_a_page_and_a_program_as_json(browser):
    browser.village.fail_with = problems.NotFound("house")
    for accept, kind in (
        ("text/html", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("text/html, application/json", "text/html"),
    ):
        response = await browser.get("/nb/raise", headers={"Accept": accept})
        assert response.content_type == kind, accept
    assert (
        await browser.get("/api/v1/raise", headers={"Accept": "text/html"})
    ).content_type == "application/problem+json"


async def test_the_page_speaks_the_readers_language(browser):
    browser.village.fail_with = problems.NotFound("house")
    for lang in ("nb", "en"):
        title = translator(lang)("We could not find this")
        assert title in await (await browser.get(f"/{lang}/raise")).text()
    assert translator("nb")("We could not find this") != "We could not find this"


async def test_text_in_a_problem_is_escaped_on_its_page(browser):
    browser.village.fail_with = problems.Conflict("x", "Taken by {who}", who="<script>alert(1)</script>")
    assert "<script>alert" not in await (await browser.get("/nb/raise")).text()


async def test_a_page_that_cannot_be_shown_still_says_what_is_wrong(browser, monkeypatch):
    from services.http import failures

    def broken(*_, **__):
        raise RuntimeError("a template")

    monkeypatch.setattr(failures, "render", broken)
    response = await browser.get("/en/nothing")
    assert response.status == 404
    assert "We could not find this" in await response.text()


@pytest.mark.parametrize(("method", "path"), [("GET", "/nb/never"), ("POST", "/api/v1/never")])
async def test_a_handler_that_takes_too_long_is_ended(browser, method, path):
    response = await browser.request(method, path)
    assert response.status == 503
    assert response.headers["Retry-After"]


async def test_a_stream_that_breaks_off_is_broken_off_visibly(browser):
    import aiohttp

    assert (await (await browser.get("/houses.csv")).text()).startswith("a,b\n")
    browser.village.fail_with = RuntimeError("in the middle")
    with pytest.raises(aiohttp.ClientError):
        await (await browser.get("/houses.csv")).read()
    browser.village.fail_with = None
    assert (await browser.get("/houses.csv")).status == 200


async def test_a_redirect_that_is_raised_is_sent(browser):
    from aiohttp import web

    browser.village.fail_with = web.HTTPSeeOther("/nb/")
    response = await browser.get("/nb/raise", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/nb/")


async def test_shutting_down_waits_for_nobody_who_was_cancelled(browser):
    browser.village.fail_with = asyncio.CancelledError()
    import aiohttp

    with pytest.raises(aiohttp.ClientError):
        await browser.get("/nb/raise")
    browser.village.fail_with = None
