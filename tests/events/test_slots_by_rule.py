"""Slots by rule: laid out by the wall clock, lasting real time, right across daylight saving."""

# ruff: noqa: DTZ001 — what a wall clock shows has no zone

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.refusal import Refusal
from events.domain.slots import MOST_SLOTS, SlotRule, Stretch, first_clash, moved_along, outside, slots_by_rule
from events.domain.zones import NoSuchTime, local_days, to_utc, to_wall

OSLO = "Europe/Oslo"
AUTUMN, SPRING = date(2026, 10, 25), date(2026, 3, 29)  # clocks go back at 03:00, forward at 02:00


def rule(
    day: date, opens: str, closes: str, minutes: int, pause: int = 0, *, until: date | None = None, desks: int = 1
) -> SlotRule:
    return SlotRule(
        day,
        until or day,
        time.fromisoformat(opens),
        time.fromisoformat(closes),
        timedelta(minutes=minutes),
        timedelta(minutes=pause),
        desks,
    )


def walls(made: list[Stretch], zone: str = OSLO) -> list[str]:
    return [to_wall(one.starts_at, zone).strftime("%H:%M") for one in made]


def test_it_lays_slots_end_to_end_and_leaves_out_what_does_not_fit() -> None:
    made = slots_by_rule(rule(date(2026, 6, 1), "10:00", "11:40", 30), OSLO)
    assert made == [
        Stretch(datetime(2026, 6, 1, 8, 0, tzinfo=UTC), datetime(2026, 6, 1, 8, 30, tzinfo=UTC)),
        Stretch(datetime(2026, 6, 1, 8, 30, tzinfo=UTC), datetime(2026, 6, 1, 9, 0, tzinfo=UTC)),
        Stretch(datetime(2026, 6, 1, 9, 0, tzinfo=UTC), datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
    ]


def test_a_pause_stands_after_each_slot_but_the_last_may_end_at_closing() -> None:
    assert walls(slots_by_rule(rule(date(2026, 6, 1), "10:00", "11:20", 20, 10), OSLO)) == ["10:00", "10:30", "11:00"]


def test_each_day_has_its_own_slots_and_each_table_its_own() -> None:
    made = slots_by_rule(rule(date(2026, 6, 1), "10:00", "11:00", 30, until=date(2026, 6, 2), desks=2), OSLO)
    assert [(to_wall(one.starts_at, OSLO).strftime("%d %H:%M"), one.desk) for one in made] == [
        ("01 10:00", 1), ("01 10:00", 2), ("01 10:30", 1), ("01 10:30", 2),
        ("02 10:00", 1), ("02 10:00", 2), ("02 10:30", 1), ("02 10:30", 2),
    ]  # fmt: skip


def test_the_night_that_clocks_go_back_holds_an_hour_more() -> None:
    made = slots_by_rule(rule(AUTUMN, "01:00", "04:00", 30), OSLO)
    assert walls(made) == ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
    assert made[-1].ends_at - made[0].starts_at == timedelta(hours=4)


def test_the_night_that_clocks_go_forward_holds_an_hour_less() -> None:
    made = slots_by_rule(rule(SPRING, "01:00", "04:00", 30), OSLO)
    assert walls(made) == ["01:00", "01:30", "03:00", "03:30"]
    assert made[-1].ends_at - made[0].starts_at == timedelta(hours=2)


def test_the_days_on_either_side_of_the_change_open_at_the_same_hour_on_the_wall() -> None:
    made = slots_by_rule(rule(date(2026, 10, 24), "10:00", "11:00", 60, until=date(2026, 10, 26)), OSLO)
    assert walls(made) == ["10:00"] * 3
    assert [one.starts_at.hour for one in made] == [8, 9, 9]


def test_midnight_closes_the_day_also_when_clocks_change() -> None:
    assert len(slots_by_rule(rule(AUTUMN, "00:00", "00:00", 60), OSLO)) == 25
    assert len(slots_by_rule(rule(SPRING, "00:00", "00:00", 60), OSLO)) == 23
    assert len(slots_by_rule(rule(date(2026, 6, 1), "00:00", "00:00", 60), OSLO)) == 24


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        (rule(SPRING, "02:30", "05:00", 30), "opens", "no-such-time"),
        (rule(SPRING, "01:00", "02:30", 30), "closes", "no-such-time"),
        (rule(date(2026, 6, 1), "12:00", "12:00", 30), "closes", "ends-before-it-begins"),
        (rule(date(2026, 6, 1), "12:00", "10:00", 30), "closes", "ends-before-it-begins"),
        (rule(date(2026, 6, 2), "10:00", "12:00", 30, until=date(2026, 6, 1)), "last_day", "ends-before-it-begins"),
        (rule(date(2026, 6, 1), "10:00", "10:20", 30), "length", "no-slots"),
        (rule(date(2026, 6, 1), "00:00", "00:00", 5, desks=20, until=date(2099, 6, 1)), "length", "too-many-slots"),
    ],
)
def test_it_refuses_a_rule_that_cannot_be_and_names_the_field(asked: SlotRule, field: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        slots_by_rule(asked, OSLO)
    assert (refused.value.field, refused.value.code) == (field, code)


PLACES = (OSLO, "Europe/Amsterdam", "America/New_York", "UTC", "Australia/Lord_Howe")
days = st.dates(date(2024, 1, 1), date(2028, 12, 31)) | st.sampled_from([AUTUMN, SPRING])
quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))


@given(
    days,
    quarters,
    quarters,
    st.integers(5, 180),
    st.integers(0, 60),
    st.integers(1, 3),
    st.sampled_from(PLACES),
)
def test_slots_of_any_rule_are_whole_apart_and_inside_their_window(
    day: date, opens: time, closes: time, minutes: int, pause: int, desks: int, zone: str
) -> None:
    asked = SlotRule(day, day, opens, closes, timedelta(minutes=minutes), timedelta(minutes=pause), desks)
    try:
        made = slots_by_rule(asked, zone)
    except Refusal as refused:
        assert refused.field in {"opens", "closes", "length"}
        return
    window = (
        to_utc(datetime.combine(day, opens), zone),
        to_utc(datetime.combine(day + timedelta(days=closes == time(0)), closes), zone),
    )
    assert 0 < len(made) <= MOST_SLOTS
    assert outside(made, *window) == []
    assert {one.ends_at - one.starts_at for one in made} == {asked.length}
    assert first_clash(made, []) is None
    first = [one for one in made if one.desk == 1]
    assert {later.starts_at - earlier.ends_at for earlier, later in pairwise(first)} <= {asked.pause}
    assert window[1] - first[-1].ends_at < asked.length + asked.pause
    assert [one.desk for one in made] == list(range(1, desks + 1)) * len(first)


stretches = st.lists(
    st.builds(
        lambda begin, length, desk: Stretch(
            datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=begin),
            datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=begin + length),
            desk,
        ),
        st.integers(0, 600), st.integers(1, 90), st.integers(1, 2),
    ),
    max_size=8,
)  # fmt: skip


@given(stretches)
def test_the_first_clash_is_found_exactly_where_two_overlap(wanted: list[Stretch]) -> None:
    overlap = any(one.overlaps(other) for number, one in enumerate(wanted) for other in wanted[number + 1 :])
    assert (first_clash(wanted, []) is not None) == overlap


def test_what_is_taken_already_does_not_clash_with_itself() -> None:
    at = datetime(2026, 6, 1, 8, tzinfo=UTC)
    taken = [Stretch(at, at + timedelta(hours=1)), Stretch(at, at + timedelta(hours=1), desk=2)]
    assert first_clash([Stretch(at + timedelta(hours=1), at + timedelta(hours=2))], taken) is None
    assert first_clash([Stretch(at, at + timedelta(hours=1), desk=3)], taken) is None
    assert first_clash([Stretch(at + timedelta(minutes=59), at + timedelta(hours=2), desk=2)], taken) is not None


def test_slots_keep_their_hour_on_the_wall_when_their_event_moves_across_the_change_of_clocks() -> None:
    october, november = datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 11, 7, 8, tzinfo=UTC)
    made = slots_by_rule(rule(date(2026, 10, 24), "10:00", "12:00", 30, until=AUTUMN), OSLO)
    moved = moved_along(made, zone=OSLO, start=october, to_zone=OSLO, to_start=november)
    assert walls(moved) == walls(made)
    assert [to_wall(one.starts_at, OSLO).date() for one in moved] == [date(2026, 11, 7)] * 4 + [date(2026, 11, 8)] * 4


def test_slots_follow_their_event_to_another_zone() -> None:
    start = datetime(2026, 6, 1, 7, tzinfo=UTC)
    made = slots_by_rule(rule(date(2026, 6, 1), "10:00", "11:00", 30), OSLO)
    moved = moved_along(made, zone=OSLO, start=start, to_zone="Europe/London", to_start=start + timedelta(hours=1))
    assert walls(moved, "Europe/London") == ["10:00", "10:30"]


@given(stretches, st.integers(-400, 400), st.integers(0, 23))
def test_moving_along_keeps_lengths_and_brings_no_two_of_a_day_together(
    made: list[Stretch], day: int, hour: int
) -> None:
    apart = [
        one
        for number, one in enumerate(made)
        if first_clash([one], made[:number]) is None and not any(one.overlaps(other) for other in made[:number])
    ]
    start = datetime(2026, 10, 24, 6, tzinfo=UTC)
    moved = moved_along(apart, zone=OSLO, start=start, to_zone=OSLO, to_start=start + timedelta(days=day, hours=hour))
    assert [one.ends_at - one.starts_at for one in moved] == [one.ends_at - one.starts_at for one in apart]
    if first_clash(apart, []) is None:
        assert first_clash(moved, []) is None


def test_a_time_that_never_comes_is_refused_and_one_that_comes_twice_is_the_first() -> None:
    with pytest.raises(NoSuchTime):
        to_utc(datetime(2026, 3, 29, 2, 30), OSLO)
    assert to_utc(datetime(2026, 10, 25, 2, 30), OSLO) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert to_utc(datetime(2026, 10, 25, 2, 30, fold=1), OSLO) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))
def test_every_moment_has_a_wall_time_and_the_first_of_its_wall_time_is_never_later(moment: datetime) -> None:
    wall = to_wall(moment, OSLO)
    assert moment - to_utc(wall, OSLO) in {timedelta(0), timedelta(hours=1)}


def test_an_event_until_midnight_takes_place_on_one_day() -> None:
    assert local_days(datetime(2026, 6, 1, 16, tzinfo=UTC), datetime(2026, 6, 1, 22, tzinfo=UTC), OSLO) == [
        datetime(2026, 6, 1)
    ]
    assert len(local_days(datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), OSLO)) == 2
