"""What organisers do with an event's questions: add, change, move, take away, copy from another event.

An event's row is locked first, so that the questions are changed one after the other and stand in one order; each
change leaves questions that can be asked (`domain/questions.py`, `check`). A question is never deleted: answers lead
back to it, and a batch of bookings that has read it may be about to write one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from registrations.commands.answers import questions_of
from registrations.domain.questions import MOST_QUESTIONS, Question, asked_in_order, check, moved
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id


class Overtaken(Exception):
    """Somebody else changed it since it was read. Nothing was changed."""


async def add(tx: Transaction, event_id: UUID, wanted: Question) -> None:
    """One more question, after those there are. Raises `Unsound`."""
    questions = await _lock(tx, event_id)
    wanted = replace(wanted, position=_last(questions) + 1)
    check([*questions, wanted])
    await _add(tx, event_id, wanted)


async def change(tx: Transaction, event_id: UUID, wanted: Question) -> None:
    """Another wording, other bounds or another condition, for the version that was read; the kind stays.

    Where visitors read other words than before, the wording has a new number, and consents to the old one are not
    consents to it. Raises `Overtaken`, and `Unsound` where it or those that depend on it could not be asked.
    """
    questions = await _lock(tx, event_id)
    stands = next((one for one in questions if one.id == wanted.id and not one.retired), None)
    if stands is None or stands.version != wanted.version:
        raise Overtaken(str(wanted.id))
    reworded = wanted.says_otherwise(stands)
    wanted = replace(wanted, position=stands.position, kind=stands.kind, wording=stands.wording + reworded)
    check([wanted if one.id == wanted.id else one for one in questions])
    row = _row(wanted)
    await queries.change_question(
        tx.connection,
        event_id=event_id,
        wording=wanted.wording,
        version=wanted.version,
        **{name: value for name, value in row.items() if name not in {"kind", "position"}},
    )
    if reworded:
        words = {name: row[name] for name in ("labels", "hints", "options")}
        await queries.keep_wording(
            tx.connection,
            id=wanted.id,
            wording=wanted.wording,
            programme_id=tx.programme,
            moment=tx.moment,
            **words,
        )


async def move(tx: Transaction, event_id: UUID, id: UUID, position: int, *, up: bool) -> None:
    """One place up or down, from the position that was seen. Raises `Overtaken`, and `Unsound` where a question would
    come before the one that it depends on; at an end nothing changes."""
    questions = await _lock(tx, event_id)
    pair = moved(questions, id, up=up)
    if pair is None:
        return
    one, other = pair
    if one.position != position:
        raise Overtaken(str(id))
    changed = {one.id: replace(one, position=other.position), other.id: replace(other, position=one.position)}
    check([changed.get(each.id, each) for each in questions])
    for each in changed.values():
        await queries.place_question(tx.connection, id=each.id, position=each.position)


async def retire(tx: Transaction, event_id: UUID, id: UUID, version: int) -> None:
    """Ask it no more; its answers stay. Raises `Overtaken`, and `Unsound` where others depend on it."""
    questions = await _lock(tx, event_id)
    stands = next((one for one in questions if one.id == id), None)
    if stands is None:
        raise Overtaken(str(id))
    check([replace(one, retired=True) if one.id == id else one for one in questions])
    await _set_retired(tx, event_id, stands, version, tx.moment, stands.position)


async def ask_again(tx: Transaction, event_id: UUID, id: UUID, version: int) -> None:
    """Ask it once more, after the others. Raises `Overtaken`, and `Unsound` where what it depends on is not asked."""
    questions = await _lock(tx, event_id)
    stands = next((one for one in questions if one.id == id), None)
    if stands is None:
        raise Overtaken(str(id))
    last = _last(questions) + 1
    check([replace(one, retired=False, position=last) if one.id == id else one for one in questions])
    await _set_retired(tx, event_id, stands, version, None, last)


async def copy(tx: Transaction, event_id: UUID, from_event: UUID) -> int:
    """Ask here what another event of the programme asks, after what is asked already; how many were added. What is
    asked here in the same words is not asked twice. Raises `Unsound` where they would be too many."""
    added = await add_like(tx, event_id, asked_in_order(await questions_of(tx, from_event)))
    await queries.settle_left_out_of(tx.connection, event_id=event_id, from_event_id=from_event)
    return added


async def copy_what_fits(tx: Transaction, event_id: UUID, from_event: UUID) -> list[UUID]:
    """As `copy`, but only the first of them, as far as there is room; returns those of the other event's that are left.
    What depends on another question comes after it, so that those which are asked are not missing one."""
    here = await _lock(tx, event_id)
    wanted = _like(here, asked_in_order(await questions_of(tx, from_event)), tx)
    room = MOST_QUESTIONS - len(asked_in_order(here))
    await _add_all(tx, event_id, here, list(wanted.values())[:room])
    return list(wanted)[room:]


async def add_like(tx: Transaction, event_id: UUID, theirs: Sequence[Question]) -> int:
    """Ask here what is asked elsewhere, each after the one on which it depends; how many were not asked already. Raises
    `Unsound`."""
    here = await _lock(tx, event_id)
    wanted = _like(here, theirs, tx)
    await _add_all(tx, event_id, here, list(wanted.values()))
    return len(wanted)


def _like(here: Sequence[Question], theirs: Sequence[Question], tx: Transaction) -> dict[UUID, Question]:
    """What would be added here, by the ids that those questions have where they are asked."""
    known = {_words(one): one for one in asked_in_order(here)}
    ids: dict[UUID, UUID] = {}
    wanted: dict[UUID, Question] = {}
    for one in theirs:
        same = known.get(_words(one))
        ids[one.id] = same.id if same else new_id(tx.moment)
        if same is None:
            position = _last(here) + len(wanted) + 1
            shown_when = ids[one.shown_when] if one.shown_when else None
            copied = replace(one, id=ids[one.id], position=position, options=one.offered, shown_when=shown_when)
            wanted[one.id] = copied
    return wanted


async def _add_all(tx: Transaction, event_id: UUID, here: Sequence[Question], wanted: Sequence[Question]) -> None:
    check([*here, *wanted])
    for one in wanted:
        await _add(tx, event_id, one)


async def _lock(tx: Transaction, event_id: UUID) -> list[Question]:
    await queries.lock_event(tx.connection, id=event_id)
    return await questions_of(tx, event_id)


async def _add(tx: Transaction, event_id: UUID, wanted: Question) -> None:
    await queries.add_question(
        tx.connection, event_id=event_id, programme_id=tx.programme, moment=tx.moment, **_row(wanted)
    )


async def _set_retired(tx: Transaction, event_id: UUID, one: Question, version: int, at: Any, position: int) -> None:
    done = await queries.retire_question(
        tx.connection, id=one.id, event_id=event_id, version=version, retired_at=at, position=position
    )
    if done is None:
        raise Overtaken(str(one.id))


def _row(question: Question) -> dict[str, Any]:
    """The columns that an organiser decides."""
    row = asdict(question)
    for name in ("wording", "version", "retired"):
        del row[name]
    return {**row, "hints": row["hints"] or {}, "options": list(row["options"]), "shown_for": list(row["shown_for"])}


def _last(questions: Sequence[Question]) -> int:
    return max((one.position for one in questions), default=0)


def _words(question: Question) -> tuple[Any, ...]:
    return question.kind, tuple(sorted(question.labels.items())), tuple(option.key for option in question.offered)
