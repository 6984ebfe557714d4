"""The picture of how costs grow."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

from benchmarks.plot import APART, TOP, drawn

SVG = "{http://www.w3.org/2000/svg}"


def test_each_line_is_drawn_from_its_values_and_named_at_its_end() -> None:
    picture = ElementTree.fromstring(
        drawn("Costs <grow>", "rows", "ms", (10, 100, 1000), {"flat & cheap": (1, 1, 1), "by a row": (1, 10, 100)})
    )
    flat, rising = (
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in picture.iter(f"{SVG}polyline")
    )
    assert len({y for _, y in flat}) == 1
    assert [x for x, _ in flat] == [x for x, _ in rising]
    # Ten times the cost is as far up as ten times the rows are to the right of it, each time.
    assert rising[0][1] - rising[1][1] == rising[1][1] - rising[2][1] > 0
    assert rising[2][1] == TOP
    assert {"flat & cheap", "by a row", "Costs <grow>"} <= {one.text for one in picture.iter(f"{SVG}text")}


def test_names_do_not_lie_on_each_other() -> None:
    same = {f"line {number}": (5.0, 5.0) for number in range(4)}
    picture = ElementTree.fromstring(drawn("t", "rows", "ms", (1, 10), same))
    heights = sorted(
        float(one.attrib["y"]) for one in picture.iter(f"{SVG}text") if (one.text or "").startswith("line ")
    )
    assert all(after - before >= APART for before, after in itertools.pairwise(heights))
