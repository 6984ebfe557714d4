"""The outbox: facts wait here, in the transaction that made them true, until the relay has published them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from services.facts import Fact

APPEND = """
-- One statement for all facts of a transaction: the identity column gives the order in which they are published.
INSERT INTO outbox (message_id, programme_id, aggregate, version, subject, headers, payload, occurred_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::jsonb[], $7::jsonb[], $8::timestamptz[])
"""


async def append(connection: Any, facts: Sequence[Fact]) -> None:
    """Append facts in order, inside the caller's transaction."""
    await connection.execute(
        APPEND,
        [uuid4() for _ in facts],
        [fact.programme_id for fact in facts],
        [fact.aggregate for fact in facts],
        [fact.version for fact in facts],
        [fact.address for fact in facts],
        [{} for _ in facts],
        [fact.model_dump(mode="json") for fact in facts],
        [fact.at for fact in facts],
    )
