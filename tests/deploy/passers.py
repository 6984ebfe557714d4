"""People who look at pages while an installation is changed beneath them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientSession, TCPConnector

from tests.deploy.front import Front
from tests.deploy.town import Town

PAGES = ("/nb", "/nb/events", "/nb/programmes", "/nb/my-booking", "/nb/login", "/api/v1/events", "/l/none", "/u/none")
"""One or more of each service, for anybody."""


class Passers:
    """People who look at pages all the while, each on connections that are kept open."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._enough = asyncio.Event()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.broken: list[str] = []

    async def look(self) -> None:
        async with ClientSession(self._front.url, connector=TCPConnector(ssl=self._front.trust)) as browser:
            while not self._enough.is_set():
                for page in PAGES:
                    try:
                        async with browser.get(page, allow_redirects=False) as answer:
                            await answer.read()
                            self.answers[page, answer.status] += 1
                    except ClientError as error:
                        self.broken.append(f"{page}: {error!r}")
                await asyncio.sleep(0.05)

    def leave(self) -> None:
        self._enough.set()

    @property
    def failed(self) -> dict[tuple[str, int], int]:
        """How often which page was answered by a failure of ours."""
        return {key: count for key, count in self.answers.items() if key[1] >= 500}


@asynccontextmanager
async def passing(front: Front) -> AsyncIterator[Passers]:
    """Two of them look while the block runs."""
    passers = Passers(front)
    looking = [asyncio.create_task(passers.look()) for _ in range(2)]
    try:
        yield passers
    finally:
        passers.leave()
        await asyncio.gather(*looking)


async def in_turn(town: Town) -> None:
    """Every process ends in order and comes back, one after the other: an upgrade."""
    for process in town.processes.values():
        assert await asyncio.to_thread(process.stop) == 0, process.log.read_text()[-2000:]
        await asyncio.to_thread(town.start, [process])
