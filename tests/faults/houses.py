"""The service processes of the house under test: started, killed, frozen, asked to end; and started again when they
end by themselves, as any supervisor would."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.faults.nursery import Haste, born
from tests.ports import free_port

STARTS_WITHIN = 180.0
"""Seconds, on a machine with much else to do."""
ENDS_WITHIN = 15.0
TOPOLOGY = {
    "desk": ("programmes", "events"),
    "registrations-1": ("registrations",),
    "registrations-2": ("registrations",),
    "campaigns-1": ("campaigns",),
    "campaigns-2": ("campaigns",),
    "notifications-1": ("notifications",),
    "notifications-2": ("notifications",),
}
"""A pair wherever a leader is chosen, a consumer is shared or requests are balanced."""


class Process:
    """One place in the topology, whichever process fills it now."""

    def __init__(self, name: str, services: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.services, self.log = name, services, log
        self.port = free_port()
        self.busy = asyncio.Lock()
        """Held by whatever is done to it."""
        self.fell: list[int] = []
        """Exit codes of processes that ended by themselves."""
        self._environment = {**environment, "BLEST_PORT": str(self.port)}
        self._child: ForkServerProcess | None = None
        self._expected = False

    @property
    def pid(self) -> int:
        assert self._child is not None and self._child.pid is not None
        return self._child.pid

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.exitcode is None

    def last_words(self, lines: int = 40) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text().splitlines()[-lines:])

    async def start(self, haste: Haste | None) -> None:
        """Start it if it does not run."""
        if not self.runs:
            self._expected = False
            self._child = await asyncio.to_thread(born, self.services, self._environment, self.log, haste)

    async def kill(self) -> None:
        self._expected = True
        os.kill(self.pid, signal.SIGKILL)
        await self.gone(5.0)

    def send(self, number: signal.Signals) -> None:
        self._expected = self._expected or number in {signal.SIGTERM, signal.SIGINT}
        os.kill(self.pid, number)

    async def gone(self, within: float) -> int:
        """Wait until the process has ended; its exit code. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while self.runs:
                await asyncio.sleep(0.01)
        assert self._child is not None and self._child.exitcode is not None
        return self._child.exitcode

    def look(self) -> None:
        """Note where it ended though nobody asked for that."""
        if self._child is not None and not self.runs and not self._expected:
            assert self._child.exitcode is not None
            self.fell.append(self._child.exitcode)
            self._expected = True


class Houses:
    """All of them."""

    def __init__(self, folder: Path, environment: Mapping[str, str], haste: Haste | None) -> None:
        self.haste = haste
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        self.all = {
            name: Process(name, services, environment, logs / f"{name}.log") for name, services in TOPOLOGY.items()
        }
        self._session: ClientSession

    def __getitem__(self, name: str) -> Process:
        return self.all[name]

    def __iter__(self) -> Iterator[Process]:
        return iter(self.all.values())

    def of(self, service: str) -> list[Process]:
        return [one for one in self if service in one.services]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all of them until the block ends, and start again whichever falls."""
        async with ClientSession() as self._session:
            try:
                await asyncio.gather(*(one.start(self.haste) for one in self))
                await self.ready()
                supervisor = asyncio.create_task(self._supervise())
                try:
                    yield
                finally:
                    supervisor.cancel()
                    await asyncio.wait({supervisor})
            finally:
                for one in self:
                    if one.runs:
                        with suppress(ProcessLookupError):
                            await one.kill()

    async def _supervise(self) -> None:
        while True:
            for one in self:
                if not one.runs and not one.busy.locked():
                    one.look()
                    await one.start(self.haste)
            await asyncio.sleep(0.1)

    async def ready(self, *which: Process) -> None:
        """Wait until these, or all, say that they are ready. Raises TimeoutError."""
        async with asyncio.timeout(STARTS_WITHIN):
            for one in which or tuple(self):
                while not (await self.ask(one, "/readyz") or {}).get("ready"):
                    await asyncio.sleep(0.05)

    async def ask(self, one: Process, path: str) -> Any:
        """What a process answers as JSON, or None where it does not."""
        try:
            async with asyncio.timeout(5), self._session.get(f"http://127.0.0.1:{one.port}{path}") as answer:
                return await answer.json(content_type=None)
        except (ClientError, OSError, TimeoutError, ValueError):
            return None

    async def leads(self, one: Process, service: str) -> bool:
        """Whether the relay of a service is the active one in this process."""
        try:
            async with asyncio.timeout(5), self._session.get(f"http://127.0.0.1:{one.port}/metrics") as answer:
                figures = await answer.text()
        except (ClientError, OSError, TimeoutError):
            return False
        return f'blest_relay_active{{service="{service}"}} 1.0' in figures

    async def leader(self, service: str, within: float = 30.0) -> Process:
        """The process whose relay of a service publishes. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while True:
                for one in self.of(service):
                    if one.runs and await self.leads(one, service):
                        return one
                await asyncio.sleep(0.1)

    def collapsed(self) -> list[str]:
        """A line for each time that something ended in a process which should have gone on for as long as it lived."""
        return [
            f"{one.name}: {line[:300]}"
            for one in self
            if one.log.exists()
            for line in one.log.read_text().splitlines()
            if "background work ended" in line
        ]

    # What may be done to one ------------------------------------------------------------------------------------------

    async def strike(self, one: Process) -> None:
        """Kill it outright and start another in its place."""
        async with one.busy:
            if one.runs:
                await one.kill()
            await one.start(self.haste)

    async def end(self, one: Process) -> tuple[float, int]:
        """Ask it to end, and start another: how many seconds that took, and its exit code. Raises TimeoutError."""
        async with one.busy:
            told = time.monotonic()
            one.send(signal.SIGTERM)
            code = await one.gone(ENDS_WITHIN)
            took = time.monotonic() - told
            await one.start(self.haste)
            return took, code

    async def freeze_leader(self, service: str) -> float:
        """Freeze the process that leads until another has taken over, then let it thaw; seconds until that."""
        leader = await self.leader(service)
        async with leader.busy:
            leader.send(signal.SIGSTOP)
            began = time.monotonic()
            others = [one for one in self.of(service) if one is not leader]
            try:
                async with asyncio.timeout(60):
                    while not any([await self.leads(one, service) for one in others if one.runs]):
                        await asyncio.sleep(0.1)
                return time.monotonic() - began
            except TimeoutError:
                told = [f"{one.name} fell {one.fell}, says:\n{one.last_words()}" for one in others]
                raise AssertionError(f"{leader.name} is frozen and no other leads: " + "\n".join(told)) from None
            finally:
                leader.send(signal.SIGCONT)
