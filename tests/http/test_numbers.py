"""A number that a stranger wrote is one within bounds, or none; it never breaks anything."""

from __future__ import annotations

import pytest

from services.http.numbers import number_below

GOOD = {"0": 0, "07": 7, "99": 99}
BAD = ("", "100", "101", "0001", "9" * 5000, "-1", "+1", "1.0", " 1", "1_0", "x", "²", "٣")


@pytest.mark.parametrize(("text", "number"), [*GOOD.items(), *((text, None) for text in BAD)])
def test_a_number_is_one_within_its_bound_or_none(text: str, number: int | None) -> None:
    assert number_below(100, text) == number
