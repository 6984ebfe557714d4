"""When an event is asked for more than visitors would, and what a browser then has to show. Without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from registrations.domain.proof import EASIEST, HARDEST, PIECES, Challenge, bits, numbers, solve, solves
from registrations.domain.rush import CALM_AFTER, Rush

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIMIT = 100


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def steady(rush: Rush, pace: float, begin: float, seconds: int) -> Rush:
    """Attempts at so many a minute, one after the other."""
    for number in range(int(pace * seconds / 60)):
        rush = rush.after(1, at(begin + number * 60 / pace), LIMIT)
    return rush


def test_as_many_as_the_limit_are_no_rush_and_one_more_is() -> None:
    calm = Rush(NOON).after(LIMIT, NOON, LIMIT)
    assert not calm.is_up(NOON) and calm.strength(NOON, LIMIT) == 0
    assert calm.after(1, at(59), LIMIT).is_up(at(59))


def test_a_full_hall_over_an_evening_is_no_rush() -> None:
    rush = steady(Rush(NOON), LIMIT * 0.9, 0, 1800)
    assert rush.raised_at is None


def test_a_minute_is_any_minute_and_not_the_clocks() -> None:
    rush = Rush(NOON).after(80, at(59), LIMIT)
    assert rush.after(80, at(61), LIMIT).is_up(at(61)), "160 within two seconds"
    assert not rush.after(80, at(119), LIMIT).is_up(at(119))


def test_what_swings_about_the_limit_keeps_it_up_and_calm_ends_it_ten_minutes_later() -> None:
    rush = steady(Rush(NOON), LIMIT * 1.2, 0, 120)
    raised = rush.raised_at
    assert raised is not None
    rush = steady(rush, LIMIT * 0.6, 120, 900)
    assert rush.is_up(at(1020)) and rush.raised_at == raised
    rush = steady(rush, LIMIT * 0.3, 1020, 600)
    assert rush.busy_at is not None and rush.busy_at < at(1080)
    assert rush.is_up(rush.busy_at + CALM_AFTER - timedelta(seconds=1))
    assert not rush.is_up(rush.busy_at + CALM_AFTER), "decided by reading: nobody need come by"
    assert steady(rush, 6, 1700, 20).raised_at is None


def test_it_grows_with_each_doubling_and_never_beyond_what_a_phone_does_in_two_seconds() -> None:
    found = [bits(Rush(NOON).after(LIMIT * times, NOON, LIMIT).strength(NOON, LIMIT)) for times in (1.01, 2, 4, 8, 900)]  # type: ignore[arg-type]
    assert found == [EASIEST, EASIEST + 1, EASIEST + 2, HARDEST, HARDEST]
    assert PIECES * 2**HARDEST <= 300_000 * 2


def test_a_clock_that_is_behind_neither_loses_nor_makes_a_rush() -> None:
    rush = Rush(NOON).after(90, NOON, LIMIT)
    behind = rush.after(5, at(-30), LIMIT)
    assert behind.attempts == 95 and not behind.is_up(at(-30))


CHALLENGE = Challenge("event:0190a000-0000-7000-8000-000000000001", at(1800), 4, "0f" * 16)


def test_a_challenge_is_read_as_it_was_written() -> None:
    assert Challenge.read(str(CHALLENGE)) == CHALLENGE


@pytest.mark.parametrize("text", ["", "event:1.2.3.4", str(CHALLENGE) + "0", "x" * 5000, str(CHALLENGE).upper()])
def test_anything_else_is_no_challenge(text: str) -> None:
    assert Challenge.read(text) is None


def test_only_what_solves_every_piece_is_a_proof() -> None:
    found = solve(str(CHALLENGE), 4)
    assert solves(str(CHALLENGE), 4, found)
    other = str(Challenge(CHALLENGE.subject, CHALLENGE.ends_at, 4, "1f" * 16))
    assert not solves(other, 4, found), "the numbers of one challenge are worth nothing for the next"
    assert not solves(str(CHALLENGE), 32, found)
    assert not solves(str(CHALLENGE), 4, found[1:])
    wrong = next(n for n in range(1000) if not solves(str(CHALLENGE), 4, [n, *found[1:]]))
    assert not solves(str(CHALLENGE), 4, [wrong, *found[1:]])


@pytest.mark.parametrize("text", ["", "1,2", ",".join(["x"] * 16), ",".join(["4294967296"] * 16), "-1" + ",1" * 15])
def test_what_is_no_row_of_numbers_is_none(text: str) -> None:
    assert numbers(text) == ()


def test_a_row_of_numbers_is_read() -> None:
    assert numbers(",".join(map(str, range(16)))) == tuple(range(16))
