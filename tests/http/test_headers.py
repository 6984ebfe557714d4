"""What every answer says to the browser: policies, request numbers, tags, compression."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from services.http import compression

OWNER = {"Cookie": "who=owner"}
CONSOLE = "/nb/console/havlandet/houses"


@pytest.mark.parametrize(
    "path", ["/nb/houses/fyret", "/api/v1/echo", "/nb/nothing", "/api/nothing", "/houses.csv", "/livez", "/"]
)
async def test_every_answer_is_protected(browser, path):
    response = await browser.get(path, allow_redirects=False)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Request-ID"]
    assert "Server" not in response.headers


async def test_a_page_may_use_our_own_files_and_nothing_else(browser):
    policy = (await browser.get("/nb/houses/fyret")).headers["Content-Security-Policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == parts["form-action"] == "'self'"
    assert parts["img-src"] == "'self' data:"


async def test_only_the_page_that_works_offline_may_run_webassembly_and_see(browser):
    response = await browser.get("/nb/check-in")
    assert "script-src 'self' 'wasm-unsafe-eval'" in response.headers["Content-Security-Policy"]
    assert "camera=(self)" in response.headers["Permissions-Policy"]


async def test_tls_is_asked_for_where_people_reach_us_over_tls(make_browser):
    async with make_browser(url="https://blest.example") as browser:
        assert "max-age=31536000" in (await browser.get("/nb/houses/x")).headers["Strict-Transport-Security"]
    async with make_browser() as browser:
        assert "Strict-Transport-Security" not in (await browser.get("/nb/houses/x")).headers


@pytest.mark.parametrize("given", ["abcdefgh", "0190a3c4-7d2e-7000-8000-000000000000", "A.b_c-1234"])
async def test_a_well_formed_request_number_is_kept(browser, given):
    assert (await browser.get("/nb/houses/x", headers={"X-Request-ID": given})).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "has space in it", "a" * 65, "<script>alert", "øøøøøøøø", "-starts-with-a-dash"]
)
async def test_another_one_is_replaced(browser, given):
    made = (await browser.get("/nb/houses/x", headers={"X-Request-ID": given})).headers["X-Request-ID"]
    assert made != given and len(made) == 24


async def test_what_the_client_has_is_not_sent_again(browser):
    first = await browser.get("/api/v1/houses")
    tag = first.headers["ETag"]
    again = await browser.get("/api/v1/houses", headers={"If-None-Match": f'"other", {tag}'})
    assert again.status == 304
    assert await again.read() == b""
    assert again.headers["ETag"] == tag
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    changed = await browser.get("/api/v1/houses?limit=1", headers={"If-None-Match": tag})
    assert changed.status == 200
    assert (await browser.head("/api/v1/houses", headers={"If-None-Match": tag})).status == 304


async def test_a_problem_has_no_tag(browser):
    response = await browser.get("/api/v1/houses/none", headers={"If-None-Match": "*"})
    assert response.status == 404
    assert "ETag" not in response.headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("", None),
        ("deflate", None),
    ],
)
async def test_text_is_compressed_as_the_client_takes_it(browser, accepted, coding):
    async with (
        browser.session.get(
            browser.make_url("/api/v1/houses?limit=25"), headers={"Accept-Encoding": accepted}, auto_decompress=False
        )
        if False
        else browser.get("/api/v1/houses?limit=25", headers={"Accept-Encoding": accepted}) as response
    ):
        assert response.headers.get("Content-Encoding") == coding
        assert response.headers["Vary"] == "Accept-Encoding"
        assert len((await response.json())["items"]) == 25


async def test_small_answers_are_sent_as_they_are(browser):
    response = await browser.get("/api/v1/echo", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in response.headers


async def test_the_length_of_a_page_with_a_secret_tells_nothing(browser):
    headers = {**OWNER, "Accept-Encoding": "gzip, br"}
    lengths = set()
    for _ in range(20):
        response = await browser.get(CONSOLE, headers=headers)
        assert response.headers["Content-Encoding"] == "gzip"
        assert (await response.text()).startswith("<p>Havlandet")
        lengths.add(response.headers["Content-Length"])
    assert len(lengths) > 5


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_padded_gzip_is_gzip(size):
    body = b"x" * size
    assert gzip.decompress(compression.padded_gzip(body)) == body
    assert zlib.decompress(compression.padded_gzip(body), wbits=31) == body


@pytest.mark.parametrize("best", [False, True])
def test_what_is_compressed_can_be_read(best):
    body = "Sjø, lav og et lyst vindu. ".encode() * 100
    assert brotli.decompress(compression.compressed(body, "br", best=best)) == body
    assert gzip.decompress(compression.compressed(body, "gzip", best=best)) == body


async def test_a_large_answer_is_compressed_outside_the_loop(browser, monkeypatch):
    monkeypatch.setattr(compression, "IN_THE_LOOP", 1000)
    response = await browser.get("/api/v1/houses?limit=25", headers={"Accept-Encoding": "br"})
    assert response.headers["Content-Encoding"] == "br"
    assert len((await response.json())["items"]) == 25
