"""Turns what changed into facts: a booking's steps, how full its places are, leads and outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.facts import Unit
from registrations import facts
from registrations.domain.changes import Change
from registrations.facts import (
    Awaits,
    BookingFact,
    BookingStatus,
    Cause,
    Interest,
    LeadFact,
    OutcomeKind,
    OutcomeLogged,
    OutcomeSource,
    PlacesChanged,
    Scope,
)

STEPS: dict[str, type[BookingFact]] = {
    "confirmed": facts.BookingConfirmed,
    "waitlisted": facts.BookingWaitlisted,
    "offered": facts.BookingOffered,
    "changed": facts.BookingChanged,
    "moved": facts.BookingMoved,
    "cancelled": facts.BookingCancelled,
    "asked_again": facts.BookingAskedAgain,
    "asked_to_move": facts.BookingAskedToMove,
    "may_stay": facts.BookingMayStay,
    "drawn": facts.BookingDrawn,
    "held": facts.BookingHeld,
    "handed_over": facts.BookingHandedOver,
    "renewed": facts.BookingRenewed,
    "attended": facts.BookingAttended,
    "missed": facts.BookingMissed,
    "undone": facts.AttendanceUndone,
}

STANDING: dict[BookingStatus, str] = {
    BookingStatus.HELD: "held",
    BookingStatus.CONFIRMED: "confirmed",
    BookingStatus.WAITING: "waitlisted",
    BookingStatus.OFFERED: "offered",
    BookingStatus.CANCELLED: "cancelled",
    BookingStatus.ATTENDED: "attended",
    BookingStatus.NO_SHOW: "missed",
}
"""Which fact says where a booking stands."""


def of_change(programme_id: UUID, change: Change, moment: datetime) -> BookingFact:
    """The fact of one step."""
    booking = change.booking
    handed = {"previous_visitor_id": change.previous_visitor_id} if change.what == "handed_over" else {}
    return STEPS[change.what](
        **handed,
        programme_id=programme_id,
        version=change.version,
        at=moment,
        booking_id=booking.id,
        visitor_id=change.visitor_id,
        event_id=change.event_id,
        stand_id=change.stand_id,
        slot_id=change.slot_id,
        status=change.status,
        cause=change.cause,
        adults=change.adults,
        children=change.children,
        rotation=change.rotation,
        via=booking.via,
        heard_of=booking.heard_of,
        walk_in=booking.walk_in,
        is_group=booking.is_group,
        target_groups=booking.target_groups,
        previous_slot_id=change.previous_slot_id,
        offer_ends_at=change.ends_by if change.status is BookingStatus.OFFERED else None,
        starts_at=change.starts_at,
        ends_at=change.ends_at,
        awaits=change.awaits,
        lots_at=change.lots_at,
    )


def of_row(what: str, row: Mapping[str, Any], moment: datetime, lots_at: datetime | None = None) -> BookingFact:
    """The fact of a step that was written straight to the row (check-in, no-show), or of where it stands. `lots_at`:
    of one that waits, when lots are drawn."""
    return STEPS[what](
        programme_id=row["programme_id"],
        version=row["version"],
        at=moment,
        booking_id=row["id"],
        visitor_id=row["visitor_id"],
        event_id=row["event_id"],
        stand_id=row["stand_id"],
        slot_id=row["slot_id"],
        status=BookingStatus(row["status"]),
        cause=Cause(row["cause"]),
        adults=row["adults"],
        children=row["children"],
        rotation=row["rotation"],
        via=row["via"],
        heard_of=row["heard_of"],
        walk_in=row["walk_in"],
        is_group=row["is_group"],
        target_groups=tuple(row["target_groups"]),
        offer_ends_at=row["ends_by"] if row["status"] == BookingStatus.OFFERED else None,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        awaits=Awaits(row["awaits"]) if row["awaits"] else None,
        lots_at=lots_at if row["status"] == BookingStatus.WAITING else None,
    )


def of_pool(programme_id: UUID, row: Mapping[str, Any], moment: datetime) -> PlacesChanged:
    """How full a place is now."""
    return PlacesChanged(
        programme_id=programme_id,
        version=row["version"],
        at=moment,
        pool_id=row["id"],
        event_id=row["event_id"],
        scope=Scope(row["scope"]),
        stand_id=row["stand_id"],
        slot_id=row["slot_id"],
        unit=Unit(row["unit"]),
        capacity=row["capacity"],
        used=row["used"],
        waiting=row["waiting"],
        open=row["open"],
    )


def of_lead(kind: type[LeadFact], row: Mapping[str, Any], moment: datetime) -> LeadFact:
    """The public state of a lead: nothing of what was said."""
    return kind(
        programme_id=row["programme_id"],
        version=row["version"],
        at=moment,
        lead_id=row["id"],
        visitor_id=row["visitor_id"],
        booking_id=row["booking_id"],
        event_id=row["event_id"],
        stand_id=row["stand_id"],
        interest=Interest(row["interest"]),
        via=row["via"],
        owner_id=row["owner_id"],
        next_step_on=row["next_step_on"] if row["done_at"] is None else None,
        target_groups=tuple(row["target_groups"]),
    )


def of_outcome(row: Mapping[str, Any], moment: datetime) -> OutcomeLogged:
    """The public state of an outcome."""
    return OutcomeLogged(
        programme_id=row["programme_id"],
        version=row["version"],
        at=moment,
        outcome_id=row["id"],
        lead_id=row["lead_id"],
        visitor_id=row["visitor_id"],
        booking_id=row["booking_id"],
        via=row["via"],
        kind=OutcomeKind(row["kind"]),
        source=OutcomeSource(row["source"]),
        on=row["happened_on"],
        adults=row["adults"],
        children=row["children"],
        withdrawn=row["withdrawn"],
    )
