"""Processes that are measured: each with a core of its own, and asked over loopback by the process that measures."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from services.settings import Settings
from tests.ports import free_port

PATIENCE = 60.0
"""Seconds that a process may take until it answers."""
ROOT = Path(__file__).parent.parent


class ChildFailed(Exception):
    """A process ended before it answered, or did not answer in time. The message has the end of what it said."""


def environment(settings: Settings, port: int) -> dict[str, str]:
    """The settings as a process reads them."""
    given = settings.model_dump(include={"database", "nats", "smtp", "secrets", "state"})
    return {
        **{f"BLEST_{name.upper()}": str(value) for name, value in given.items()},
        "BLEST_TRUSTED_PROXIES": ",".join(settings.trusted_proxies),
        "BLEST_URL": f"http://127.0.0.1:{port}",
        "BLEST_PORT": str(port),
        "BLEST_ATTACK": "10000000",  # a benchmark is one, and no proof of work is to be measured
    }


@asynccontextmanager
async def child(
    *module: str, settings: Mapping[str, str], log: Path, folder: Path = ROOT
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m MODULE ARGUMENT...` until the block ends; what it writes goes to `log`, as it would to a journal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, cwd=folder, env={**os.environ, **settings}, stdout=file, stderr=file
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


@asynccontextmanager
async def listening(
    *module: str, settings: Mapping[str, str], port: int, log: Path, path: str = "/readyz"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The same, once it answers 200 at `path`. Raises `ChildFailed`."""
    async with child(*module, settings=settings, log=log) as process:
        await until_answered(process, port, path, log)
        yield process


async def until_answered(
    process: asyncio.subprocess.Process, port: int, path: str, log: Path, patience: float = PATIENCE
) -> None:
    """Wait until it answers 200. Raises `ChildFailed`."""
    async with aiohttp.ClientSession() as session:
        try:
            async with asyncio.timeout(patience):
                while process.returncode is None:
                    try:
                        async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                            if response.status == 200:
                                return
                    except aiohttp.ClientError:
                        pass
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pass
    raise ChildFailed(f"{log.name}: {log.read_text(errors='replace')[-2000:]}")


@asynccontextmanager
async def serving_process(
    settings: Settings, folder: Path, *services: str, one_by_one: bool = False
) -> AsyncIterator[tuple[int, int]]:
    """`blest serve SERVICE...` with everything it does in the background; its port and its process's id. `one_by_one`:
    the same code with a transaction per booking."""
    port = free_port()
    log = folder / f"serve-{port}.log"
    given = environment(settings, port) | ({"BENCH_ONE_BY_ONE": "1"} if one_by_one else {})
    async with listening("benchmarks.blest", "serve", *services, settings=given, port=port, log=log) as process:
        yield port, process.pid


@asynccontextmanager
async def serving(settings: Settings, folder: Path, *services: str, one_by_one: bool = False) -> AsyncIterator[int]:
    """The same; its port alone."""
    async with serving_process(settings, folder, *services, one_by_one=one_by_one) as (port, _):
        yield port


@asynccontextmanager
async def bare(folder: Path, page: Path | None = None) -> AsyncIterator[int]:
    """Bare aiohttp handlers (`benchmarks/bare.py`) in a process of their own; its port. `page`: a file whose bytes one
    of them answers."""
    port = free_port()
    given = {"BARE_PORT": str(port), "BARE_PAGE": str(page or "")}
    async with listening("benchmarks.bare", settings=given, port=port, log=folder / f"bare-{port}.log", path="/page"):
        yield port
