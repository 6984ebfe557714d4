"""How often, from where, and how far into a list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from services.clock import MovedClock
from services.http import addresses
from services.http.addresses import network
from services.http.limits import Limits
from services.http.pagination import Cursor, Page
from services.http.problems import Invalid, TooMany
from services.routes import Limit

START = datetime(2026, 4, 13, tzinfo=UTC)


# Token buckets --------------------------------------------------------------------------------------------------------


async def test_a_route_with_a_limit_refuses_the_third_call_until_a_place_is_free(browser, clock):
    for _ in range(2):
        assert (await browser.get("/api/v1/limited")).status == 200
    response = await browser.get("/api/v1/limited")
    assert response.status == 429
    assert response.headers["Retry-After"] == "30"
    assert (await browser.get("/api/v1/limited", headers={"Cookie": "who=owner"})).status == 200
    clock.move(timedelta(seconds=30))
    assert (await browser.get("/api/v1/limited")).status == 200
    assert (await browser.get("/api/v1/limited")).status == 429


def test_a_bucket_never_holds_more_than_it_is_large():
    clock = MovedClock(START)
    limits = Limits(clock)
    limit = Limit(3, 60)
    clock.move(timedelta(days=1))
    for _ in range(3):
        limits.take("x", "me", limit)
    with pytest.raises(TooMany):
        limits.take("x", "me", limit)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_within_any_stretch_no_more_pass_than_the_bucket_and_its_filling(pauses):
    clock = MovedClock(START)
    limits, limit, passed = Limits(clock), Limit(5, 10), []
    for pause in pauses:
        clock.move(timedelta(seconds=pause))
        try:
            limits.take("x", "me", limit)
            passed.append(clock.now())
        except TooMany:
            pass
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            seconds = (passed[last] - passed[first]).total_seconds()
            assert last - first + 1 <= 5 + seconds * 0.5 + 1e-6


def test_callers_and_things_have_buckets_of_their_own():
    limits = Limits(MovedClock(START))
    for thing in ("x", "y"):
        for caller in ("a", "b"):
            limits.take(thing, caller, Limit(1, 60))
    assert len(limits) == 4


def test_a_million_callers_do_not_fill_the_memory():
    limits = Limits(MovedClock(START), most=100)
    for number in range(1000):
        limits.take("x", str(number), Limit(1, 60))
    assert len(limits) == 100


# Addresses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("local", "local"),
    ],
)
def test_a_household_is_one_caller(address, same):
    assert network(address) == same


class _Transport:
    def __init__(self, peer):
        self._peer = peer

    def get_extra_info(self, name, default=None):
        return self._peer if name == "peername" else default


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), ("198.51.100.1", 1), "203.0.113.9", "198.51.100.1"),
        (("10.0.0.0/8",), ("198.51.100.1", 1), "203.0.113.9", "198.51.100.1"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "1.2.3.4, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), None, "10.1.2.3"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "10.4.4.4", "10.4.4.4"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "203.0.113.9, nonsense", "10.1.2.3"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "<script>", "10.1.2.3"),
        (("10.0.0.0/8",), ("10.1.2.3", 1), "[2001:db8::1]", "2001:db8::1"),
        (("::1",), ("::1", 1, 0, 0), "2001:db8::1", "2001:db8::1"),
        (("10.0.0.0/8",), ("::ffff:10.1.2.3", 1, 0, 0), "203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "", "203.0.113.9", "203.0.113.9"),
        ((), "", None, "local"),
    ],
)
def test_the_client_is_the_first_hop_that_is_no_proxy_of_ours(trusted, peer, forwarded, client):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    request = make_mocked_request("GET", "/", headers=headers, transport=_Transport(peer))
    assert addresses.client(request, addresses.networks(trusted)) == client


def test_a_proxy_that_is_no_address_stops_the_start():
    with pytest.raises(ValueError, match="caddy"):
        addresses.networks(["caddy"])


# Cursors --------------------------------------------------------------------------------------------------------------

_values = st.one_of(
    st.none(),
    st.text().filter(lambda text: "\x00" not in text).filter(lambda text: text.isprintable()),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.dictionaries(st.sampled_from(["moment", "id", "name"]), _values, min_size=1))
def test_a_cursor_comes_back_as_it_went(values):
    assert Cursor.read(Cursor(values).text, *values).values == values


@given(st.text(max_size=200))
def test_whatever_is_sent_as_a_cursor_is_one_or_is_refused(text):
    try:
        found = Cursor.read(text, "id")
    except Invalid as refused:
        assert refused.fields[0].field == "after"
    else:
        assert set(found.values) in (set(), {"id"})


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(Invalid):
        Cursor.read(Cursor.at(number=3).text, "moment", "id")


def test_cursors_hold_the_types_that_lists_are_ordered_by():
    values = {"a": UUID(int=1), "b": START, "c": date(2026, 4, 13), "d": "Ærfugl", "e": 3, "f": None}
    assert Cursor.read(Cursor(values).text).values == values


def test_the_last_page_has_no_next():
    page = Page[int].of([1, 2, 3], 3, lambda row: Cursor.at(id=row))
    assert (page.items, page.next) == ([1, 2, 3], None)
    page = Page[int].of([1, 2, 3, 4], 3, lambda row: Cursor.at(id=row))
    assert page.items == [1, 2, 3]
    assert Cursor.read(page.next, "id").value("id") == 3
    assert Page[int].of([], 3, lambda row: Cursor.at(id=row)).next is None
