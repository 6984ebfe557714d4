"""Locks across all processes: advisory locks on a connection of one's own.

    locks = Locks(database, "relay")
    if await locks.take("relay"):
        await locks.connection.execute(...)   # it is held as long as this works

The locks live and die with the connection, so work done on that same connection is done by the holder or not at all. A
holder that is frozen says nothing for `idle` seconds and is thrown out by the server; one whose network is cut,
likewise. The server does so only where it waits for a word, not where it is stuck in telling the frozen one something
long: long answers are read on a connection beside, `reading`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg

from services.database import Database
from services.outages import TROUBLE, may_be_away

T = TypeVar("T")

BEATS = 4
"""How often a holder says that it lives, in the time after which the server would end it."""


def lock_key(name: str) -> int:
    """The 64-bit key of an advisory lock, from a name that is unique within the database."""
    return int.from_bytes(hashlib.sha256(f"blest {name}".encode()).digest()[:8], "big", signed=True)


class Locks:
    """The locks that one part of one process holds. Names are a service's own: two services' do not meet. `idle` are
    seconds of silence after which the server ends the connection; whoever holds a lock must `beat` more often than
    that."""

    def __init__(self, database: Database, purpose: str, *, idle: float = 15.0) -> None:
        self._database = database
        self._purpose = purpose
        self._idle = idle
        self._connection: asyncpg.Connection | None = None
        self._reading: asyncpg.Connection | None = None
        self._held: set[str] = set()
        self._speaking = asyncio.Lock()

    @property
    def connection(self) -> Any:
        """The connection that carries the locks; LookupError where there is none."""
        if self._connection is None:
            raise LookupError(f"not connected for {self._purpose}")
        return self._connection

    async def reading(self) -> asyncpg.Connection:
        """A connection that carries no lock, for answers of any length. It is closed with the other; raises what
        `outages.TROUBLE` lists where the server is away."""
        if self._reading is None or self._reading.is_closed():
            self._reading = await self._connect("idle_session_timeout")
        return self._reading

    def holds(self, name: str) -> bool:
        """Whether the lock was ours when last we looked."""
        return name in self._held and self._connection is not None and not self._connection.is_closed()

    async def take(self, name: str) -> bool:
        """Try to hold a lock; True where it is ours. Raises what `outages.TROUBLE` lists where the server is
        away."""
        async with self._speaking:
            if self.holds(name):
                return True
            key = lock_key(f"{self._database.service} {name}")
            try:
                taken = bool(await (await self._connected()).fetchval("SELECT pg_try_advisory_lock($1)", key))
            except Exception as error:
                if not may_be_away(error) or self._held:
                    raise
                # The server ended a connection that had been silent and held nothing: that is what it is told to do.
                await self.leave()
                taken = bool(await (await self._connected()).fetchval("SELECT pg_try_advisory_lock($1)", key))
            if taken:
                self._held.add(name)
            return taken

    async def release(self, name: str) -> None:
        """Give one lock back."""
        async with self._speaking:
            if self.holds(name):
                await self.connection.fetchval(
                    "SELECT pg_advisory_unlock($1)", lock_key(f"{self._database.service} {name}")
                )
            self._held.discard(name)

    async def beat(self) -> None:
        """Say that we live, and learn whether we still hold what we held: raises where the connection is gone."""
        async with self._speaking:
            await self.connection.fetchval("SELECT 1")

    async def while_held(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work`, however long it takes, and say all the while that we live. Where the connection goes, the locks
        are gone with it: the work is cancelled, and what `beat` raises is raised."""
        working, beating = asyncio.create_task(work), asyncio.create_task(self._beat_on())
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                beating.result()
            return working.result()
        finally:
            for one in (working, beating):
                one.cancel()
            await asyncio.wait({working, beating})

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(self._idle / BEATS)
            await self.beat()

    async def rest(self) -> None:
        """Close the connection if it holds no lock, rather than let the server end it for its silence, which its log
        would tell as a fault."""
        async with self._speaking:
            if not self._held:
                await self.leave()

    async def leave(self) -> None:
        """Give every lock up by closing the connections. Does not raise: a connection that is gone holds no lock."""
        both = (self._connection, self._reading)
        self._connection = self._reading = None
        self._held.clear()
        for one in both:
            if one is not None:
                with suppress(*TROUBLE):
                    await one.close(timeout=2)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is not None and self._connection.is_closed():
            await self.leave()
        if self._connection is None:
            self._connection = await self._connect()
        return self._connection

    async def _connect(self, *without: str) -> asyncpg.Connection:
        login = self._database.login("system")
        milliseconds = str(int(self._idle * 1000))
        settings = {
            **login["server_settings"],
            "application_name": f"blest-{self._database.service}-{self._purpose}",
            "idle_session_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": milliseconds,
        }
        for name in without:
            del settings[name]
        return await asyncpg.connect(**{**login, "server_settings": settings}, timeout=10, command_timeout=self._idle)
