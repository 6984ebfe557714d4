"""The table of `make bench`: what holds and what does not, what is printed, what is written, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import load, table
from benchmarks.declared import BENCHMARKS
from benchmarks.rounds import Rounds, by_turns
from benchmarks.table import Benchmark, Line


async def nothing(_: Any) -> Rounds:
    return Rounds([1.0])


RATIO = Benchmark("ratio", "many of them", "/s", nothing, at_least=0.2, aim=0.35, baseline="a bare one")
CEILING = Benchmark("ceiling", "how long", "ms", nothing, at_least=50, aim=20, less_is_better=True)


@pytest.mark.parametrize(
    ("benchmark", "rounds", "verdict"),
    [
        (RATIO, Rounds([100, 300, 200], [1000, 1000, 1000]), "holds"),
        (RATIO, Rounds([400], [1000]), "reaches the aim"),
        (RATIO, Rounds([199], [1000]), "falls short"),
        (CEILING, Rounds([30, 49, 51]), "holds"),
        (CEILING, Rounds([20]), "reaches the aim"),
        (CEILING, Rounds([51]), "falls short"),
        (CEILING, None, "falls short"),
    ],
)
def test_a_figure_is_held_to_its_bound(benchmark: Benchmark, rounds: Rounds | None, verdict: str) -> None:
    line = Line(benchmark, rounds)
    assert line.verdict == verdict
    assert line.as_json()["holds"] is (verdict != "falls short")


def test_a_ratio_is_the_median_of_each_rounds_own() -> None:
    rounds = Rounds([10, 10, 90], [20, 40, 100])
    assert (rounds.value, rounds.baseline, rounds.ratio) == (10, 40, 0.5)


async def test_the_two_are_measured_by_turns() -> None:
    order: list[str] = []

    async def ours() -> float:
        order.append("ours")
        return 1.0

    async def theirs() -> float:
        order.append("theirs")
        return 2.0

    assert await by_turns(ours, theirs, rounds=2) == Rounds([1.0, 1.0], [2.0, 2.0])
    assert order == ["theirs", "ours"] * 3


def test_what_is_written_can_be_read_and_keeps_what_another_run_measured(folder: Path) -> None:
    path = folder / "kept" / "bench.json"
    table.write([Line(RATIO, Rounds([300], [1000]))], path)
    table.write([Line(CEILING, None, "it broke")], path)
    found = json.loads(path.read_text())
    assert sorted(found) == ["ceiling", "ratio"]
    assert {
        name: found["ratio"][name] for name in ("value", "unit", "baseline", "ratio", "at_least", "aim", "holds")
    } == {
        "value": 300,
        "unit": "/s",
        "baseline": 1000,
        "ratio": 0.3,
        "at_least": 0.2,
        "aim": 0.35,
        "holds": True,
    }
    assert (found["ceiling"]["holds"], found["ceiling"]["note"]) == (False, "it broke")


def test_the_table_names_what_falls_short() -> None:
    out = io.StringIO()
    lines = [Line(RATIO, Rounds([100, 120], [1000, 1000])), Line(CEILING, None, "it broke")]
    table.show(lines, Console(file=out, width=160))
    text = out.getvalue()
    assert "110 /s" in text and "0.11 (0.10 to 0.12)" in text and "falls short" in text
    assert "against a bare one" in text and "it broke" in text


async def test_what_breaks_is_a_line_of_the_table_and_not_the_end_of_it() -> None:
    async def breaks(_: Any) -> Rounds:
        raise AssertionError("more was given than there is")

    benchmark = Benchmark("broken", "what breaks", "/s", breaks)
    line = await command.take(benchmark, None, Console(file=io.StringIO()))  # type: ignore[arg-type]
    assert not line.holds and "more was given than there is" in line.failed


def test_an_unknown_name_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["redirect"]) == 2
    said = capsys.readouterr().out
    assert all(one.name in said for one in BENCHMARKS)


def test_every_figure_is_declared_once_and_held_to_something_or_says_why_not() -> None:
    names = [one.name for one in BENCHMARKS]
    assert len(names) == len(set(names))
    assert [one.name for one in BENCHMARKS if one.at_least is None] == ["cancellations"]
    aims = [one for one in BENCHMARKS if one.aim is not None and one.at_least is not None]
    assert all((one.aim < one.at_least) == one.less_is_better for one in aims)  # type: ignore[operator]


async def asked(status: int, expect: int) -> load.Load:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="said")

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server:
        assert server.port is not None
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        async with asyncio.timeout(5):
            return await load.drive(server.port, lambda: request, expect=expect, seconds=0.1, connections=4)


async def test_the_load_counts_answers() -> None:
    found = await asked(200, 200)
    assert len(found.seconds) >= 4
    assert 0 < found.percentile(0.5) <= found.percentile(0.99) <= found.lasted


async def test_the_load_breaks_off_at_an_answer_that_was_not_expected() -> None:
    with pytest.raises(load.WrongAnswer, match="500"):
        await asked(500, 200)
