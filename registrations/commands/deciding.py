"""Decides many wishes of a programme in one transaction. Each gets its own answer; one that is refused fails alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from registrations.commands import answers as answering
from registrations.commands import hand_overs, ledgers, tickets
from registrations.commands.ledgers import Elsewhere, packed
from registrations.domain.answers import Answer as Said
from registrations.domain.answers import Judged
from registrations.domain.applications import Application, Instead, Item, NewHousehold, Takeover
from registrations.domain.asking import Came, Choose, Confirm, Granted, LetGo, Move, Resize, TakeOver
from registrations.domain.checks import find
from registrations.domain.consents import CURRENT
from registrations.domain.ledger import Ledger
from registrations.domain.refusals import Reason, Refused
from registrations.domain.wishes import grant
from registrations.facts import Cause
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id
from services.keys import Keys
from services.outbox import origin
from services.words import sort_key

Answer = Granted | Refused
Origin = Mapping[str, str]


async def decide_together(
    tx: Transaction, keys: Keys, items: Sequence[Item], origins: Sequence[Origin] = ()
) -> list[Answer]:
    """Answer every item, in order: what an earlier one freed, a later one may get. `origins` says of each item where it
    comes from, where that is not here: so do the facts of what it changed.

    Raises `Elsewhere` where a booking changed pools meanwhile; the transaction must then be begun anew.
    """
    applications = [item for item in items if isinstance(item, Application)]
    asked = [item.booking_id for item in items if not isinstance(item, Application | Choose | LetGo)]
    attempts = [item.attempt for item in items if isinstance(item, Application | Choose | LetGo)]
    wanted = [item for item in items if isinstance(item, Application | Choose | Move | Instead)]
    pools = await ledgers.lock(
        tx,
        slots=[item.slot_id for item in wanted if item.slot_id is not None],
        events=[item.event_id for item in wanted if item.slot_id is None and item.event_id is not None],
        bookings=asked,
        attempts=attempts,
    )
    visitors = await _meet(tx, applications)
    ledger = await ledgers.read(
        tx,
        pools,
        bookings=[*asked, *(one.booking_id for one in applications)],
        visitors=[*(met.visitor_id for met in visitors.values()), *await _lock_movers(tx, items)],
        attempts=attempts,
        freeing=bool(asked) or any(isinstance(item, LetGo) for item in items),
    )
    # After the windows: an event that was ready then has all the questions that it was given with its readiness.
    judged = await answering.judge_all(tx, applications)
    judged_there = await answering.judge_elsewhere(tx, _going_elsewhere(ledger, items))
    _check_locked(ledger, asked)
    ledger.release_ended()
    # Someone in line may have become eligible since it last moved (an offer elsewhere ended): nobody passes them now.
    ledger.move_line(ledger.pools.values())
    asked_over = await hand_overs.still_asked(tx, [item for item in items if isinstance(item, Takeover)])
    answers: list[Answer] = []
    came_from: list[Origin] = [origin()] * len(ledger.changes)
    for item, its_origin in zip(items, origins or [origin()] * len(items), strict=True):
        answers.append(_answer(ledger, item, visitors, judged | judged_there, asked_over))
        came_from += [its_origin] * (len(ledger.changes) - len(came_from))
    for booking_id in ledger.created | ledger.renewed:
        booking = ledger.bookings[booking_id]
        booking.code = tickets.code(keys, booking_id, booking.rotation)
    await ledgers.write(tx, ledger, came_from)
    if ledger.created:
        await tickets.issue(tx, keys, sorted(ledger.created))
    for booking_id in sorted(ledger.renewed):
        await queries.drop_tokens(tx.connection, booking_id=booking_id)
        await tickets.issue(tx, keys, [booking_id], ledger.bookings[booking_id].rotation)
    await _write_people(tx, ledger, items, answers, visitors, judged | judged_there)
    return answers


def _going_elsewhere(ledger: Ledger, items: Sequence[Item]) -> list[Instead]:
    """Who chose another event and so is asked what it asks: nobody gets by a question by booking somewhere else first.
    Of its own event's questions a booking has the answers."""
    chosen = [
        Instead(item.booking_id, item.event_id, item.slot_id, {}, "")
        if isinstance(item, Move) and item.event_id is not None and item.cause is Cause.VISITOR
        else item
        for item in items
    ]
    return [
        one
        for one in chosen
        if isinstance(one, Instead)
        and (booking := ledger.bookings.get(one.booking_id)) is not None
        and booking.event_id != one.event_id
    ]


async def _lock_movers(tx: Transaction, items: Sequence[Item]) -> list[UUID]:
    """The visitors whose bookings change place or hands, locked: their other bookings must stay as we read them. And
    those who answered our mail, since that is written to their row, which nobody may lock after a booking."""
    moves = [item.booking_id for item in items if isinstance(item, Move | Instead | Takeover | Confirm)]
    takers = [item.visitor_id for item in items if isinstance(item, Takeover)]
    if not moves:
        return []
    return [row["id"] for row in await queries.lock_visitors(tx.connection, bookings=moves, visitors=takers)]


@dataclass(frozen=True, slots=True)
class Met:
    """The visitor behind an application: whether we met them just now, and know their address to be theirs."""

    visitor_id: UUID
    fresh: bool
    address_known: bool


async def _meet(tx: Transaction, applications: Sequence[Application]) -> dict[UUID, Met]:
    """By the booking id of each application."""
    met: dict[UUID, Met] = {}
    addresses: dict[str, dict[str, object]] = {}
    for one in applications:
        key = one.person.email_key
        if key is None:
            # Without an address nobody can be known again: a walk-in who gave none is always someone new.
            met[one.booking_id] = Met(new_id(tx.moment), fresh=True, address_known=False)
            await queries.add_visitor(
                tx.connection,
                id=met[one.booking_id].visitor_id,
                programme_id=tx.programme,
                name=one.person.name,
                language=one.person.language,
                moment=tx.moment,
            )
        else:
            person = {"name": one.person.name, "email": one.person.email, "language": one.person.language}
            addresses.setdefault(key, {"id": new_id(tx.moment), "email_key": key, **person})
    if addresses:
        met_rows = packed(list(addresses.values()))
        rows = await queries.meet_visitors(
            tx.connection, programme_id=tx.programme, moment=tx.moment, rows=met_rows, by_themselves=True
        )
        known = {row["email_key"]: Met(row["id"], row["fresh"], row["address_known"]) for row in rows}
        for one in applications:
            if one.person.email_key is not None:
                met[one.booking_id] = known[one.person.email_key]
    return met


def _check_locked(ledger: Ledger, asked: Sequence[UUID]) -> None:
    for booking_id in asked:
        booking = ledger.bookings.get(booking_id)
        if booking is not None and not ledger.pools.keys() >= booking.places.keys():
            raise Elsewhere(str(booking_id))


def _answer(
    ledger: Ledger,
    item: Item,
    visitors: Mapping[UUID, Met],
    judged: Mapping[UUID, Judged],
    asked_over: set[UUID],
) -> Answer:
    try:
        match item:
            case Application():
                if item.booking_id in judged and judged[item.booking_id].wrong:
                    raise Refused(Reason.ANSWERS, wrong=judged[item.booking_id].wrong)
                met = visitors[item.booking_id]
                return grant(ledger, item.wish(met.visitor_id, address_known=met.address_known))
            case Takeover():
                return _take_over(ledger, item, asked_over)
            case Instead() | Move():
                if item.booking_id in judged and judged[item.booking_id].wrong:
                    raise Refused(Reason.ANSWERS, wrong=judged[item.booking_id].wrong)
                return grant(ledger, item.wish() if isinstance(item, Instead) else item)
            case NewHousehold():
                household = item.household
                return grant(ledger, Resize(item.booking_id, household.adults, household.children, item.cause))
            case _:
                return grant(ledger, item)
    except Refused as refused:
        return refused


def _take_over(ledger: Ledger, item: Takeover, asked_over: set[UUID]) -> Answer:
    booking = find(ledger, item.booking_id)
    # Said twice, it is theirs already.
    if booking.visitor_id != item.visitor_id:
        if item.hand_over_id not in asked_over:
            raise Refused(Reason.NOT_ASKED)
        asked_over.remove(item.hand_over_id)
    return grant(ledger, TakeOver(item.booking_id, item.visitor_id))


async def _write_people(
    tx: Transaction,
    ledger: Ledger,
    items: Sequence[Item],
    answers: Sequence[Answer],
    visitors: Mapping[UUID, Met],
    judged: Mapping[UUID, Judged],
) -> None:
    """Who comes with the new bookings and what they agreed to; of whoever was refused nothing is kept."""
    households: list[dict[str, object]] = []
    consents: list[dict[str, object]] = []
    said: list[tuple[UUID, UUID, str, Sequence[Said]]] = []
    kept: set[UUID] = set()
    for item, answer in zip(items, answers, strict=True):
        if isinstance(item, NewHousehold) and isinstance(answer, Granted):
            await queries.resize_household(tx.connection, booking_id=item.booking_id, **item.household.counts())
        if isinstance(item, Takeover) and isinstance(answer, Granted) and answer.came is Came.CHANGED:
            await hand_overs.settle(tx, item)
        if isinstance(item, Confirm) and isinstance(answer, Granted):
            await queries.confirm_address(tx.connection, booking_id=item.booking_id, moment=tx.moment)
        if isinstance(item, Instead) and isinstance(answer, Granted) and item.booking_id in judged:
            visitor_id = ledger.bookings[item.booking_id].visitor_id
            said.append((item.booking_id, visitor_id, item.through, judged[item.booking_id].answers))
        if not isinstance(item, Application) or isinstance(answer, Refused):
            continue
        visitor_id = visitors[item.booking_id].visitor_id
        kept.add(visitor_id)
        if answer.came is Came.AGAIN:
            continue
        if item.booking_id in judged:
            said.append((item.booking_id, visitor_id, item.through, judged[item.booking_id].answers))
        households.append(
            {
                "booking_id": item.booking_id,
                "visitor_id": visitor_id,
                "name": item.person.name,
                "group_name": item.group_name,
                "sort_key": sort_key(f"{item.group_name or ''} {item.person.name}".strip()),
                **item.household.counts(),
                "lives_in": item.lives_in,
                "moving": item.moving,
                "looking_for": item.looking_for,
            }
        )
        consents.extend(
            {
                "id": new_id(tx.moment),
                "visitor_id": visitor_id,
                "purpose": purpose,
                "wording": CURRENT[purpose],
                "language": item.person.language,
                "given_through": item.through,
            }
            for purpose in item.consents
        )
    if households:
        await queries.save_households(tx.connection, programme_id=tx.programme, rows=packed(households))
    if said:
        await answering.save(tx, said)
    if moved := [one.booking_id for one in items if isinstance(one, Move | Instead) and one.event_id is not None]:
        await queries.drop_answers_elsewhere(tx.connection, bookings=moved, moment=tx.moment)
    if consents:
        await queries.save_consents(tx.connection, programme_id=tx.programme, moment=tx.moment, rows=packed(consents))
    strangers = {met.visitor_id for met in visitors.values() if met.fresh} - kept
    if strangers:
        await queries.forget_strangers(tx.connection, visitors=list(strangers))
