"""`blest demo` in a checkout: alone with its data, and anew after a year that was cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner

from services import demo
from services.cli.home import Home
from services.cli.main import blest
from services.embedded.postgres import EmbeddedPostgres
from tests.setup.test_run import House, house

__all__ = ["house"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the test's own, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name in ("BLEST_DATABASE", "BLEST_NATS"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path


async def marked(folder: Path, statement: str) -> Any:
    server = EmbeddedPostgres(folder / ".blest")
    assert server.attach()
    connection = await asyncpg.connect(**{**server.admin_login(), "database": "blest"})
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_it_plays_nothing_while_blest_runs_from_the_folder(here: Path) -> None:
    home = Home.here()
    (home.folder / "postgres").mkdir(parents=True)
    with home.taken("http://127.0.0.1:8080"):
        done = CliRunner().invoke(blest, ["demo"])
    assert done.exit_code == 1
    assert "already runs from this folder at http://127.0.0.1:8080" in done.output
    assert not (home.folder / "demo").exists()


def test_a_year_that_was_cut_short_is_played_anew_from_nothing(
    here: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start()
    house.end(signal.SIGTERM)

    async def cut_short(*given: Any) -> int:
        await marked(here, "CREATE TABLE public.mark (i int)")
        raise RuntimeError("the lights went out in March")

    async def whole(*given: Any) -> int:
        assert not await marked(here, "SELECT to_regclass('public.mark') IS NOT NULL"), "half a year is still there"
        return 7

    monkeypatch.setattr(demo, "play", cut_short)
    assert CliRunner().invoke(blest, ["demo"]).exit_code == 1
    assert (here / ".blest/demo").read_text() == "playing"
    monkeypatch.setattr(demo, "play", whole)
    done = CliRunner().invoke(blest, ["demo"])
    assert (done.exit_code, "7 facts told" in done.output) == (0, True), done.output
    assert (here / ".blest/demo").read_text() == "played"
