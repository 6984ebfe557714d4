"""Pools and transactions. The only module that makes pools.

    async with database.transaction(programme_id) as tx:
        row = await queries.lock_slot(tx.connection, id=slot_id)
        tx.publish(SlotMoved(...))

A transaction belongs to one programme: row-level security shows it that programme's rows and no others; without a
programme it sees none. Facts published in it are appended to the outbox as its last statement, so a row's lock is
always taken before the outbox gives an order, and the relay is woken after the commit.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import asyncpg

from services import outbox
from services.clock import Clock, SystemClock
from services.facts import Fact
from services.keys import Keys

OLDEST = 18
"""The PostgreSQL that we are written for; older ones lack what the migrations use."""
CONNECT_WITHIN = 10.0
"""Seconds in which the server must have taken us in."""
LONGEST_SILENCE = 20
"""Seconds that a transaction may do nothing before the server ends it."""


class DatabaseUnfit(Exception):
    """The server is not one that we can work with. The message says why."""


@dataclass(slots=True)
class Transaction:
    """One database transaction of one service. `moment` is its one idea of the time, UTC; SQL takes it as a
    parameter."""

    connection: Any
    programme_id: UUID | None
    moment: datetime
    facts: list[Fact] = field(default_factory=list)
    origins: list[Mapping[str, str]] = field(default_factory=list)
    """For each fact, the trace and the message that it comes from."""

    def publish(self, *facts: Fact, origin: Mapping[str, str] | None = None) -> None:
        """Append facts to the outbox when the transaction commits. `origin` says where they come from where that is
        not here: a transaction that decides for many answers to many traces."""
        self.facts.extend(facts)
        self.origins.extend([outbox.origin() if origin is None else origin] * len(facts))

    @property
    def programme(self) -> UUID:
        """The programme's id; raises LookupError in a transaction across programmes."""
        if self.programme_id is None:
            raise LookupError("this transaction belongs to no programme")
        return self.programme_id


def address(database: str) -> dict[str, Any]:
    """asyncpg's connection arguments for `postgres://HOST:PORT/NAME` or `postgres:///NAME?host=/socket/folder`."""
    parts = urlsplit(database)
    folder = parse_qs(parts.query).get("host", [None])[0]
    return {
        "host": folder or parts.hostname or "localhost",
        "port": parts.port or 5432,
        "database": unquote(parts.path.lstrip("/")),
    }


async def speak_json(connection: Any) -> None:
    """Let jsonb come and go as Python values."""
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _leave_as_it_is(connection: Any) -> None:
    """Nothing outlives a transaction here: settings are its own, and locks have connections of theirs. What is open is
    rolled back by asyncpg itself; its question for all the rest would be one more way to the server and back for each.
    """


class Database:
    """A service's two pools: `<service>_app` for requests and reactions, `<service>_system` for declared jobs across
    programmes."""

    def __init__(self, service: str, database: str, keys: Keys, clock: Clock, *, app_connections: int = 8) -> None:
        self.service = service
        self._address = address(database)
        self._keys = keys
        self._clock = clock
        self._app_connections = app_connections
        self._pools: dict[str, asyncpg.Pool] = {}
        self.committed: Callable[[], None] = lambda: None
        """Called after a commit that appended facts; the relay sets it to be woken."""

    async def open(self) -> None:
        """Open both pools; raises OSError or asyncpg.PostgresError where the server is away or refuses the role,
        `DatabaseUnfit` where it is too old, `ClockWrong` where it tells another time than this machine."""
        try:
            for kind, largest in (("app", self._app_connections), ("system", 3)):
                self._pools[kind] = await asyncpg.create_pool(
                    **self.login(kind),
                    timeout=CONNECT_WITHIN,
                    min_size=1,
                    max_size=largest,
                    command_timeout=30,
                    max_inactive_connection_lifetime=60,
                    init=speak_json,
                    reset=_leave_as_it_is,
                )
            await self._examine()
        except BaseException:
            await self.close()
            raise

    async def _examine(self) -> None:
        async with self._pools["system"].acquire() as connection:
            version = connection.get_server_version().major
            if version < OLDEST:
                raise DatabaseUnfit(f"PostgreSQL {OLDEST} or newer is needed; this is {version}")
            if isinstance(self._clock, SystemClock):
                self._clock.compare(await connection.fetchval("SELECT clock_timestamp()"), "PostgreSQL")

    def login(self, kind: str) -> dict[str, Any]:
        """Connection arguments of the role `<service>_<kind>`, for a pool or for a connection of one's own."""
        role = f"{self.service}_{kind}"
        return {
            **self._address,
            "user": role,
            "password": self._keys.secret(f"postgres/{role}"),
            "server_settings": {
                "search_path": self.service,
                "application_name": f"blest-{self.service}-{kind}",
                "jit": "off",
                # A process that is frozen in the middle of a transaction lets go of its row locks.
                "idle_in_transaction_session_timeout": str(LONGEST_SILENCE * 1000),
            },
        }

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    @asynccontextmanager
    async def transaction(self, programme_id: UUID | None) -> AsyncIterator[Transaction]:
        """A transaction fenced to one programme; None sees only directory tables."""
        async with self._begin("app", programme_id) as tx:
            yield tx

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """A transaction across all programmes, for declared jobs: relay, retention, batches, checks."""
        async with self._begin("system", None) as tx:
            yield tx

    @asynccontextmanager
    async def _begin(self, kind: str, programme_id: UUID | None) -> AsyncIterator[Transaction]:
        pool = self._pools[kind]
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('blest.programme', $1, true)", str(programme_id or ""))
            tx = Transaction(connection, programme_id, self._clock.now())
            yield tx
            if tx.facts:
                await outbox.append(connection, tx.facts, tx.origins)
        if tx.facts:
            self.committed()
