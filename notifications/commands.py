"""Planning and settling deliveries: what the reactions, the sender and the console do, each in the caller's
transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from notifications import domain
from notifications.domain import Kind
from notifications.facts import DeliverySettled, DeliveryStatus
from services import sql
from services.database import Transaction
from services.http.problems import Conflict, NotFound
from services.ids import new_id
from services.pages.languages import msgid

queries = sql.load(__package__)


async def plan(
    tx: Transaction,
    kind: Kind,
    visitor_id: UUID,
    booking_id: UUID | None,
    cause: str,
    due_at: datetime,
    ends_at: datetime | None = None,
    link_id: UUID | None = None,
) -> UUID | None:
    """Plan one delivery; None where it is planned already, or its visitor was erased."""
    if await queries.is_erased(tx.connection, visitor_id=visitor_id):
        return None
    delivery_id = new_id(tx.moment)
    planned: UUID | None = await queries.plan_delivery(
        tx.connection,
        id=delivery_id,
        programme_id=tx.programme,
        visitor_id=visitor_id,
        booking_id=booking_id,
        kind=kind,
        cause=cause,
        due_at=due_at,
        ends_at=ends_at,
        link_id=link_id,
        moment=tx.moment,
    )
    if planned is not None:
        await step(tx, planned, "planned", kind)
    return planned


async def remind(tx: Transaction, booking_id: UUID, visitor_id: UUID) -> None:
    """Plan the reminder of a confirmed booking, or let the one that is planned follow its time; one that was held back
    or overtaken is taken up again. Too close to the start there is none. Without a known time yet, the event's or
    slot's fact plans it."""
    story = await queries.story_of_booking(tx.connection, booking_id=booking_id)
    if story is None or story["starts_at"] is None or story["time_zone"] is None:
        return
    due_at = domain.remind_at(story["starts_at"], story["time_zone"], tx.moment)
    if due_at is None:
        await overtake_booking(tx, booking_id, frozenset({Kind.REMINDER}))
        return
    if not await queries.wants_reminders(tx.connection, visitor_id=visitor_id):
        return
    ends_at = story["starts_at"] - domain.LEAST_NOTICE
    times = {"booking_id": booking_id, "visitor_id": visitor_id, "due_at": due_at, "ends_at": ends_at}
    if await queries.replan_reminder(tx.connection, **times):
        return
    cause = f"reminder {story['starts_at']:%Y-%m-%dT%H:%M}"
    if await plan(tx, Kind.REMINDER, visitor_id, booking_id, cause, due_at, ends_at):
        return
    again = await queries.reopen_reminder(tx.connection, cause=cause, **times)
    if again is not None:
        await step(tx, again, "planned", Kind.REMINDER)


async def settle(tx: Transaction, row: Any, status: DeliveryStatus, reason: str | None = None) -> None:
    """End a delivery that no sender holds; one that was claimed meanwhile is left to its sender."""
    version = await queries.settle(tx.connection, id=row["id"], status=status, reason=reason, moment=tx.moment)
    if version is not None:
        await step(tx, row["id"], status, reason or "")
        tx.publish(settled(row, tx.programme, status, version, tx.moment))


async def overtake_booking(tx: Transaction, booking_id: UUID, kinds: frozenset[Kind] | None = None) -> None:
    """What was still to be told about a booking is no longer so."""
    for row in await queries.planned_of_booking(tx.connection, booking_id=booking_id):
        if kinds is None or Kind(row["kind"]) in kinds:
            await settle(tx, row, DeliveryStatus.OVERTAKEN)


async def forget_visitor(tx: Transaction, visitor_id: UUID) -> None:
    """Erased: nothing more is sent, and what was known goes. The log keeps that something was sent, by ids alone."""
    await queries.erase_visitor(tx.connection, visitor_id=visitor_id, programme_id=tx.programme)
    for row in await queries.planned_of_visitor(tx.connection, visitor_id=visitor_id):
        await settle(tx, row, DeliveryStatus.WITHHELD, "erased")
    await queries.forget_preferences(tx.connection, visitor_id=visitor_id)
    await queries.forget_preference_link(tx.connection, visitor_id=visitor_id)
    await queries.forget_bookings(tx.connection, visitor_id=visitor_id)


async def set_preferences(tx: Transaction, visitor_id: UUID, reminders: bool) -> None:
    """What the visitor wants to be told: reminders already planned are withheld when they are no longer wanted, and
    planned again when they are."""
    await queries.set_preferences(
        tx.connection, visitor_id=visitor_id, programme_id=tx.programme, reminders=reminders, moment=tx.moment
    )
    if not reminders:
        for row in await queries.planned_of_visitor(tx.connection, visitor_id=visitor_id):
            if row["kind"] == Kind.REMINDER:
                await settle(tx, row, DeliveryStatus.WITHHELD, "not-wanted")
        return
    for row in await queries.confirmed_of_visitor(tx.connection, visitor_id=visitor_id):
        await remind(tx, row["booking_id"], visitor_id)


async def ask_again(tx: Transaction, delivery_id: UUID) -> None:
    """Send one again that failed, was withheld, or whose end is unknown; NotFound, or Conflict
    `cannot-resend` for any other."""
    if await queries.find_delivery(tx.connection, id=delivery_id) is None:
        raise NotFound("delivery")
    if await queries.ask_again(tx.connection, id=delivery_id, moment=tx.moment) is None:
        raise Conflict(
            "cannot-resend",
            msgid("Only a message that failed, was held back, or whose fate is unknown can be sent again."),
        )
    await step(tx, delivery_id, "asked_again")


async def step(tx: Transaction, delivery_id: UUID, name: str, detail: str = "") -> None:
    """A line of the delivery's history."""
    await queries.add_step(
        tx.connection, programme_id=tx.programme, delivery_id=delivery_id, moment=tx.moment, step=name, detail=detail
    )


def settled(
    row: Any,
    programme_id: UUID,
    status: DeliveryStatus,
    version: int,
    moment: datetime,
    sequence: int | None = None,
) -> DeliverySettled:
    """The fact that a delivery came to its end."""
    return DeliverySettled(
        programme_id=programme_id,
        version=version,
        at=moment,
        delivery_id=row["id"],
        visitor_id=row["visitor_id"],
        booking_id=row["booking_id"],
        kind=row["kind"],
        channel=row["channel"],
        status=status,
        sequence=sequence,
    )
