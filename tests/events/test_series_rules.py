"""Several dates by rule, without a database: what a wall clock shows on each of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.refusal import Refusal
from events.domain.series import MOST_DATES, Every, SeriesRule, dates_by_rule
from events.domain.series_inputs import SeriesInput
from events.domain.zones import to_wall

OSLO = "Europe/Oslo"
NEW_YEAR = datetime.fromisoformat("2026-01-01")


def days(every: Every, first: str, **end: Any) -> list[str]:
    rule = SeriesRule(datetime.fromisoformat(first), every, **end)
    return [one.isoformat(timespec="minutes") for one in dates_by_rule(rule)]


def refused(**given: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        SeriesInput(**given).moments(OSLO)
    return caught.value.code, caught.value.field


def test_every_week_until_a_day_takes_that_day_along() -> None:
    assert days(Every.WEEK, "2026-10-17T10:00", until=date(2026, 10, 31)) == [
        "2026-10-17T10:00",
        "2026-10-24T10:00",
        "2026-10-31T10:00",
    ]


def test_every_second_week_so_many_times() -> None:
    assert days(Every.TWO_WEEKS, "2026-12-19T18:30", times=3) == [
        "2026-12-19T18:30",
        "2027-01-02T18:30",
        "2027-01-16T18:30",
    ]


def test_every_month_leaves_out_those_without_the_day() -> None:
    assert days(Every.MONTH, "2027-01-31T10:00", times=3) == [
        "2027-01-31T10:00",
        "2027-03-31T10:00",
        "2027-05-31T10:00",
    ]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-09-12T10:00", ["2026-09-12", "2026-10-10", "2026-11-14"]),  # the second Saturday
        ("2026-08-29T10:00", ["2026-08-29", "2026-09-26", "2026-10-31"]),  # the fifth, so the last
    ],
)
def test_every_month_on_the_same_weekday(first: str, expected: list[str]) -> None:
    assert [one[:10] for one in days(Every.MONTH_BY_WEEKDAY, first, times=3)] == expected


@given(
    first=st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    every=st.sampled_from(Every),
    times=st.integers(1, MOST_DATES),
)
def test_so_many_times_are_so_many_dates_at_one_time_of_day(first: datetime, every: Every, times: int) -> None:
    made = dates_by_rule(SeriesRule(first, every, times=times))
    assert made[0] == first and made == sorted(set(made)) and len(made) == times
    assert {one.time() for one in made} == {first.time()}
    if every is not Every.MONTH:
        assert {one.weekday() for one in made} == {first.weekday()}


def test_the_wall_clock_shows_the_same_time_when_clocks_have_changed() -> None:
    moments = SeriesInput(starts_at="2026-10-24T10:00", every="week", times=2).moments(OSLO)
    assert [one.isoformat() for one in moments] == ["2026-10-24T08:00:00+00:00", "2026-10-31T09:00:00+00:00"]
    assert [to_wall(one, OSLO).hour for one in moments] == [10, 10]


def test_a_date_written_with_an_offset_is_that_moment_and_the_rule_goes_on_by_the_wall_clock() -> None:
    again = SeriesInput(starts_at="2026-10-25T02:30+01:00", every="week", times=2).moments(OSLO)
    assert [one.isoformat() for one in again] == ["2026-10-25T01:30:00+00:00", "2026-11-01T01:30:00+00:00"]


def test_a_list_and_a_rule_together_hold_each_date_once_in_order() -> None:
    given = SeriesInput(
        starts_at="2026-06-06T10:00", every="week", times=2, dates=("2026-06-13T10:00", "2026-05-01T12:00")
    )
    assert [to_wall(one, OSLO).isoformat()[:16] for one in given.moments(OSLO)] == [
        "2026-05-01T12:00",
        "2026-06-06T10:00",
        "2026-06-13T10:00",
    ]


def test_what_cannot_be_is_refused_at_its_field() -> None:
    start: dict[str, Any] = {"starts_at": "2026-06-06T10:00", "every": "week"}
    assert refused() == ("no-dates", "starts_at")
    assert refused(every="week", times=3) == ("no-first-date", "starts_at")
    assert refused(starts_at="2026-06-06T10:00", times=3) == ("no-rule", "every")
    assert refused(**start) == ("no-end", "times")
    assert refused(**start, times=3, until="2026-07-01") == ("no-end", "times")
    assert refused(**start, until="2026-06-05") == ("ends-before-it-begins", "until")
    assert refused(**start, until="2028-06-05") == ("too-many-dates", "until")
    assert refused(**start, times=52, dates=("2026-06-07T10:00",)) == ("too-many-dates", "times")
    # The night of 29 March 2026 has no half past two.
    assert refused(starts_at="2026-03-22T02:30", every="week", times=2) == ("no-such-time", "starts_at")
    assert refused(dates=("2026-03-29T02:30",)) == ("no-such-time", "dates")
