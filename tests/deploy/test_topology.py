"""Five services in two processes each, behind Caddy: the story passes, whatever process is away."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from services.embedded.mailbox import Mailbox
from tests.deploy.passers import in_turn, passing
from tests.deploy.processes import Process, wait_until
from tests.deploy.story import live_through
from tests.deploy.town import Town

pytestmark = [pytest.mark.all, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Standing for all tests of this file."""
    folder = Path(tempfile.mkdtemp(prefix="blest-town-"))
    made = Town(folder)
    try:
        made.build(Mailbox(folder).address)
        made.start(made.processes.values())
        made.front.start(made.pairs())
        yield made
    finally:
        made.raze()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def mailbox(town: Town) -> AsyncIterator[Mailbox]:
    made = Mailbox(town.folder)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(autouse=True)
def whole(town: Town) -> None:
    """Every process is there when a test begins, whatever became of the one before."""
    town.start(one for one in town.processes.values() if not one.running)


async def test_the_story_passes_through_caddy(town: Town, mailbox: Mailbox) -> None:
    await live_through(town.settings(), town.front, mailbox, "rolig")


async def test_the_story_passes_while_one_process_after_the_other_is_started_anew(town: Town, mailbox: Mailbox) -> None:
    async with passing(town.front) as passers:
        upgrade = asyncio.create_task(in_turn(town))
        number = 0
        try:
            while not upgrade.done():
                number += 1
                await live_through(town.settings(), town.front, mailbox, f"skifte-{number}")
        finally:
            await upgrade
    assert passers.broken == []
    assert sum(passers.answers.values()) > 200
    assert passers.failed == {}


@pytest.mark.parametrize(("away", "how"), [(0, signal.SIGTERM), (1, signal.SIGKILL)])
async def test_the_story_passes_with_either_process_of_each_pair_away(
    town: Town, mailbox: Mailbox, away: int, how: signal.Signals
) -> None:
    gone: list[Process] = [pair[away] for pair in town.pairs().values()]
    for one in gone:
        one.send(how)
    for one in gone:
        await asyncio.to_thread(one.wait)
    await live_through(town.settings(), town.front, mailbox, f"halv-{away}")
    await asyncio.to_thread(town.start, gone)


async def test_figures_and_what_is_inside_are_not_told_to_the_outside(town: Town) -> None:
    async with ClientSession(town.front.url, connector=TCPConnector(ssl=town.front.trust)) as browser:
        async with browser.get("/metrics") as answer:
            assert answer.status == 404
        async with browser.get("/readyz") as answer:
            assert set(await answer.json()) == {"ready", "stopping"}
        async with browser.get("/nb") as answer:
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            assert "Server" not in answer.headers and "Via" not in answer.headers


async def test_too_much_is_refused_before_a_service_reads_it(town: Town) -> None:
    async with (
        ClientSession(town.front.url, connector=TCPConnector(ssl=town.front.trust)) as browser,
        browser.post("/nb/register/messe", data=b"x" * 1_000_000) as answer,
    ):
        assert answer.status == 413


async def test_while_a_whole_service_is_away_its_pages_say_so_and_the_others_work(town: Town) -> None:
    pair = town.pairs()["notifications"]
    for one in pair:
        one.send(signal.SIGTERM)
    for one in pair:
        await asyncio.to_thread(one.wait)
    async with ClientSession(town.front.url, connector=TCPConnector(ssl=town.front.trust)) as browser:
        async with browser.get("/nb/preferences/none") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
            assert "Siden kan ikke vises akkurat nå" in await answer.text()
        async with browser.get("/nb/events") as answer:
            assert answer.status == 200
    await asyncio.to_thread(town.start, pair)
    wait_until(lambda: all(one.ready() for one in pair), 10, "they are back")
