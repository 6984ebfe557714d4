"""What campaigns does with others' facts: keeps the words it needs, and the conversions it credits."""

from __future__ import annotations

from uuid import UUID

from campaigns.facts import ClickRecorded, ClicksRecorded
from events.facts import EventCancelled, EventChanged, EventFact, EventPublished
from programmes.facts import ProgrammeChanged
from registrations.facts import (
    AttendanceUndone,
    BookingAttended,
    BookingCancelled,
    BookingChanged,
    BookingConfirmed,
    BookingFact,
    BookingMissed,
    BookingMoved,
    BookingOffered,
    BookingStatus,
    BookingWaitlisted,
    Cause,
    InterestRegistered,
    LeadChanged,
    LeadFact,
    LeadNoted,
    OutcomeLogged,
    VisitorErased,
)
from services import sql
from services.database import Transaction
from services.facts import Envelope
from services.ids import new_id
from services.service import Reaction

queries = sql.load(__package__)

REGISTERED = {
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.OFFERED,
    BookingStatus.ATTENDED,
    BookingStatus.NO_SHOW,
}


async def take_clicks(tx: Transaction, fact: ClicksRecorded | ClickRecorded, envelope: Envelope) -> None:
    clicks = (fact,) if isinstance(fact, ClickRecorded) else fact.clicks
    await queries.take_clicks(
        tx.connection,
        programme_id=fact.programme_id,
        ids=[one.click_id for one in clicks],
        placement_ids=[one.placement_id for one in clicks],
        moments=[one.at for one in clicks],
        sources=[one.source for one in clicks],
        verdicts=[one.verdict for one in clicks],
        rules=[one.rule for one in clicks],
        rulesets=[one.ruleset for one in clicks],
        devices=[one.device for one in clicks],
        languages=[one.language for one in clicks],
    )


async def take_booking(tx: Transaction, fact: BookingFact, envelope: Envelope) -> None:
    """A registration counts while the booking stands, also in line for a place; a check-in counts until it is undone.
    What was counted stays counted when its visitor is erased."""
    if fact.cause is Cause.ERASURE:
        return
    await _set(tx, "registration", fact, fact.status in REGISTERED)
    if fact.status is BookingStatus.ATTENDED:
        await _set(tx, "check_in", fact, True)
    else:
        await queries.uncount_conversion(tx.connection, kind="check_in", subject_id=fact.booking_id)
    if fact.via is not None:
        await queries.credit_followers(tx.connection, click_id=fact.via, booking_id=fact.booking_id)


async def take_interest(tx: Transaction, fact: InterestRegistered, envelope: Envelope) -> None:
    await queries.set_conversion(
        tx.connection,
        kind="interest",
        subject_id=fact.interest_id,
        programme_id=fact.programme_id,
        **await _who(tx, fact),
        click_id=fact.via,
        heard_of=fact.heard_of,
        adults=0,
        children=0,
        happened_on=fact.at.date(),
        counts=True,
    )


async def take_lead(tx: Transaction, fact: LeadFact, envelope: Envelope) -> None:
    await queries.set_conversion(
        tx.connection,
        kind="lead",
        subject_id=fact.lead_id,
        programme_id=fact.programme_id,
        **await _who(tx, fact),
        click_id=fact.via or await _click_of(tx, fact.booking_id),
        heard_of=None,
        adults=0,
        children=0,
        happened_on=fact.at.date(),
        counts=True,
    )


async def take_outcome(tx: Transaction, fact: OutcomeLogged, envelope: Envelope) -> None:
    await queries.set_conversion(
        tx.connection,
        kind=fact.kind,
        subject_id=fact.outcome_id,
        programme_id=fact.programme_id,
        **await _who(tx, fact),
        click_id=fact.via or await _click_of(tx, fact.booking_id),
        heard_of=None,
        adults=fact.adults,
        children=fact.children,
        happened_on=fact.on,
        counts=not fact.withdrawn,
    )


async def forget(tx: Transaction, fact: VisitorErased, envelope: Envelope) -> None:
    """The family first: its row is the lock for which a conversion on its way waits, or which it holds."""
    await queries.forget_family(tx.connection, visitor_id=fact.visitor_id, programme_id=fact.programme_id)
    await queries.forget_visitor(tx.connection, visitor_id=fact.visitor_id)


async def keep_terms(tx: Transaction, fact: ProgrammeChanged, envelope: Envelope) -> None:
    await queries.keep_terms(
        tx.connection,
        programme_id=fact.programme_id,
        slug=fact.slug,
        names=fact.names,
        language=fact.language,
        languages=list(fact.languages),
        time_zone=fact.time_zone,
        target_groups=[term.model_dump(mode="json") for term in fact.target_groups],
        selling_points=[term.model_dump(mode="json") for term in fact.selling_points],
    )


async def keep_event(tx: Transaction, fact: EventFact, envelope: Envelope) -> None:
    await queries.keep_landing_event(
        tx.connection,
        event_id=fact.event_id,
        programme_id=fact.programme_id,
        slug=fact.slug,
        titles=fact.titles,
        starts_at=fact.starts_at,
        status=fact.status,
        cover=fact.cover,
        time_zone=fact.time_zone,
        venue=fact.venue.name if fact.venue else None,
    )


async def _who(
    tx: Transaction, fact: InterestRegistered | BookingFact | LeadFact | OutcomeLogged
) -> dict[str, UUID | None]:
    """The ids by which a conversion hangs on its visitor; none where the visitor is erased."""
    family: UUID | None = await queries.family_of(
        tx.connection, visitor_id=fact.visitor_id, programme_id=fact.programme_id, family_id=new_id(tx.moment)
    )
    if family is None:
        return {"visitor_id": None, "family_id": None, "booking_id": None}
    booking = None if isinstance(fact, InterestRegistered) else fact.booking_id
    return {"visitor_id": fact.visitor_id, "family_id": family, "booking_id": booking}


async def _click_of(tx: Transaction, booking_id: UUID | None) -> UUID | None:
    if booking_id is None:
        return None
    found: UUID | None = await queries.click_of_booking(tx.connection, booking_id=booking_id)
    return found


async def _set(tx: Transaction, kind: str, fact: BookingFact, counts: bool) -> None:
    await queries.set_conversion(
        tx.connection,
        kind=kind,
        subject_id=fact.booking_id,
        programme_id=fact.programme_id,
        **await _who(tx, fact),
        click_id=fact.via,
        heard_of=fact.heard_of,
        adults=fact.adults,
        children=fact.children,
        happened_on=fact.at.date(),
        counts=counts,
    )


BOOKINGS = (
    BookingConfirmed,
    BookingWaitlisted,
    BookingOffered,
    BookingChanged,
    BookingMoved,
    BookingCancelled,
    BookingAttended,
    BookingMissed,
    AttendanceUndone,
)

REACTIONS = (
    Reaction("clicks", (ClicksRecorded, ClickRecorded), take_clicks),
    Reaction("bookings", BOOKINGS, take_booking),
    Reaction("interests", (InterestRegistered,), take_interest),
    Reaction("leads", (LeadNoted, LeadChanged), take_lead),
    Reaction("outcomes", (OutcomeLogged,), take_outcome),
    Reaction("erasures", (VisitorErased,), forget),
    Reaction("programmes", (ProgrammeChanged,), keep_terms, projection=True, tables=("programme_terms",)),
    Reaction(
        "events",
        (EventPublished, EventChanged, EventCancelled),
        keep_event,
        projection=True,
        tables=("landing_events",),
    ),
)
