"""What may be done to a programme: `programme` itself, its `lists`, its working `groups`.

Every command that changes what the public or the other services see begins with `touch`: it locks the programme's row,
raises its version, and refuses where the section was changed after the version that the caller had read. It ends with
`say`: the fact, and the entry in the public catalogue, both made from the state as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg

from programmes import records
from programmes.domain import Kind, Programme, searched, told
from programmes.facts import ProgrammeStatus
from services.database import Transaction
from services.http.problems import Conflict
from services.identity import audit
from services.identity import commands as identity
from services.identity.principal import Principal
from services.ids import new_id
from services.pages.languages import msgid
from services.words import sort_key

CHANGED = msgid("Someone else changed this while you were writing. Look at what is there now, then save again.")


async def touch(tx: Transaction, section: str, seen: int | None) -> int:
    """Lock the programme and raise its version; returns it. Raises `Conflict` where `section` changed after `seen`."""
    row = await records.queries.touch(
        tx.connection, programme_id=tx.programme, section=section, seen=seen, moment=tx.moment
    )
    if row is None:
        await records.programme(tx)  # no such programme is another answer
        raise Conflict("changed-meanwhile", CHANGED)
    version: int = row["version"]
    return version


async def say(tx: Transaction, by: Principal | None, section: str) -> Programme:
    """Tell everybody what the programme is now: identity's directory, the catalogue, the others by a fact."""
    now = await records.programme(tx)
    await identity.register_programme(
        tx, now.id, slug=now.slug, name=now.own_name, language=now.language, status=now.status.value
    )
    if now.status is not ProgrammeStatus.DRAFT:
        await records.queries.enter_catalogue(
            tx.connection,
            programme_id=now.id,
            slug=now.slug,
            status=now.status.value,
            names=dict(now.names),
            summaries=dict(now.summaries),
            municipalities=[one.name for one in now.municipalities],
            counties=list(now.counties),
            target_groups=[term.code for term in now.listed(Kind.TARGET_GROUP) if term.code],
            activity_types=[term.code for term in now.listed(Kind.ACTIVITY_TYPE) if term.code],
            sort_key=sort_key(now.own_name),
            grams=searched(now),
            moment=tx.moment,
        )
    tx.publish(told(now, tx.moment))
    await audit.record(tx, by, "programme.changed", f"programme:{now.id}", section=section, version=now.version)
    return now


@contextmanager
def pointing() -> Iterator[None]:
    """Around a statement that makes or breaks a pointer: raises `Conflict` where its other end was just removed."""
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        raise Conflict("changed-meanwhile", CHANGED) from error


def made(tx: Transaction) -> UUID:
    """A new id of the transaction's moment."""
    return new_id(tx.moment)
