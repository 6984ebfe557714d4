"""The one door through which places are taken and freed: wishes of a programme gather and are decided together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import asyncpg

from registrations.commands.deciding import Answer, decide_together
from registrations.commands.ledgers import Elsewhere
from registrations.domain.applications import Item
from registrations.domain.asking import Granted
from registrations.domain.refusals import Refused
from services.batcher import Batcher, Overloaded, batching, origins
from services.context import Context
from services.database import Transaction
from services.service import Resource

T = TypeVar("T")
TRIES = 5
PATIENT_TRIES = 20
ONE_AT_A_TIME = frozenset({"bookings_one_offer", "holds_pkey"})
"""The indexes that let a visitor have one offer, and a form one hold, at a time, whichever processes decide."""


async def anew(context: Context, programme_id: UUID, decide: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run `decide` in a transaction; begun anew where another process moved a booking under our hands, we stood in each
    other's way, or both offered something to one visitor or kept something for one form: nothing had happened yet."""
    for left in reversed(range(TRIES)):
        try:
            async with context.database.transaction(programme_id) as tx:
                return await decide(tx)
        except (Elsewhere, asyncpg.DeadlockDetectedError):
            if not left:
                raise
        except asyncpg.UniqueViolationError as error:
            if not left or error.constraint_name not in ONE_AT_A_TIME:
                raise
    raise AssertionError("unreachable")


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Batcher[Item, Granted]]:
    async def decide(programme_id: UUID, items: Sequence[Item]) -> Sequence[Answer]:
        return await anew(context, programme_id, lambda tx: decide_together(tx, context.keys, items, origins()))

    async with batching(decide, name="bookings") as batcher:
        yield batcher


BOOKINGS: Resource[Batcher[Item, Granted]] = Resource("bookings", _open)


async def ask(context: Context, programme_id: UUID, item: Item) -> Granted:
    """Ask together with whoever asks at the same time. Raises `Refused`, or `Overloaded` where too many wait."""
    return await context.resource(BOOKINGS).submit(programme_id, item)


async def answered(context: Context, programme_id: UUID, item: Item) -> Answer:
    """Ask with time to spare: for one of many, whose refusal is an answer and who waits while too many do."""
    for left in reversed(range(PATIENT_TRIES)):
        try:
            return await ask(context, programme_id, item)
        except Refused as refused:
            return refused
        except Overloaded as overloaded:
            if not left:
                raise
            await asyncio.sleep(overloaded.retry_after)
    raise AssertionError("unreachable")
