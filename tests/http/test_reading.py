"""Bad input: a clear error that names the fields, status 4xx, nothing stored."""

from __future__ import annotations

import io
import json

import pytest

from tests.http.wire import spoken

HOUSES = "/api/v1/houses"
JSON = {"Content-Type": "application/json"}
OURS = {"Sec-Fetch-Site": "same-origin"}


async def test_a_well_formed_body_reaches_the_handler(browser):
    response = await browser.post(HOUSES, json={"name": "Fyret", "rooms": 2, "tags": ["æ", "ø"]})
    assert response.status == 201
    assert response.headers["Location"] == "/api/v1/houses/00000000-0000-0000-0000-000000000001"
    assert browser.village.built[0].tags == ["æ", "ø"]


async def test_every_wrong_field_is_named_at_once(browser):
    body = {"name": "F", "rooms": "many", "colour": "green", "owner": {"name": "", "email": "nobody"}, "heigth": 3}
    response = await browser.post(HOUSES, json=body, headers={"Accept-Language": "en"})
    assert response.status == 422
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["code"] == "invalid"
    assert [one["field"] for one in problem["errors"]] == [
        "name",
        "rooms",
        "colour",
        "owner.name",
        "owner.email",
        "heigth",
    ]
    assert problem["errors"][0] == {
        "field": "name",
        "pointer": "#/name",
        "code": "string_too_short",
        "detail": "Write at least 2 characters.",
    }
    assert problem["errors"][3]["pointer"] == "#/owner/name"
    assert browser.village.built == []


async def test_what_is_wrong_is_said_in_the_readers_language(browser):
    response = await browser.post(HOUSES, json={"rooms": 2}, headers={"Accept-Language": "nb"})
    problem = await response.json()
    assert problem["errors"][0]["detail"] != "Fill this in."
    assert response.headers["Content-Language"] == "nb"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,",
        b'{"name": "Fyret",}',
        b"{'name': 1}",
        b"\x00",
        b"nul",
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"rooms": 1e999999}',
    ],
)
async def test_what_is_no_json_is_refused(browser, body):
    response = await browser.post(HOUSES, data=body, headers=JSON)
    assert response.status in {400, 422}
    assert (await response.json())["code"] in {"json-broken", "invalid"}
    assert browser.village.built == []


async def test_broken_json_says_where_it_breaks(browser):
    response = await browser.post(
        HOUSES, data=b'{"name": "Fyret",\n "rooms": }', headers={**JSON, "Accept-Language": "en"}
    )
    assert response.status == 400
    assert "line 2, column 11" in (await response.json())["detail"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"3", b"[{}]"])
async def test_json_of_another_shape_is_invalid(browser, body):
    response = await browser.post(HOUSES, data=body, headers=JSON)
    assert response.status == 422
    (error,) = (await response.json())["errors"]
    assert (error["field"], error["pointer"]) == ("", "#")


@pytest.mark.parametrize(("rooms", "status"), [(True, 422), ("2", 422), ("many", 422), (2, 201), (2.0, 201)])
async def test_a_number_in_json_is_a_number(browser, rooms, status):
    response = await browser.post(HOUSES, json={"name": "Fyret", "rooms": rooms})
    assert response.status == status
    if status == 422:
        assert [one["pointer"] for one in (await response.json())["errors"]] == ["#/rooms"]


@pytest.mark.parametrize(
    "body", [b'{"name": "\xff\xfe", "rooms": 2}', '{"name": "Fyret", "rooms": 2}'.encode("utf-16")]
)
async def test_a_body_that_is_not_utf8_is_refused(browser, body):
    response = await browser.post(HOUSES, data=body, headers=JSON)
    assert response.status == 400
    assert (await response.json())["code"] == "not-utf8"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
        "text/json",
        "application/json; charset=latin-1",
        "application/json; charset=nonsense",
    ],
)
async def test_another_content_type_is_refused(browser, kind):
    response = await browser.post(HOUSES, data=b'{"name": "Fyret", "rooms": 2}', headers={"Content-Type": kind})
    assert response.status == 415
    assert browser.village.built == []


async def test_a_kind_of_json_is_json(browser):
    response = await browser.post(
        HOUSES, data=b'{"name": "Fyret", "rooms": 2}', headers={"Content-Type": "application/vnd.x+json; charset=UTF-8"}
    )
    assert response.status == 201


async def test_a_character_that_cannot_be_stored_is_named(browser):
    response = await browser.post(HOUSES, json={"name": "Fy\x00ret", "rooms": 2, "tags": ["a", "b\x00"]})
    assert response.status == 422
    assert [one["field"] for one in (await response.json())["errors"]] == ["name", "tags.1"]


async def test_a_backslash_before_such_a_character_is_only_text(browser):
    response = await browser.post(HOUSES, data=json.dumps({"name": "\\u0000", "rooms": 2}).encode(), headers=JSON)
    assert response.status == 201


async def test_half_a_character_is_refused(browser):
    response = await browser.post(HOUSES, data=b'{"name": "\\ud800xx", "rooms": 2}', headers=JSON)
    assert response.status in {400, 422}
    assert browser.village.built == []


async def test_ten_megabytes_are_refused_before_they_are_read(browser):
    response = await browser.post(HOUSES, data=io.BytesIO(b"x" * 10_000_000), headers=JSON)
    assert response.status == 413
    assert "256" in (await response.json())["detail"]


async def test_ten_megabytes_that_hide_their_length_are_refused_too(browser):
    async def pieces():
        for _ in range(160):
            yield b"x" * 65536

    response = await browser.post(HOUSES, data=pieces(), headers=JSON)
    assert response.status == 413


async def test_a_bomb_that_unpacks_to_ten_megabytes_is_refused(browser):
    import gzip

    packed = gzip.compress(b" " * 10_000_000)
    response = await browser.post(HOUSES, data=packed, headers={**JSON, "Content-Encoding": "gzip"})
    assert response.status == 413


async def test_each_route_has_its_own_limit(browser):
    response = await browser.post(
        "/nb/houses/new",
        data=b"name=" + b"x" * 70_000,
        headers={**OURS, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert response.status == 413
    from aiohttp import FormData

    form = FormData()
    form.add_field("plan", io.BytesIO(b"x" * 3_000_000), filename="plan.pdf")
    form.add_field("plan", b"y" * 10, filename="other.pdf")
    response = await browser.post("/nb/plans", data=form, headers=OURS)
    assert await response.json() == {"sizes": [3_000_000, 10], "names": ["plan.pdf", "other.pdf"]}
    form = FormData()
    form.add_field("plan", io.BytesIO(b"x" * 5_000_000), filename="plan.pdf")
    assert (await browser.post("/nb/plans", data=form, headers=OURS)).status == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=\xff&rooms=2"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=x&rooms=2"),
        ("multipart/form-data", b"name=x"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n--x--"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5000))),
    ],
    ids=["raw", "charset", "no boundary", "wrong boundary", "no name", "5000 fields"],
)
async def test_a_form_that_cannot_be_read_is_refused(browser, kind, body):
    response = await browser.post("/nb/houses/new", data=body, headers={**OURS, "Content-Type": kind})
    assert 400 <= response.status < 500
    assert browser.village.built == []


async def test_a_form_with_a_character_that_cannot_be_stored_is_refused(browser):
    response = await browser.post("/nb/houses/new", data={"name": "Fy\x00ret", "rooms": "2"}, headers=OURS)
    assert response.status == 422
    assert browser.village.built == []


async def test_a_form_shows_every_wrong_field(browser):
    response = await browser.post("/nb/houses/new", data={"name": "", "rooms": "21"}, headers=OURS)
    assert response.status == 422
    assert set(await response.json()) == {"name", "rooms"}


async def test_a_query_is_read_with_its_lists(browser):
    response = await browser.get(f"{HOUSES}?colour=red&colour=white&limit=2")
    assert response.status == 200
    assert len((await response.json())["items"]) == 2


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0&rooms=none", ["limit", "rooms"]),
        ("limit=9999", ["limit"]),
        ("colour=red&colour=green", ["colour.1"]),
        ("size=3", ["size"]),
        ("after=!!!", ["after"]),
        ("after=eyJhIjpbXX0", ["after"]),
        ("after=" + "a" * 2000, ["after"]),
        ("rooms=%00", ["rooms"]),
        ("limit=1" + "0" * 400, ["limit"]),
    ],
)
async def test_a_wrong_query_names_its_fields(browser, query, fields):
    response = await browser.get(f"{HOUSES}?{query}")
    assert response.status == 422
    assert [one["field"] for one in (await response.json())["errors"]] == fields


async def test_an_empty_value_in_a_query_is_none(browser):
    assert (await browser.get(f"{HOUSES}?after=&rooms=")).status == 200


async def test_a_list_is_read_to_its_end_page_by_page(browser):
    seen, after = [], ""
    for _ in range(10):
        page = await (await browser.get(HOUSES, params={"limit": 10, "after": after})).json()
        seen += [one["name"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [f"house {number}" for number in range(1, 26)]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /nb/houses/x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /nb/houses/x HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        b"GET /nb/houses/" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /nb/houses/x HTTP/1.1\r\nHost: x\r\nX-Bad: a\x00b\r\n\r\n",
        b"POST /api/v1/houses HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/houses HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"POST /api/v1/houses HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=[
        "one huge header",
        "many headers",
        "huge path",
        "nul",
        "negative length",
        "two lengths",
        "broken chunk",
        "nonsense",
    ],
)
async def test_what_is_no_http_is_refused(browser, head):
    answer = await spoken(browser, head)
    assert answer.status == 0 or 400 <= answer.status < 500
    assert b"Traceback" not in answer.body
    # and the next one is served as if nothing had been
    assert (await browser.get("/nb/houses/fyret")).status == 200


async def test_a_client_that_asks_before_sending_too_much_is_refused_at_once(browser):
    head = b"POST /api/v1/houses HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\nExpect: 100-continue\r\n\r\n"
    answer = await spoken(browser, head)
    assert answer.status in {100, 413}
