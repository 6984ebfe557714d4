"""When what is told: by day, not too late, and only what is still so."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain import GIVE_UP, LEAST_NOTICE, Kind, awake, remind_at, retry_at, still_true
from registrations.facts import BookingStatus

OSLO = "Europe/Oslo"
moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)).map(  # noqa: DTZ001
    lambda d: d.replace(tzinfo=UTC)
)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(OSLO)).astimezone(UTC)


@given(moments)
def test_nobody_is_written_to_at_night(moment: datetime) -> None:
    local = awake(moment, OSLO).astimezone(ZoneInfo(OSLO))
    assert time(8) <= local.time() < time(20)
    assert awake(moment, OSLO) <= moment


@given(moments, st.integers(0, 400))
def test_a_reminder_comes_by_day_before_the_start_and_never_in_the_past(now: datetime, hours: int) -> None:
    starts = now + timedelta(hours=hours)
    due = remind_at(starts, OSLO, now)
    if due is not None:
        assert now <= due <= starts - LEAST_NOTICE
        assert time(8) <= due.astimezone(ZoneInfo(OSLO)).time() < time(20)


@pytest.mark.parametrize(
    ("starts", "now", "due"),
    [
        ("2026-12-27T12:00", "2026-12-01T12:00", "2026-12-26T12:00"),
        ("2026-12-27T07:30", "2026-12-01T12:00", "2026-12-25T19:00"),
        ("2026-12-27T22:00", "2026-12-01T12:00", "2026-12-26T19:00"),
        ("2026-12-27T12:00", "2026-12-26T23:30", "2026-12-27T08:00"),
        ("2026-12-27T12:00", "2026-12-26T15:00", "2026-12-26T15:00"),
    ],
)
def test_a_reminder_is_a_day_before_or_as_soon_as_people_are_awake(starts: str, now: str, due: str) -> None:
    assert remind_at(oslo(starts), OSLO, oslo(now)) == oslo(due)


def test_a_reminder_just_before_the_start_is_left_out() -> None:
    assert remind_at(oslo("2026-12-27T10:00"), OSLO, oslo("2026-12-27T07:30")) is None


def test_a_reminder_follows_the_clock_on_the_wall_across_summer_time() -> None:
    # Clocks go back on 25 October 2026 at 03:00: the day before is 25 hours before.
    assert remind_at(oslo("2026-10-25T14:00"), OSLO, oslo("2026-10-01T12:00")) == oslo("2026-10-25T14:00") - timedelta(
        hours=24
    )


@pytest.mark.parametrize("status", list(BookingStatus))
def test_what_is_no_longer_so_is_not_sent(status: BookingStatus) -> None:
    told = {kind for kind in Kind if kind is not Kind.INTEREST and still_true(kind, status)}
    assert (Kind.CONFIRMED in told) == (status in {BookingStatus.CONFIRMED, BookingStatus.ATTENDED})
    assert (Kind.CANCELLED in told) == (status is BookingStatus.CANCELLED)
    assert (Kind.REMINDER in told) == (status is BookingStatus.CONFIRMED)


def test_a_vain_try_is_repeated_ever_later_and_given_up_after_three_days() -> None:
    planned = datetime(2026, 5, 1, tzinfo=UTC)
    waits = [(retry_at(number, planned, planned) or planned) - planned for number in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert retry_at(9, planned, planned + GIVE_UP + timedelta(seconds=1)) is None
