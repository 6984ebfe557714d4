"""The sender: claims what is due, writes each mail from the newest state, hands it over, and notes what became of it.

1. Claim (committed before anything leaves): the delivery is `sending`, held by this run.
2. Look up the story, the contact and what the visitor wants. No longer so: overtaken. Not wanted, or erased: withheld.
   Parts of the story not here yet: back to planned, a moment later, for three days. A reminder at night: back until
   people are awake.
3. Give the calendar entry its sequence (committed: a sequence once told is never told again for another time).
4. Hand over. Taken: sent. Refused for good: failed. Refused for now: planned again, later. Answer lost: unknown.
A sender that is to end hands over the mail in its hand and gives back the others; one that dies leaves its claims
(`claims.py`). No mail goes out twice by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram

from notifications import claims, commands, domain
from notifications.channels.email import calendar, letter, message
from notifications.channels.email.transport import Transport, TransportError, Unknown
from notifications.domain import Kind
from notifications.facts import DeliveryStatus
from notifications.messages import STOPPED
from registrations.facts import BookingStatus
from services import sql
from services.context import Context
from services.database import Transaction
from services.ids import new_id
from services.in_hand import to_its_end
from services.keys import token_hash
from services.pages.languages import LANGUAGES, translator

log = structlog.get_logger(__name__)
queries = sql.load(__package__)

SETTLED = Counter("blest_deliveries_total", "Deliveries by what became of them", ["kind", "status"])
DWELT = Histogram(
    "blest_delivery_dwell_seconds",
    "From the moment a delivery was due until it was sent",
    buckets=(1, 5, 30, 60, 300, 1800, 7200),
)

Ready = tuple[Any, str, int | None]
"""A mail, its recipient's address, and the sequence of its calendar entry."""

AT_ONCE = 50
STORY_LATE = timedelta(seconds=5)
KEPT = timedelta(days=730)


async def send_due(context: Context) -> None:
    """Task: send everything that is due."""
    claim = new_id(context.clock.now())
    async with Transport(context.settings, context.keys) as transport:
        while True:
            async with context.database.system() as tx:
                rows = await queries.claim_due(tx.connection, claim=claim, moment=tx.moment, most=AT_ONCE)
            async with claims.given_back(context, queries.give_claims_back, claim):
                for row in sorted(rows, key=lambda row: row["id"]):
                    await to_its_end(_deliver(context, transport, row, claim), claims.LAST_MAIL)
            if len(rows) < AT_ONCE:
                return


async def _deliver(context: Context, transport: Transport, row: Any, claim: UUID) -> None:
    try:
        async with context.database.transaction(row["programme_id"]) as tx:
            ready = await _prepare(context, tx, row, claim)
            # Committed before anything leaves: whoever finds the claim later knows which of the two it is.
            if ready and await queries.begin(tx.connection, id=row["id"], claim=claim) is None:
                log.warning("a delivery's claim was given up before it was sent", delivery=str(row["id"]))
                return
    except Exception as error:
        claims.own_fault(error)
        log.exception("a mail could not be written", delivery=str(row["id"]))
        await _refused(context, row, claim, claims.NOT_WRITTEN)
        return
    if ready is None:
        return
    mail, recipient, sequence = ready
    try:
        code = await transport.send(mail, parseaddr(context.settings.sender)[1], recipient)
    except TransportError as error:
        await _refused(context, row, claim, error)
        return
    except Unknown:
        await _finish(context, row, claim, DeliveryStatus.UNKNOWN, "answer-lost", sequence)
        return
    except Exception:
        log.exception("a mail could not be handed over", delivery=str(row["id"]))
        await _finish(context, row, claim, DeliveryStatus.UNKNOWN, "sender-died", sequence)
        return
    await _finish(context, row, claim, DeliveryStatus.SENT, code, sequence)


async def _prepare(context: Context, tx: Transaction, row: Any, claim: UUID) -> Ready | None:
    """The mail, its recipient and its calendar sequence; None where the delivery came to another end here."""
    kind = Kind(row["kind"])
    contact = await queries.contact(tx.connection, visitor_id=row["visitor_id"], booking_id=row["booking_id"])
    if contact is None:
        await _end(tx, row, claim, DeliveryStatus.WITHHELD, "no-contact")
        return None
    if kind is Kind.INTEREST:
        return await _receipt(context, tx, row, claim, contact)
    story = await queries.story_of_booking(tx.connection, booking_id=row["booking_id"])
    waited = tx.moment - row["tried_since"]
    if story is None or not story["complete"] or domain.reason_unheard(kind, story, waited):
        await _wait_for_story(tx, row, claim)
        return None
    too_late = (row["ends_at"] and row["ends_at"] <= tx.moment) or (
        kind is Kind.REMINDER and story["starts_at"] <= tx.moment
    )
    if (
        too_late
        or not domain.still_true(kind, BookingStatus(story["status"]))
        or not domain.still_theirs(kind, row["visitor_id"], story)
    ):
        await _end(tx, row, claim, DeliveryStatus.OVERTAKEN, None)
        return None
    if (
        kind is Kind.MESSAGE
        and (await queries.find_message(tx.connection, id=row["link_id"]))["stopped_at"] is not None
    ):
        await _end(tx, row, claim, DeliveryStatus.WITHHELD, STOPPED)
        return None
    if kind is Kind.REMINDER and not await queries.wants_reminders(tx.connection, visitor_id=row["visitor_id"]):
        await _end(tx, row, claim, DeliveryStatus.WITHHELD, "not-wanted")
        return None
    if kind is Kind.REMINDER and (wake := domain.next_waking(tx.moment, story["time_zone"])) > tx.moment:
        # Planned by day, yet late: refused until now, or nothing was sent for a while.
        await _back(tx, row, claim, wake, "night", tried=False)
        return None
    return await _write(context, tx, row, kind, contact, story)


async def _wait_for_story(tx: Transaction, row: Any, claim: UUID) -> None:
    if domain.given_up(row["tried_since"], tx.moment):
        await _end(tx, row, claim, DeliveryStatus.FAILED, "story-incomplete")
    else:
        await _back(tx, row, claim, tx.moment + STORY_LATE, "story-incomplete", tried=False)


async def _receipt(context: Context, tx: Transaction, row: Any, claim: UUID, contact: Any) -> Ready | None:
    """The receipt of an interest: it tells of no booking."""
    story = await queries.story_of_programme(tx.connection, programme_id=tx.programme)
    if story is None:
        await _wait_for_story(tx, row, claim)
        return None
    lang = _language(contact, story)
    text = letter.receipt(story, contact["name"], lang, await _links(context, tx, story, lang, row), translator(lang))
    return message.build(text, _envelope(context, tx, row, contact, story)), contact["email"], None


async def _write(context: Context, tx: Transaction, row: Any, kind: Kind, contact: Any, story: Any) -> Ready:
    lang = _language(contact, story)
    links = await _links(context, tx, story, lang, row)
    if kind is Kind.HAND_OVER:
        giver = await queries.contact(tx.connection, visitor_id=story["visitor_id"], booking_id=story["booking_id"])
        story = {**story, "until": row["ends_at"], "giver": giver["name"] if giver else ""}
    if kind is Kind.MESSAGE:
        written = await queries.find_message(tx.connection, id=row["link_id"])
        story = {**story, "subjects": written["subjects"], "texts": written["texts"]}
    text = letter.compose(kind, story, contact["name"], lang, links, translator(lang))
    sequence, entry = None, None
    cancelled = kind is Kind.HANDED_OVER or story["status"] == BookingStatus.CANCELLED
    if kind in domain.CARRIES_ENTRY and (cancelled or story["status"] == BookingStatus.CONFIRMED):
        sequence = await _sequence(tx, story, cancelled)
    if sequence is not None:
        sender = parseaddr(context.settings.sender)[1]
        entry = calendar.entry(
            story,
            lang,
            _host(context),
            (text.sender, sender),
            contact["email"],
            sequence,
            tx.moment,
            cancelled=cancelled,
        )
    envelope = _envelope(context, tx, row, contact, story)
    return message.build(text, envelope, entry, cancelled=cancelled), contact["email"], sequence


def _language(contact: Any, story: Any) -> str:
    lang: str = contact["language"] if contact["language"] in LANGUAGES else story["programme_language"]
    return lang


def _envelope(context: Context, tx: Transaction, row: Any, contact: Any, story: Any) -> message.Envelope:
    return message.Envelope(
        row["id"], contact["name"], contact["email"], context.settings.sender, story["contact"], tx.moment
    )


async def _sequence(tx: Transaction, story: Any, cancelled: bool) -> int | None:
    """The sequence to tell; raised where time, place or state changed. None: nothing was told that could be
    cancelled."""
    told = await queries.calendar_entry(tx.connection, booking_id=story["booking_id"])
    if told is None and cancelled:
        return None
    now = calendar.fingerprint(story, cancelled)
    sequence: int = 0 if told is None else told["sequence"] + (told["fingerprint"] != now)
    await queries.keep_calendar_entry(
        tx.connection, booking_id=story["booking_id"], programme_id=tx.programme, sequence=sequence, fingerprint=now
    )
    return sequence


async def _links(context: Context, tx: Transaction, story: Any, lang: str, row: Any) -> letter.Links:
    """Where a mail leads; `story` is a booking's, or a programme's alone."""
    base = context.settings.url
    preferences = context.keys.token("preferences", row["visitor_id"])
    await queries.keep_preference_link(
        tx.connection, token_hash=token_hash(preferences), programme_id=tx.programme, visitor_id=row["visitor_id"]
    )
    links = letter.Links(
        preferences=f"{base}/{lang}/preferences/{preferences}",
        unsubscribe=f"{base}/u/{preferences}",
        programme=f"{base}/{lang}/programmes/{story['programme_slug']}",
    )
    if row["booking_id"] is None:
        return links
    links = replace(links, event=f"{base}/{lang}/events/{story['event_slug']}")
    if row["kind"] in domain.TO_ANOTHER:
        token = context.keys.token("hand-over", row["link_id"]) if row["link_id"] else ""
        return replace(links, hand_over=f"{base}/{lang}/hand-over/{token}" if token else "")
    booking = context.keys.token("booking", story["booking_id"], story["rotation"])
    return replace(
        links,
        booking=f"{base}/{lang}/my-booking/{booking}",
        ticket=f"{base}/t/{context.keys.token('ticket', story['booking_id'], story['rotation'])}",
    )


def _host(context: Context) -> str:
    return urlsplit(context.settings.url).hostname or "blest"


async def _refused(context: Context, row: Any, claim: UUID, error: TransportError) -> None:
    moment = context.clock.now()
    later = None if error.permanent else domain.retry_at(row["attempts"], row["tried_since"], moment)
    if later is None:
        await _finish(context, row, claim, DeliveryStatus.FAILED, error.code, None)
        return
    async with context.database.transaction(row["programme_id"]) as tx:
        await _back(tx, row, claim, later, error.code, tried=True)
        await commands.step(tx, row["id"], "retry", error.code)


async def _finish(
    context: Context, row: Any, claim: UUID, status: DeliveryStatus, reason: str, sequence: int | None
) -> None:
    async with context.database.transaction(row["programme_id"]) as tx:
        if status is DeliveryStatus.SENT:
            DWELT.observe(max(0.0, (tx.moment - row["due_at"]).total_seconds()))
        await _end(tx, row, claim, status, reason, sequence)


async def _end(
    tx: Transaction, row: Any, claim: UUID, status: DeliveryStatus, reason: str | None, sequence: int | None = None
) -> None:
    version = await queries.finish(
        tx.connection, id=row["id"], claim=claim, status=status, reason=reason, sequence=sequence, moment=tx.moment
    )
    if version is None:
        # It took so long that the claim was given up; its end stays unknown.
        log.warning("a delivery ended after its claim was given up", delivery=str(row["id"]), status=status)
        return
    SETTLED.labels(row["kind"], status).inc()
    await commands.step(tx, row["id"], status, reason or "")
    tx.publish(commands.settled(row, tx.programme, status, version, tx.moment, sequence))


async def _back(tx: Transaction, row: Any, claim: UUID, due_at: datetime, reason: str, *, tried: bool) -> None:
    await queries.put_back(
        tx.connection, id=row["id"], claim=claim, due_at=due_at, reason=reason, vain=0 if tried else 1
    )


async def forget_deliveries(context: Context) -> None:
    """Task: the log is kept two years."""
    async with context.database.system() as tx:
        await queries.forget_deliveries(tx.connection, before=tx.moment - KEPT)
        await queries.forget_messages(tx.connection, before=tx.moment - KEPT)
        await queries.forget_selections(tx.connection, moment=tx.moment)


async def count_late(tx: Transaction) -> int:
    """Check: deliveries due for over five minutes that nobody has sent."""
    return int(await queries.due_count(tx.connection, before=tx.moment - timedelta(minutes=5)))
