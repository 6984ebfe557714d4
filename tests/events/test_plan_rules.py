"""The rules of a hall's plan without a database: what takes the same floor, what lies outside, how rows are set up."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.domain.arranging import arrange
from events.domain.plan import Ground, Hall, Placed, Spot, first_overlap, refuse_misplaced
from events.domain.plan_inputs import PlanInput, SpotInput
from events.domain.refusal import Refusal

STAND = Ground()
HALL = Hall(20, 12)


def spot(x: float, y: float, width: float = 3, depth: float = 2, turned: bool = False) -> Spot:
    return Spot(x=x, y=y, width=width, depth=depth, turned=turned)


def placed(**spots: Spot) -> list[Placed]:
    return [Placed(name, f"stands.{name}.x", one) for name, one in spots.items()]


steps = st.integers(0, 30).map(lambda n: n / 2)
lengths = st.integers(1, 12).map(lambda n: n / 2)
spots = st.builds(spot, steps, steps, lengths, lengths, st.booleans())
grounds = st.builds(
    lambda width, depth, turned: Ground(width=width, depth=depth, turned=turned), lengths, lengths, st.booleans()
)
halls = st.builds(Hall, st.integers(4, 60).map(lambda n: n / 2), st.integers(4, 60).map(lambda n: n / 2))


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (spot(0, 0), True),
        (spot(2.5, 1.5), True),
        (spot(1, 0.5, 0.5, 0.5), True),
        (spot(3, 0), False),
        (spot(0, 2), False),
        (spot(3, 2), False),
        (spot(2, 0, 3, 1, turned=True), True),
        (spot(2, 2, turned=True), False),
    ],
    ids=["the same", "a corner", "within", "beside", "below", "at a corner", "turned", "turned below"],
)
def test_two_stands_may_touch_and_no_more(other: Spot, overlaps: bool) -> None:
    assert spot(0, 0).overlaps(other) is other.overlaps(spot(0, 0)) is overlaps


def test_a_turned_stand_takes_its_width_downwards() -> None:
    assert (spot(0, 0, 3, 2, turned=True).right, spot(0, 0, 3, 2, turned=True).bottom) == (2, 3)


@given(st.lists(spots, max_size=8))
def test_an_overlap_is_found_wherever_there_is_one(those: list[Spot]) -> None:
    found = first_overlap(list(enumerate(those)))
    if found is None:
        assert not any(one.overlaps(other) for one, other in combinations(those, 2))
    else:
        assert found[0] != found[1] and those[found[0]].overlaps(those[found[1]])


def test_of_two_in_each_other_s_place_both_are_named() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_misplaced(HALL, placed(Ytterhav=spot(0, 0), Storskjær=spot(2.5, 0), Djupevik=spot(10, 0)))
    assert (refused.value.code, refused.value.field) == ("overlap", "stands.Storskjær.x")
    assert refused.value.values == {"stand": "Ytterhav", "other": "Storskjær"}


@pytest.mark.parametrize("x,y", [(17.5, 0), (0, 10.5), (200, 200)], ids=["right", "below", "far"])
def test_a_stand_outside_the_hall_is_named(x: float, y: float) -> None:
    refuse_misplaced(HALL, placed(Ytterhav=spot(17, 10)))
    with pytest.raises(Refusal) as refused:
        refuse_misplaced(HALL, placed(Djupevik=spot(0, 0), Ytterhav=spot(x, y)))
    assert (refused.value.code, refused.value.field) == ("outside-hall", "stands.Ytterhav.x")
    assert refused.value.values == {"stand": "Ytterhav", "width": "20", "depth": "12"}


def test_in_an_empty_hall_stands_are_set_up_in_rows_with_room_to_walk() -> None:
    found = arrange(HALL, [], [STAND] * 6)
    assert [(one.x, one.y) for one in found if one] == [(1, 1), (5, 1), (9, 1), (13, 1), (1, 5), (5, 5)]


def test_those_who_have_a_place_keep_it_and_the_others_stand_around_them() -> None:
    found = arrange(HALL, [spot(5, 1), spot(0, 5, 20, 1)], [STAND, STAND, STAND])
    assert [(one.x, one.y) for one in found if one] == [(1, 1), (9, 1), (13, 1)]


def test_where_room_is_scarce_they_stand_closer() -> None:
    assert [(one.x, one.y) for one in arrange(Hall(6, 4), [], [STAND] * 4) if one] == [(0, 0), (3, 0), (0, 2), (3, 2)]


def test_what_fits_nowhere_keeps_nobody_else_from_a_place() -> None:
    large, small = Ground(width=30, depth=2), STAND
    assert [one is None for one in arrange(HALL, [], [large, small, large, small])] == [True, False, True, False]


@given(halls, st.lists(spots, max_size=6), st.lists(grounds, max_size=8))
def test_whoever_is_set_up_stands_inside_and_in_nobody_s_place(
    hall: Hall, those: list[Spot], waiting: list[Ground]
) -> None:
    found = arrange(hall, those, waiting)
    assert len(found) == len(waiting)
    made = [one for one in found if one is not None]
    assert all(one.is_inside(hall) for one in made)
    assert not any(one.overlaps(other) for one in made for other in those)
    assert first_overlap(list(enumerate(made))) is None
    assert all(
        one is None or (one.width, one.depth, one.turned) == (ground.width, ground.depth, ground.turned)
        for one, ground in zip(found, waiting, strict=True)
    )


@given(st.integers(1, 12), st.integers(1, 12))
def test_as_many_as_stand_wall_to_wall_find_a_place(across: int, down: int) -> None:
    hall = Hall(across * STAND.width, down * STAND.depth)
    assert None not in arrange(hall, [], [STAND] * (across * down))


@pytest.mark.parametrize(
    "change",
    [
        {"x": 0.3, "y": 0}, {"x": -0.5, "y": 0}, {"x": 200.5, "y": 0}, {"x": "nan", "y": 0}, {"x": 1}, {"y": 1},
        {"width": 0}, {"width": 50.5}, {"depth": 0.75}, {"turned": "sideways"}, {"z": 1},
    ],
    ids=str,
)  # fmt: skip
def test_it_refuses_a_spot_with_bad_fields(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SpotInput.model_validate({"stand_id": UUID(int=1), **change})


def test_a_stand_has_one_place_and_a_hall_has_walls() -> None:
    twice = [{"stand_id": UUID(int=1)}, {"stand_id": UUID(int=1)}]
    for bad in ({"stands": twice}, {"hall_width": 1.5}, {"hall_depth": 200.5}, {"hall_width": 10.2}):
        with pytest.raises(ValidationError):
            PlanInput.model_validate(bad)
