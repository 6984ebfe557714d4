"""What keeps two processes from giving one place twice, taken away: to prove that there is a race to be kept from.

In the processes pools, visitors and versions are looked at without their locks; in the database there is no CHECK and
no index. The first to have decided about an event writes nothing until the other process has decided about it too: the
race is run, not hoped for.
"""

from __future__ import annotations

import asyncio
import os
from functools import wraps
from pathlib import Path
from typing import Any

import asyncpg

from registrations.commands import ledgers
from registrations.domain.ledger import Ledger
from registrations.statements import queries
from services.database import Transaction

PATIENCE = 10.0
"""Seconds for the other process to decide too."""


async def strip_database(admin: asyncpg.Connection[Any]) -> None:
    await admin.execute("ALTER TABLE registrations.pools DROP CONSTRAINT pools_not_oversold")
    await admin.execute("DROP INDEX registrations.bookings_once")


def strip_process(meeting: Path) -> None:
    """Take the guards of this process away. In the folder `meeting` the processes say what they have decided about."""
    _unlock("lock_pools", "slots", "events", "bookings", "attempts", "pools")
    _unlock("lock_visitors", "bookings", "visitors")
    _unlock("lock_versions", sees=False)
    write = ledgers.write

    async def write_when_both_have_decided(tx: Transaction, ledger: Ledger, *more: Any) -> None:
        for event_id in {str(pool.event_id) for pool in ledger.pools.values()}:
            (meeting / f"{event_id}.{os.getpid()}").touch()
            async with asyncio.timeout(PATIENCE):
                while len(list(meeting.glob(f"{event_id}.*"))) < 2:
                    await asyncio.sleep(0.002)
        await write(tx, ledger, *more)

    ledgers.write = write_when_both_have_decided


def _unlock(name: str, *order: str, sees: bool = True) -> None:
    """Let a statement look as it does and lock nothing, or see nothing."""
    locked = getattr(queries, name)
    looks = locked.sql.split("FOR UPDATE")[0]
    assert looks != locked.sql

    @wraps(locked)
    async def look(connection: Any, **asked: Any) -> list[Any]:
        return list(await connection.fetch(looks, *(asked[one] for one in order))) if sees else []

    setattr(queries, name, look)
