"""What keeps two processes from giving one place twice, taken away: to prove that there is a race to be kept from.

In the processes pools, visitors and versions are looked at without their locks; in the database there is no CHECK and
no index. The first to have decided about an event writes nothing until the other process has decided about it too, and
so once more when most have come: the race is run, not hoped for.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import asyncpg

from registrations.commands import ledgers
from registrations.domain.ledger import Ledger
from registrations.statements import queries
from services.database import Transaction

PATIENCE = 20.0
"""Seconds for the other process to decide too."""
SHORT_PATIENCE = 1.0
"""The same once more: it may be done already."""
AT_THE_STAND = 0.5
"""The same for each who walks in: many do, and one pair that meets is enough."""
SCAN = (
    *("id", "programme_id", "nonce", "event_id", "booking_id"),
    *("verdict", "scanned_at", "received_at", "offline", "account_id"),
)
"""In the order in which the statement takes them."""
GATHERING = 0.3
"""Seconds in which the others come whose wishes are decided next, together."""


async def strip_database(admin: asyncpg.Connection[Any]) -> None:
    await admin.execute("ALTER TABLE registrations.pools DROP CONSTRAINT pools_not_oversold")
    await admin.execute("DROP INDEX registrations.bookings_once")
    await admin.execute("ALTER TABLE registrations.check_ins DROP CONSTRAINT check_ins_programme_id_nonce_key")


def strip_process(meeting: Path) -> None:
    """Take the guards of this process away. In the folder `meeting` the processes say what they have decided about."""
    _unlock("lock_pools", "slots", "events", "bookings", "attempts", "pools")
    _unlock("lock_visitors", "bookings", "visitors")
    _unlock("lock_versions", sees=False)
    write = ledgers.write
    steps = _Steps(meeting)
    _write_blindly(steps)

    async def write_in_step(tx: Transaction, ledger: Ledger, *more: Any) -> None:
        if ledger.changes or ledger.touched_holds:
            for event_id in {str(pool.event_id) for pool in ledger.pools.values()}:
                await steps.take(event_id)
        await write(tx, ledger, *more)

    ledgers.write = write_in_step


@dataclass
class _Steps:
    """What this process has decided about each event, for the other to see as files in `meeting`."""

    meeting: Path
    taken: Counter[str] = field(default_factory=Counter)

    async def take(self, event_id: str) -> None:
        """Raises TimeoutError where the other process decides nothing at all about the event."""
        self.taken[event_id] += 1
        step = self.taken[event_id]
        if step > 2:
            return
        met = await self.meet(f"{event_id}.{step}", PATIENCE if step == 1 else SHORT_PATIENCE)
        if step == 1:
            if not met:
                raise TimeoutError(event_id)
            await asyncio.sleep(GATHERING)

    async def meet(self, name: str, patience: float) -> bool:
        """Whether the other process has come to this too, within so many seconds."""
        (self.meeting / f"{name}.{os.getpid()}").touch()
        try:
            async with asyncio.timeout(patience):
                while len(list(self.meeting.glob(f"{name}.*"))) < 2:
                    await asyncio.sleep(0.002)
        except TimeoutError:
            return False
        return True


def _unlock(name: str, *order: str, sees: bool = True) -> None:
    """Let a statement look as it does and lock nothing, or see nothing."""
    locked = getattr(queries, name)
    looks = locked.sql.split("FOR UPDATE")[0]
    assert looks != locked.sql

    @wraps(locked)
    async def look(connection: Any, **asked: Any) -> list[Any]:
        return list(await connection.fetch(looks, *(asked[one] for one in order))) if sees else []

    setattr(queries, name, look)


def _write_blindly(steps: _Steps) -> None:
    """Let a scan be written down whether or not it is there already, and not before the other process has come so far
    with the same one: of somebody with an address it does not come, since it waits for their row."""
    minding = queries.save_scan
    writes = minding.sql.replace("ON CONFLICT (programme_id, nonce) DO NOTHING", "")
    assert writes != minding.sql

    @wraps(minding)
    async def write(connection: Any, **asked: Any) -> Any:
        await steps.meet(str(asked["nonce"]), AT_THE_STAND)
        return await connection.fetchval(writes, *(asked[one] for one in SCAN))

    queries.save_scan = write
