"""A programme's lists: municipalities and terms are added, changed, moved and removed.

Adding needs no version: two people who add do not contradict each other. What others point to is not removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from programmes import inputs, records
from programmes.commands import made, pointing, say, touch
from programmes.domain import Direction, Kind, Municipality, Programme, Term, lacks, moved, plain_parts, same_name, text
from programmes.facts import ProgrammeStatus
from programmes.vocabulary import standard
from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity.principal import Principal
from services.pages.explaining import CHOOSE, FILL_IN
from services.pages.languages import msgid
from services.words import folded, sort_key

TAKEN = msgid("There is one with this name already.")
LONGEST = 200


async def add_municipality(tx: Transaction, by: Principal | None, wanted: inputs.Municipality) -> UUID:
    """Add a municipality at the end of the list; returns its id. Raises `Invalid` where one has its name."""
    await touch(tx, "municipalities", None)
    there = (await records.programme(tx)).municipalities
    _free_name(wanted.name, there)
    _not_too_many(there)
    new = made(tx)
    await records.queries.insert_municipality(
        tx.connection, programme_id=tx.programme, id=new, slug=_slug(wanted.name, there), **wanted.model_dump()
    )
    await say(tx, by, "municipalities")
    return new


async def change_municipality(
    tx: Transaction, by: Principal | None, municipality_id: UUID, wanted: inputs.MunicipalityChange
) -> None:
    """Write a municipality anew; its slug stays."""
    await touch(tx, "municipalities", wanted.version)
    there = (await records.programme(tx)).municipalities
    _one(there, municipality_id, "municipality")
    _free_name(wanted.name, [one for one in there if one.id != municipality_id])
    values = wanted.model_dump(exclude={"version"})
    await records.queries.write_municipality(tx.connection, programme_id=tx.programme, id=municipality_id, **values)
    await say(tx, by, "municipalities")


async def remove_municipality(tx: Transaction, by: Principal | None, municipality_id: UUID, seen: int) -> None:
    """Take a municipality off. Raises `Conflict` where groups, members or events to come need it."""
    await touch(tx, "municipalities", seen)
    now = await records.programme(tx)
    _one(now.municipalities, municipality_id, "municipality")
    needing = await records.queries.needing_municipality(
        tx.connection, programme_id=tx.programme, id=municipality_id, moment=tx.moment
    )
    _unneeded(needing, now)
    with pointing():
        await records.queries.delete_municipality(tx.connection, programme_id=tx.programme, id=municipality_id)
    _still_whole(await say(tx, by, "municipalities"))


async def move_municipality(
    tx: Transaction, by: Principal | None, municipality_id: UUID, direction: Direction, seen: int
) -> None:
    """Move a municipality a place up or down."""
    await touch(tx, "municipalities", seen)
    there = (await records.programme(tx)).municipalities
    _one(there, municipality_id, "municipality")
    ids = moved([one.id for one in there], municipality_id, direction)
    await records.queries.place_municipalities(tx.connection, programme_id=tx.programme, ids=ids)
    await say(tx, by, "municipalities")


async def add_term(tx: Transaction, by: Principal | None, kind: Kind, wanted: inputs.NewTerm) -> UUID:
    """Add a standard term by its code, or one of the programme's own; returns its id. Raises `Invalid`."""
    await touch(tx, kind.value, None)
    now = await records.programme(tx)
    there = now.listed(kind)
    names = wanted.names
    if wanted.code is not None:
        known = standard(kind, wanted.code)
        if known is None:
            raise Invalid({"code": CHOOSE})
        if any(term.code == wanted.code for term in there):
            raise Invalid({"code": TAKEN})
        names = names or dict(known.names)
    _fit(now, kind, names, wanted.parts, None)
    _not_too_many(there)
    new = made(tx)
    await records.queries.insert_term(
        tx.connection,
        programme_id=tx.programme,
        id=new,
        kind=kind.value,
        names=dict(names),
        code=wanted.code,
        parts=list(wanted.parts),
    )
    await say(tx, by, kind.value)
    return new


async def change_term(
    tx: Transaction, by: Principal | None, kind: Kind, term_id: UUID, wanted: inputs.TermChange
) -> None:
    """Give a term other names, a composed target group other parts."""
    await touch(tx, kind.value, wanted.version)
    now = await records.programme(tx)
    _one(now.listed(kind), term_id, kind.value)
    _fit(now, kind, wanted.names, wanted.parts, term_id)
    await records.queries.write_term(
        tx.connection, programme_id=tx.programme, id=term_id, names=dict(wanted.names), parts=list(wanted.parts)
    )
    await say(tx, by, kind.value)


async def remove_term(tx: Transaction, by: Principal | None, kind: Kind, term_id: UUID, seen: int) -> None:
    """Take a term off the list. Raises `Conflict` where groups, members, other terms or events to come need it."""
    await touch(tx, kind.value, seen)
    now = await records.programme(tx)
    _one(now.listed(kind), term_id, kind.value)
    needing = await records.queries.needing_term(tx.connection, programme_id=tx.programme, id=term_id, moment=tx.moment)
    _unneeded(needing, now)
    with pointing():
        await records.queries.delete_term(tx.connection, programme_id=tx.programme, id=term_id)
    _still_whole(await say(tx, by, kind.value))


async def move_term(
    tx: Transaction, by: Principal | None, kind: Kind, term_id: UUID, direction: Direction, seen: int
) -> None:
    """Move a term a place up or down in its list."""
    await touch(tx, kind.value, seen)
    there = (await records.programme(tx)).listed(kind)
    _one(there, term_id, kind.value)
    await records.queries.place_terms(
        tx.connection, programme_id=tx.programme, ids=moved([term.id for term in there], term_id, direction)
    )
    await say(tx, by, kind.value)


def _fit(now: Programme, kind: Kind, names: dict[str, str], parts: Sequence[UUID], term_id: UUID | None) -> None:
    """All that could be wrong with a term, at once."""
    errors: dict[str, str] = {}
    there = [term for term in now.listed(kind) if term.id != term_id]
    if not names.get(now.language):
        errors[f"names.{now.language}"] = FILL_IN
    taken = same_name(names, [term.names for term in there])
    if taken is not None:
        errors[f"names.{taken}"] = TAKEN
    if parts and kind is not Kind.TARGET_GROUP:
        errors["parts"] = msgid("Only target groups are composed of others.")
    elif len(parts) == 1:
        errors["parts"] = msgid("Choose two groups or more, or none.")
    elif parts and not plain_parts(parts, there, term_id):
        errors["parts"] = msgid("Choose among the programme's own groups that are not composed themselves.")
    elif parts and any(term_id in term.parts for term in there):
        errors["parts"] = msgid("Another group is composed of this one, so it cannot be composed itself.")
    if errors:
        raise Invalid(errors)


def _one(there: Sequence[Municipality] | Sequence[Term], wanted: UUID, what: str) -> None:
    if all(one.id != wanted for one in there):
        raise NotFound(what)


def _not_too_many(there: Sequence[object]) -> None:
    if len(there) >= LONGEST:
        raise Conflict("list-full", msgid("A list holds at most {count}. Remove some first."), count=LONGEST)


def _free_name(name: str, others: Sequence[Municipality]) -> None:
    if sort_key(name) in {sort_key(one.name) for one in others}:
        raise Invalid({"name": TAKEN})


def _slug(name: str, others: Sequence[Municipality]) -> str:
    """The name as part of an address: `ytterhav`, and `ytterhav-2` where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", "-".join(folded(name)))[:80].strip("-") or "municipality"
    taken = {one.slug for one in others}
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := plain if number == 1 else f"{plain}-{number}") not in taken
    )


def _unneeded(needing: Sequence[Any], now: Programme) -> None:
    """Raise `Conflict` naming the first that would lose its meaning."""
    for row in needing:
        name = text(row["names"], now.language)
        match row["what"]:
            case "event":
                raise Conflict("in-use", msgid("The event “{name}” uses this. Change the event first."), name=name)
            case "term":
                raise Conflict("in-use", msgid("The target group “{name}” is composed of this."), name=name)
            case "member":
                raise Conflict(
                    "in-use", msgid("Someone in the group “{name}” stands for this. Change that first."), name=name
                )
            case _:
                raise Conflict(
                    "in-use", msgid("The working group “{name}” needs this. Change the group first."), name=name
                )


def _still_whole(now: Programme) -> None:
    """A published programme keeps what publishing asks for."""
    lacking = lacks(now) if now.status is ProgrammeStatus.PUBLISHED else ()
    if lacking:
        raise Conflict("incomplete", lacking[0].sentence, **lacking[0].values)
