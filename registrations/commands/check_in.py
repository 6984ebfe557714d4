"""At the door: a scan is judged, written down once however often it is sent, and lets in who may come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from registrations.commands import telling
from registrations.commands.deciding import decide_together
from registrations.commands.ledgers import Elsewhere
from registrations.domain.applications import Application
from registrations.domain.asking import Granted
from registrations.domain.check_in import LIGHTS, Light, Standing, Verdict, judge, may_undo, scanned, typed
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id
from services.keys import Keys, token_hash

TOO_FAR_AHEAD = timedelta(minutes=5)
"""A device whose clock is ahead by more than this is not believed."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: `booking_id` None where nothing was found. `nonce` is made by the device, `scanned_at` by its clock."""

    event_id: UUID
    booking_id: UUID | None
    nonce: UUID
    scanned_at: datetime
    offline: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """What a scan came to. `since` is when they were let in before, where that is the answer."""

    verdict: Verdict
    booking_id: UUID | None
    since: datetime | None = None

    @property
    def light(self) -> Light:
        return LIGHTS[self.verdict]


async def find(tx: Transaction, keys: Keys, event_id: UUID, text: str) -> UUID | None:
    """The booking behind what was scanned or typed: a ticket's address, its token, or the short code."""
    token = scanned(text)
    if token is not None:
        row = await queries.booking_of_token(tx.connection, token_hash=token_hash(token), purpose="ticket")
        if row is None or row["programme_id"] != tx.programme:
            return None
        rotation = await queries.rotation_of_booking(tx.connection, id=row["booking_id"])
        return row["booking_id"] if keys.made(token, "ticket", row["booking_id"], rotation) else None
    code = typed(text)
    if code is None:
        return None
    rows = await queries.bookings_of_code(tx.connection, programme_id=tx.programme, code=code, event_id=event_id)
    return rows[0]["id"] if rows else None


async def check_in(tx: Transaction, scan: Scan) -> Admission:
    """Judge a scan and let in who may come in. The same nonce again gets the first answer, whatever happened since.

    1. Lock the booking: of two scans at one moment, the second sees what the first did.
    2. Judge it.
    3. Write the scan down; where its nonce is known, nothing else happens.
    4. Let them in, and tell.
    """
    row = await queries.lock_booking(tx.connection, id=scan.booking_id) if scan.booking_id else None
    standing = Standing(row["id"], row["event_id"], BookingStatus(row["status"])) if row is not None else None
    verdict = judge(standing, scan.event_id)
    before = await queries.last_admission(tx.connection, booking_id=row["id"]) if row is not None else None
    if not await _save(tx, scan, row, verdict):
        return await _answered(tx, scan.nonce)
    if row is not None and verdict is Verdict.ADMITTED:
        changed = await queries.set_status(
            tx.connection, id=row["id"], status=BookingStatus.ATTENDED, cause=Cause.STAFF, moment=tx.moment
        )
        tx.publish(telling.of_row("attended", changed, tx.moment))
    return Admission(verdict, row["id"] if row is not None else None, before["scanned_at"] if before else None)


async def undo(tx: Transaction, booking_id: UUID, nonce: UUID, account_id: UUID | None) -> Admission:
    """Take the last check-in of a booking back; within a quarter of an hour, else `Refused`."""
    row = await queries.lock_booking(tx.connection, id=booking_id)
    if row is None:
        raise Refused(Reason.UNKNOWN_BOOKING)
    if await queries.find_scan(tx.connection, programme_id=tx.programme, nonce=nonce) is not None:
        return await _answered(tx, nonce)
    admitted = await queries.last_admission(tx.connection, booking_id=booking_id)
    if row["status"] != BookingStatus.ATTENDED or admitted is None:
        raise Refused(Reason.OVER)
    if not may_undo(admitted["received_at"], tx.moment):
        raise Refused(Reason.CLOSED)
    await _save(tx, Scan(row["event_id"], booking_id, nonce, tx.moment, account_id=account_id), row, Verdict.UNDONE)
    changed = await queries.set_status(
        tx.connection, id=booking_id, status=BookingStatus.CONFIRMED, cause=Cause.STAFF, moment=tx.moment
    )
    tx.publish(telling.of_row("undone", changed, tx.moment))
    return Admission(Verdict.UNDONE, booking_id)


async def walk_in(tx: Transaction, keys: Keys, application: Application, account_id: UUID | None) -> UUID:
    """Someone stands here now: book and let in, in one go. Returns the booking's id; the same form sent twice is one.

    Raises `Refused`, or `Elsewhere` where the same form was sent at the same moment: begun anew, it finds the first.
    """
    earlier = await queries.find_scan(tx.connection, programme_id=tx.programme, nonce=application.attempt)
    if earlier is not None:
        known: UUID = earlier["booking_id"]
        return known
    (answer,) = await decide_together(tx, keys, [application])
    if not isinstance(answer, Granted):
        raise answer
    # Facts of the booking come before that of the check-in: both are in this transaction, in this order.
    scan = Scan(application.event_id, answer.booking_id, application.attempt, tx.moment, account_id=account_id)
    if (await check_in(tx, scan)).booking_id != answer.booking_id:
        raise Elsewhere(str(answer.booking_id))
    return answer.booking_id


async def mark_missed(tx: Transaction, booking_id: UUID) -> None:
    """A confirmed booking whose time is over and whom nobody saw."""
    row = await queries.miss_booking(tx.connection, id=booking_id, moment=tx.moment)
    if row is not None:
        tx.publish(telling.of_row("missed", row, tx.moment))


async def _save(tx: Transaction, scan: Scan, row: Any, verdict: Verdict) -> bool:
    """Whether the scan is new. A clock ahead of ours is set right, one behind (offline) is believed."""
    saved = await queries.save_scan(
        tx.connection,
        id=new_id(tx.moment),
        programme_id=tx.programme,
        nonce=scan.nonce,
        event_id=scan.event_id,
        booking_id=row["id"] if row is not None else None,
        verdict=verdict,
        scanned_at=min(scan.scanned_at, tx.moment) if scan.scanned_at > tx.moment + TOO_FAR_AHEAD else scan.scanned_at,
        received_at=tx.moment,
        offline=scan.offline,
        account_id=scan.account_id,
    )
    return saved is not None


async def _answered(tx: Transaction, nonce: UUID) -> Admission:
    row = await queries.find_scan(tx.connection, programme_id=tx.programme, nonce=nonce)
    return Admission(Verdict(row["verdict"]), row["booking_id"], row["scanned_at"])
