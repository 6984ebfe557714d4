"""The inbox: what each consumer has taken in, written in the transaction of its effect.

A message has its effect once however often it comes: of several that arrive at the same time, one inserts the row, and
the others wait for its transaction and then find the row there. And no effect of an aggregate's version n follows one
of n+1: the newest version that a consumer has seen is kept, and its row is the lock under which that is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.facts import Envelope

CLAIM = """
-- Which of these messages are new to the consumer. In one order for everyone, so that two replicas wait and do not
-- deadlock.
INSERT INTO inbox (consumer, message_id, programme_id)
SELECT $1, message_id, $3 FROM unnest($2::uuid[]) AS message_id ORDER BY message_id
ON CONFLICT DO NOTHING RETURNING message_id
"""
SEE = """
-- Raise each aggregate's newest seen version and tell what it was before, under the row's lock.
INSERT INTO seen (consumer, aggregate, programme_id, version)
SELECT $1, one.aggregate, $4, one.version
FROM unnest($2::text[], $3::int[]) AS one (aggregate, version) ORDER BY one.aggregate
ON CONFLICT (consumer, aggregate) DO UPDATE
SET version = greatest(seen.version, excluded.version), seen_at = excluded.seen_at
RETURNING aggregate, coalesce(old.version, 0) AS before
"""
FORGET = """
-- Retention, a bite at a time.
DELETE FROM inbox WHERE (consumer, message_id) IN (
    SELECT consumer, message_id FROM inbox WHERE handled_at < $1 ORDER BY handled_at LIMIT $2
)
"""


FORGET_SEEN = """
-- Retention of the versions, likewise.
DELETE FROM seen WHERE (consumer, aggregate) IN (
    SELECT consumer, aggregate FROM seen WHERE seen_at < $1 ORDER BY seen_at LIMIT $2
)
"""


class Enveloped(Protocol):
    """Anything that came in an envelope."""

    @property
    def envelope(self) -> Envelope: ...


E = TypeVar("E", bound=Enveloped)


async def claim(connection: Any, consumer: str, programme_id: UUID, messages: Sequence[E]) -> tuple[list[E], list[E]]:
    """Take in messages of one programme, inside the transaction of their effects; returns which to handle, in the given
    order, and which are stale. Those taken in before are in neither.

    Two messages with the same version of one aggregate are both handled: a change may cause several facts.
    """
    rows = await connection.fetch(CLAIM, consumer, [one.envelope.message_id for one in messages], programme_id)
    new = {row["message_id"] for row in rows}
    fresh: list[E] = []
    for one in messages:
        if one.envelope.message_id in new:
            new.discard(one.envelope.message_id)  # the same message twice in one batch counts once
            fresh.append(one)
    if not fresh:
        return [], []
    newest: dict[str, int] = {}
    for one in fresh:
        newest[one.envelope.aggregate] = max(one.envelope.version, newest.get(one.envelope.aggregate, 0))
    rows = await connection.fetch(SEE, consumer, list(newest), list(newest.values()), programme_id)
    seen = {row["aggregate"]: row["before"] for row in rows}
    handle: list[E] = []
    stale: list[E] = []
    for one in fresh:
        envelope = one.envelope
        (stale if envelope.version < seen[envelope.aggregate] else handle).append(one)
        seen[envelope.aggregate] = max(seen[envelope.aggregate], envelope.version)
    return handle, stale


async def forget(connection: Any, before: datetime, largest: int = 5000) -> int:
    """Delete rows of messages taken in before `before` (real time), at most `largest`; returns how many went."""
    return int((await connection.execute(FORGET, before, largest)).split()[-1])


async def forget_seen(connection: Any, before: datetime, largest: int = 5000) -> int:
    """Delete the newest versions of aggregates quiet since `before` (real time), at most `largest`; returns how
    many."""
    return int((await connection.execute(FORGET_SEEN, before, largest)).split()[-1])
