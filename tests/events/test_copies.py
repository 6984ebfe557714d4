"""What an event brings along to another time: when it ends, and when it may be booked, by its own wall clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.copying import end_of_copy, registration_of_copy
from events.domain.state import Event
from events.domain.zones import to_utc_or_later
from tests.events.conftest import Person, Village, described, published
from tests.events.test_rules import PUBLIC

WINDOW = {"registration_opens_at": "2026-05-02T09:00", "registration_closes_at": "2026-06-04T20:00"}
"""Five weeks before the Saturday at nine, until the Thursday before it at eight in the evening."""
MOMENTS = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-12-31"))
ZONES = ("Europe/Oslo", "Australia/Lord_Howe", "UTC")


def window_of(shown: dict[str, Any]) -> tuple[str, str]:
    return shown["registration_opens_at"], shown["registration_closes_at"]


async def test_a_copy_opens_and_closes_as_many_days_before_as_the_first_one(
    village: Village, organiser: Person
) -> None:
    """The first one is in summer time throughout; between the copy's opening and its day, clocks go back."""
    event, _, _ = await published(organiser, **WINDOW)
    path = f"events/{event['event_id']}/copies"
    copy = await organiser.asked("POST", path, {"starts_at": "2026-11-07T10:00"}, 201)
    assert window_of(copy) == ("2026-10-03T07:00:00Z", "2026-11-05T19:00:00Z")


async def test_each_date_of_a_series_has_a_window_of_its_own(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser, **WINDOW)
    body = {"starts_at": "2026-10-17T10:00", "every": "week", "times": 3}
    made = await organiser.asked("POST", f"events/{event['event_id']}/series", body, 201)
    shown = [await organiser.asked("GET", f"events/{one['event_id']}") for one in made["events"]]
    assert [window_of(one) for one in shown] == [
        ("2026-09-12T07:00:00Z", "2026-10-15T18:00:00Z"),
        ("2026-09-19T07:00:00Z", "2026-10-22T18:00:00Z"),
        ("2026-09-26T07:00:00Z", "2026-10-29T19:00:00Z"),
    ]
    told = {one["event_id"]: one for _, _, one in await village.outbox() if one.get("copied_from")}
    assert {window_of(one) for one in told.values()} == {window_of(one) for one in shown}


async def test_an_event_without_a_window_has_copies_without_one(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    copy = await organiser.asked("POST", f"events/{event['event_id']}/copies", {"starts_at": "2026-11-07T10:00"}, 201)
    assert window_of(copy) == (None, None)


async def test_a_date_on_which_registration_would_be_over_already_says_so_and_is_not_published(
    village: Village, organiser: Person
) -> None:
    """Two days ahead, of an event that closes three days before it begins: made as a draft, it can be given time."""
    event = await organiser.asked(
        "POST", "events", described(registration_closes_at="2026-06-03T10:00", capacity=10), 201
    )
    soon = village.clock.now() + timedelta(days=2)
    dates = {"dates": [f"{soon + timedelta(days=days):%Y-%m-%dT%H:%M}:00Z" for days in (0, 30)]}
    path = f"events/{event['event_id']}/series"
    shown = await organiser.asked("POST", path, dates, preview="true")
    assert [one["closed"] for one in shown["planned"]] == [True, False]
    page = await (await organiser.send(f"/nb/console/blest/{path}", {"dates": dates["dates"]})).text()
    assert page.count("Påmeldingen ville være over allerede") == 1
    refused = await organiser.api("POST", path, {**dates, "publish": True})
    assert refused.status == 409
    assert [one["field"] for one in (await refused.json())["errors"]] == ["registration_closes_at"]
    assert len((await organiser.asked("POST", path, dates, 201))["events"]) == 2


@pytest.mark.parametrize(
    ("opens", "closes", "to", "expected"),
    [
        # Half past two does not come that night: an hour later, and a minute stays between the two.
        ("2026-03-21T02:30", "2026-03-21T03:10", "2026-04-05T10:00", ("2026-03-29T01:30", "2026-03-29T02:10")),
        # What was in the hour that comes twice is in its first turn.
        ("2026-06-05T02:30", None, "2026-10-26T10:00", ("2026-10-25T00:30", None)),
        (None, "2026-06-06T10:00", "2026-12-05T18:00", (None, "2026-12-05T17:00")),
    ],
)
def test_clocks_that_change_between_leave_a_window_open(
    opens: str | None, closes: str | None, to: str, expected: tuple[str | None, str | None]
) -> None:
    zone = "Europe/Oslo"
    old = replace(
        PUBLIC,
        time_zone=zone,
        starts_at=_moment("2026-03-28T10:00" if opens and opens < "2026-04" else "2026-06-06T10:00", zone),
        ends_at=_moment("2026-06-06T16:00", zone),
        registration_opens_at=opens and _moment(opens, zone),
        registration_closes_at=closes and _moment(closes, zone),
    )
    starts_at = _moment(to, zone)
    found = registration_of_copy(old, starts_at, end_of_copy(old, starts_at))
    assert tuple(one and f"{one:%Y-%m-%dT%H:%M}" for one in found) == expected


def _moment(wall: str, zone: str) -> datetime:
    return to_utc_or_later(datetime.fromisoformat(wall), zone)


@given(
    st.sampled_from(ZONES),
    MOMENTS,
    MOMENTS,
    st.integers(1, 60 * 48),
    st.integers(-60 * 24 * 60, 60 * 48),
    st.integers(1, 60 * 24 * 60),
)
def test_whenever_it_is_copied_registration_closes_after_it_opens_and_before_the_end(
    zone: str, first: datetime, then: datetime, lasts: int, before: int, open_for: int
) -> None:
    """Minutes all: how long it lasts, when registration opens from the start on, how long it is open then."""
    start = to_utc_or_later(first.replace(second=0, microsecond=0), zone)
    end = start + timedelta(minutes=lasts)
    opens = start + timedelta(minutes=before)
    closes = min(opens + timedelta(minutes=open_for), end)
    if opens >= closes:
        return
    old = replace(
        PUBLIC,
        time_zone=zone,
        starts_at=start,
        ends_at=end,
        registration_opens_at=opens,
        registration_closes_at=closes,
    )
    starts_at = to_utc_or_later(then.replace(second=0, microsecond=0), zone)
    ends_at = end_of_copy(old, starts_at)
    there = registration_of_copy(old, starts_at, ends_at)
    assert there[0] is not None and there[1] is not None and there[0] < there[1] <= ends_at


def test_without_a_change_of_clocks_the_distance_is_the_same_to_the_minute() -> None:
    old: Event = replace(
        PUBLIC, registration_opens_at=PUBLIC.starts_at - timedelta(days=9), registration_closes_at=PUBLIC.ends_at
    )
    starts_at = PUBLIC.starts_at + timedelta(days=7)
    ends_at = end_of_copy(old, starts_at)
    assert registration_of_copy(old, starts_at, ends_at) == (starts_at - timedelta(days=9), ends_at)
