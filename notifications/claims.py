"""What a sender holds: given back when its process is to end, given up when it died.

Of a sender that died, the mail that it had begun to hand over is unknown after ten minutes, and those that it had not
are planned again. One that ends in order keeps nobody waiting for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

from notifications import commands
from notifications.channels.email.transport import TransportError
from notifications.facts import DeliveryStatus
from services import sql
from services.context import Context
from services.outages import is_away, is_passing

queries = sql.load(__package__)

LAST_MAIL = 3.0
"""Seconds that a process which is to end leaves a mail server to say whether it takes the mail in hand."""
GIVING_BACK = 1.0
LEFT_BEHIND = timedelta(minutes=10)


NOT_WRITTEN = TransportError("not-written", permanent=False)
"""A mail that we fail to write keeps no other waiting. It is tried again for as long as a server that is away, since it
may be a new version that mends it, and has failed then."""


def own_fault(error: Exception) -> None:
    """Raise the error again where it is no fault of the one mail: the database is away, or two were in each other's
    way."""
    if is_away(error) or is_passing(error):
        raise error


@asynccontextmanager
async def given_back(context: Context, give_back: Callable[..., Awaitable[object]], claim: UUID) -> AsyncIterator[None]:
    """Where the block is broken off, what it claimed and has not begun is due again at once: `give_back` says so."""
    try:
        yield
    except BaseException:
        # Without a database it waits until it is given up, and the reason for breaking off is what is told.
        with suppress(Exception):
            async with asyncio.timeout(GIVING_BACK), context.database.system() as tx:
                await give_back(tx.connection, claim=claim)
        raise


async def give_up_claims(context: Context) -> None:
    """Task: of the deliveries whose sender died, one that it had begun becomes unknown; the others are sent anew."""
    async with context.database.system() as tx:
        before = tx.moment - LEFT_BEHIND
        await queries.claims_not_begun(tx.connection, before=before)
        rows = await queries.claims_left_behind(tx.connection, before=before, moment=tx.moment)
        for row in rows:
            await queries.add_step(
                tx.connection,
                programme_id=row["programme_id"],
                delivery_id=row["id"],
                moment=tx.moment,
                step="unknown",
                detail="sender-died",
            )
            tx.publish(commands.settled(row, row["programme_id"], DeliveryStatus.UNKNOWN, row["version"], tx.moment))
