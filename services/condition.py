"""How one service fares at this moment: what waits to be sent and to be read, what was given up, what does not hold.

    found = await condition.of(context)
    found.needs_somebody

Read from what the service declares and from its own tables, for people who look after the installation.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

import structlog

from services import dead_letters, outbox
from services.clock import SystemClock
from services.context import Context
from services.database import Database
from services.dead_letters import DeadLetter
from services.metrics import samples
from services.service import Check, Service
from services.streams import consumer_name, consumers_of

_log = structlog.get_logger(__name__)

LATE = timedelta(minutes=1)
"""A fact that waits longer in the outbox is a sign that its relay stands still."""
PATIENCE = 5.0
"""Seconds after which what was asked counts as unknown."""
MOST_LETTERS = 50
"""So many dead letters are shown; all are counted."""

FAILED = """
-- The tasks whose last run ended with an error.
SELECT task, started_at, error FROM task_runs WHERE error IS NOT NULL ORDER BY task
"""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Facts that wait to be sent, and for how long the first of them has."""

    facts: int
    age: timedelta

    @property
    def late(self) -> bool:
        return self.age > LATE


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer: how many facts it has yet to take in (None: not known here), how many it has given up on."""

    consumer: str
    lag: int | None
    letters: int


@dataclass(frozen=True, slots=True)
class Held:
    """An invariant, and how many rows break it; None where they could not be counted."""

    check: Check
    broken: int | None


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task whose last run failed; it is tried again when it is next due."""

    task: str
    started_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found of one service. `known` is False where its tables could not be asked."""

    service: Service
    invariants: tuple[Held, ...]
    known: bool = False
    outbox: Outbox = Outbox(0, timedelta(0))
    readers: tuple[Reader, ...] = ()
    letters: tuple[DeadLetter, ...] = ()
    failed: tuple[FailedTask, ...] = ()

    @property
    def given_up(self) -> int:
        """How many dead letters wait, also those that are not among `letters`."""
        return sum(reader.letters for reader in self.readers)

    @property
    def broken(self) -> int:
        """How many invariants do not hold, or could not be counted."""
        return sum(held.broken != 0 for held in self.invariants)

    @property
    def needs_somebody(self) -> int:
        """How many things of it somebody should look at; 0 is well."""
        return (not self.known) + self.outbox.late + self.given_up + self.broken + len(self.failed)


async def outbox_of(context: Context) -> Outbox:
    """What waits in the service's outbox."""
    async with context.database.system() as tx:
        row = await tx.connection.fetchrow(outbox.BACKLOG)
    age = SystemClock().now() - row["oldest"] if row["oldest"] else timedelta(0)
    return Outbox(row["pending"], max(age, timedelta(0)))


async def failed_of(database: Database) -> tuple[FailedTask, ...]:
    """The service's tasks whose last run failed, and rebuilds that were cut off."""
    async with database.system() as tx:
        return tuple(FailedTask(**dict(row)) for row in await tx.connection.fetch(FAILED))


async def of(context: Context) -> Condition:
    """Look at everything. What cannot be looked at is said to be unknown, and raises nothing."""
    service = context.service
    held = tuple([Held(check, await _broken(context, check)) for check in service.checks])
    try:
        async with asyncio.timeout(PATIENCE):
            waits = await outbox_of(context)
            counts = await dead_letters.count(context)
            letters = await dead_letters.waiting(context, largest=MOST_LETTERS)
            failed = await failed_of(context.database)
    except Exception as error:
        _log.warning("condition not known", service=service.name, error=type(error).__name__)
        return Condition(service, held)
    return Condition(service, held, True, waits, _readers(service, counts), tuple(letters), failed)


async def _broken(context: Context, check: Check) -> int | None:
    try:
        async with asyncio.timeout(PATIENCE), context.database.system() as tx:
            return await check.count(tx)
    except Exception as error:
        _log.warning("invariant not counted", service=context.service.name, check=check.name, error=repr(error))
        return None


def _readers(service: Service, letters: dict[str, int]) -> tuple[Reader, ...]:
    """The declared consumers, then those that only their dead letters remember."""
    declared = {
        consumer_name(service.name, reaction): [spec.stream for spec in consumers_of(service.name, reaction)]
        for reaction in service.reactions
    }
    return tuple(
        Reader(name, _lag(name, declared.get(name, [])), letters.get(name, 0))
        for name in [*declared, *(one for one in letters if one not in declared)]
    )


def _lag(consumer: str, streams: list[str]) -> int | None:
    """The figure of /metrics, as it was last measured (`Backlog.measure`)."""
    measured = {
        one.labels["stream"]: one.value
        for one in samples("blest_consumer_lag")
        if one.labels["consumer"] == consumer and not isnan(one.value)
    }
    known = [measured[stream] for stream in streams if stream in measured]
    return int(sum(known)) if known and len(known) == len(streams) else None
