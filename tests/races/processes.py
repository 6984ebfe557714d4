"""Two processes of registrations before one database, as they stand behind a proxy that says who calls.

Each is `blest serve registrations` with a port, a connection pool and batches of its own; what is between them is the
database, and NATS.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from aiohttp import ClientError, ClientSession

from services.chassis import CHASSIS
from services.embedded.nats import ADMIN, EmbeddedNats
from services.keys import Keys
from services.registry import installed
from tests.faults.nursery import born
from tests.ports import free_port
from tests.servers import Where

STARTS_WITHIN = 60.0
"""Seconds, on a machine with much else to do."""


@asynccontextmanager
async def two_processes(
    where: Where, database: str, folder: Path, altered: Callable[[], None] | None = None
) -> AsyncIterator[tuple[str, str]]:
    """Their web addresses, while both are ready; killed at the end. `altered` is called in each before it starts."""
    keys = Keys(where.secrets)
    users = [*(service.name for service in (CHASSIS, *installed())), ADMIN]
    nats = EmbeddedNats(folder, {user: keys.secret(f"nats/{user}") for user in users})
    children: list[ForkServerProcess] = []
    try:
        await nats.start()
        ports = (free_port(), free_port())
        for port in ports:
            environment = {
                "BLEST_PORT": str(port),
                "BLEST_DATABASE": database,
                "BLEST_NATS": nats.url,
                "BLEST_SECRETS": str(where.secrets),
                "BLEST_STATE": str(folder / f"state-{port}"),
                "BLEST_TRUSTED_PROXIES": "127.0.0.1",
                "BLEST_ATTACK": "1000000",
            }
            log = folder / f"{port}.log"
            children.append(await asyncio.to_thread(born, ("registrations",), environment, log, None, altered))
        first, second = (f"http://127.0.0.1:{port}" for port in ports)
        await asyncio.gather(_ready(first), _ready(second))
        yield first, second
    finally:
        for child in children:
            child.kill()
            await asyncio.to_thread(child.join)
        for log in folder.glob("*.log"):
            troubles = [line for line in log.read_text().splitlines() if '"event":"request"' not in line]
            print(*troubles[-40:], sep="\n")  # shown where the test failed
        await nats.stop()


async def _ready(address: str) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(STARTS_WITHIN), ClientSession() as session:
        while True:
            try:
                async with session.get(f"{address}/readyz") as answer:
                    if answer.status == 200:
                        return
            except (ClientError, OSError):
                pass
            await asyncio.sleep(0.05)
