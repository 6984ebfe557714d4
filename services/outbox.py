"""The outbox: facts wait here, in the transaction that made them true, until the relay has published them.

Each row carries what its message needs: the id by which every inbox recognises it, its aggregate and version, and where
it came from (`origin`): the trace it belongs to and the message that caused it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from services.facts import Fact
from services.ids import new_id
from services.tracing import traceparent

LARGEST_FACT = 256 * 1024
"""Bytes of a fact's JSON. A larger one would be refused by NATS and stop everything behind it, so it is refused
here."""

CAUSE: ContextVar[UUID | None] = ContextVar("cause", default=None)
"""The message that is being handled, set by the consumer: what it makes happen says so."""

APPEND = """
-- One statement for all facts of a transaction: the identity column gives the order in which they are published. JSON
-- comes as text, so that it does not matter whether the connection has a codec for it.
INSERT INTO outbox (message_id, programme_id, aggregate, version, subject, headers, payload, occurred_at)
SELECT one.message_id, one.programme_id, one.aggregate, one.version, one.subject,
    one.headers::jsonb, one.payload::jsonb, one.occurred_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    WITH ORDINALITY AS one (message_id, programme_id, aggregate, version, subject, headers, payload, occurred_at, place)
ORDER BY one.place
"""

BACKLOG = """
-- How much waits, and since when; counted to a limit, since after a long outage the exact figure tells nobody more.
SELECT count(*) AS pending, min(waiting.created_at) AS oldest
FROM (SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 100000) AS waiting
"""

FORGET = """
-- Retention, a bite at a time so that no lock is held long. What was never published stays, however old.
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE created_at < $1 AND published_at IS NOT NULL ORDER BY created_at LIMIT $2
)
"""


class FactTooLarge(ValueError):
    """A fact's JSON is over `LARGEST_FACT` bytes. Nothing of its transaction is stored."""


def origin() -> dict[str, str]:
    """Where a fact published now comes from: `traceparent` of the current span, and the id of the message that caused
    it."""
    trace = traceparent()
    headers = {"traceparent": trace} if trace else {}
    cause = CAUSE.get()
    if cause is not None:
        headers["Blest-Causation"] = str(cause)
    return headers


async def append(connection: Any, facts: Sequence[Fact], origins: Sequence[Mapping[str, str]] | None = None) -> None:
    """Append facts in order, inside the caller's transaction. `origins` says where each comes from, else all come from
    here and now. Raises `FactTooLarge`."""
    if not facts:
        return
    payloads = [fact.model_dump_json() for fact in facts]
    for fact, payload in zip(facts, payloads, strict=True):
        if len(payload.encode()) > LARGEST_FACT:
            raise FactTooLarge(f"{fact.address} has {len(payload.encode())} bytes; {LARGEST_FACT} are allowed")
    await connection.execute(
        APPEND,
        [new_id(fact.at) for fact in facts],
        [fact.programme_id for fact in facts],
        [fact.aggregate for fact in facts],
        [fact.version for fact in facts],
        [fact.address for fact in facts],
        [json.dumps(dict(one)) for one in (origins or [origin()] * len(facts))],
        payloads,
        [fact.at for fact in facts],
    )


async def forget(connection: Any, before: datetime, largest: int = 5000) -> int:
    """Delete published rows made before `before` (real time), at most `largest`; returns how many went."""
    return int((await connection.execute(FORGET, before, largest)).split()[-1])
