"""Dead letters: facts that a consumer could not take in at any of its deliveries, kept until somebody has mended the
cause.

    for letter in await dead_letters.waiting(context):
        print(letter.consumer, letter.subject, letter.error)
    await dead_letters.replay(context, letter.id)

A replay hands the fact to the consumer that failed and to no other, in one transaction with its inbox row; it succeeds
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from services import inbox
from services.context import Context
from services.received import Received, Unreadable, read
from services.streams import consumer_name

RECORDED = Counter("blest_dead_letters_recorded_total", "Facts that a consumer gave up on.", ["consumer"])
NOBODY = UUID(int=0)
"""The programme of a message that does not say whose it is."""

RECORD = """
-- Once per consumer and message; a later failure of the same message replaces the earlier one.
INSERT INTO dead_letters (consumer, message_id, programme_id, subject, headers, payload, error, deliveries, failed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (consumer, message_id) DO UPDATE
SET error = excluded.error, deliveries = excluded.deliveries, failed_at = excluded.failed_at, replayed_at = NULL
"""
WAITING = """
-- What waits for a replay, oldest first.
SELECT id, consumer, message_id, programme_id, subject, headers, payload, error, deliveries, failed_at, replayed_at
FROM dead_letters
WHERE replayed_at IS NULL AND ($1::text IS NULL OR consumer = $1) AND ($2::uuid IS NULL OR programme_id = $2)
ORDER BY id LIMIT $3
"""
COUNT = """
-- For metrics and the doctor.
SELECT consumer, count(*) AS letters FROM dead_letters WHERE replayed_at IS NULL GROUP BY consumer ORDER BY consumer
"""
FIND = """
-- One letter, to be replayed.
SELECT id, consumer, message_id, programme_id, subject, headers, payload, error, deliveries, failed_at, replayed_at
FROM dead_letters WHERE id = $1
"""
REPLAYED = """
-- The first replay wins: whoever comes second finds no row.
UPDATE dead_letters SET replayed_at = $2 WHERE id = $1 AND replayed_at IS NULL RETURNING id
"""
FORGET = """
-- Letters that were replayed long ago.
DELETE FROM dead_letters WHERE replayed_at < $1
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One fact that one consumer gave up on."""

    id: int
    consumer: str
    message_id: UUID
    programme_id: UUID
    subject: str
    headers: Mapping[str, str]
    payload: bytes
    error: str
    deliveries: int
    failed_at: datetime
    replayed_at: datetime | None


class Replay(StrEnum):
    """What came of a replay."""

    HANDLED = "handled"
    STALE = "stale"
    """A newer version of its aggregate has been taken in since: nothing was left to do."""
    ALREADY = "already"
    """It was replayed before."""
    UNREADABLE = "unreadable"
    """The installed code still cannot read it; it keeps waiting."""


class NoSuchLetter(LookupError):
    """There is no dead letter of that number in this service, or no reaction that it belongs to any more."""


async def record(
    connection: Any,
    *,
    consumer: str,
    message_id: UUID,
    programme_id: UUID,
    subject: str,
    headers: Mapping[str, str],
    payload: bytes,
    error: str,
    deliveries: int,
    moment: datetime,
) -> None:
    """Write a dead letter, in the transaction that is at hand; before the message is terminated."""
    arguments = (consumer, message_id, programme_id, subject, dict(headers), payload, error[:4000], deliveries, moment)
    await connection.execute(RECORD, *arguments)
    RECORDED.labels(consumer).inc()


async def waiting(
    context: Context, consumer: str | None = None, programme_id: UUID | None = None, largest: int = 100
) -> list[DeadLetter]:
    """The service's dead letters that wait, oldest first; of one consumer or programme where given."""
    async with context.database.system() as tx:
        rows = await tx.connection.fetch(WAITING, consumer, programme_id, largest)
    return [DeadLetter(**dict(row)) for row in rows]


async def count(context: Context) -> dict[str, int]:
    """How many wait, per consumer."""
    async with context.database.system() as tx:
        return {row["consumer"]: row["letters"] for row in await tx.connection.fetch(COUNT)}


async def replay(context: Context, letter_id: int) -> Replay:
    """Hand a dead letter to its reaction once more. Raises what the reaction raises (the letter then keeps waiting), or
    `NoSuchLetter`."""
    async with context.database.system() as tx:
        row = await tx.connection.fetchrow(FIND, letter_id)
    if row is None:
        raise NoSuchLetter(f"{context.service.name} has no dead letter {letter_id}")
    letter = DeadLetter(**dict(row))
    reactions = {consumer_name(context.service.name, reaction): reaction for reaction in context.service.reactions}
    if letter.consumer not in reactions:
        raise NoSuchLetter(f"{context.service.name} has no reaction for {letter.consumer} any more")
    reaction = reactions[letter.consumer]
    try:
        received = read(reaction, letter.subject, letter.headers, letter.payload, letter.deliveries + 1)
    except Unreadable:
        return Replay.UNREADABLE
    async with context.database.transaction(letter.programme_id) as tx:
        if await tx.connection.fetchval(REPLAYED, letter_id, tx.moment) is None:
            return Replay.ALREADY
        handle, stale = await inbox.claim(tx.connection, letter.consumer, letter.programme_id, [received])
        for one in handle:
            with one.at_work(letter.consumer):
                await reaction.handle(tx, one.fact, one.envelope)
    return Replay.HANDLED if handle else Replay.STALE if stale else Replay.ALREADY


async def forget(connection: Any, before: datetime) -> int:
    """Delete letters replayed before `before`; returns how many went. Those that wait stay, however old."""
    return int((await connection.execute(FORGET, before)).split()[-1])


__all__ = [
    "NOBODY",
    "DeadLetter",
    "NoSuchLetter",
    "Received",
    "Replay",
    "count",
    "forget",
    "record",
    "replay",
    "waiting",
]
