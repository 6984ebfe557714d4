"""Hosts are told of their shifts: that they have one, that it moved, that it is taken away. One mail, with its entry.

A row of `shift_letters` says what is so of a shift, what its host was last told, and, while a mail is handed over, what
that mail tells. Where what is so differs from what was told, a mail is due. So what changes twice while an organiser
plans is told once, and what changes back is not told at all. Whom an organiser tells `again` is mailed of the shift as
it is, whatever they were told.

    due ──a──> claimed ──b──> begun ──c──> told, its mail noted as sent, failed or unknown
     ^            │             │
     └────d───────┴──────e──────┘

a: claimed, committed. b: written from what is so under the row's lock, and what it tells kept with it, committed before
anything leaves. c: taken, refused for good, or the answer lost; or its sender died, ten minutes later: then unknown.
d: its sender died before it began, or is to end and gives it back.
e: refused for now, or not to be written, for three days. Told is what the mail told, whatever has become
of the shift since: a change is due until a mail has told it. Nothing to tell, over, or none of the programme's people
any more: told from a, without a mail.
"""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import structlog

from events.facts import ShiftChanged
from notifications import claims, domain
from notifications.channels.email import calendar, message, shift_letter
from notifications.channels.email.letter import Links
from notifications.channels.email.transport import Transport, TransportError, Unknown
from notifications.claims import LEFT_BEHIND
from notifications.sending import AT_ONCE, SETTLED, STORY_LATE
from services import sql
from services.context import Context
from services.database import Transaction
from services.facts import Envelope
from services.identity import people
from services.ids import new_id
from services.in_hand import to_its_end
from services.pages.languages import LANGUAGES, translator

log = structlog.get_logger()
queries = sql.load(__package__)

PAUSE = timedelta(minutes=2)
"""An organiser who is still planning changes it again."""
KEPT = timedelta(days=180)
WITHHELD = "withheld"


class News(StrEnum):
    GIVEN = "given"
    MOVED = "moved"
    TAKEN = "taken"


async def take_shift(tx: Transaction, fact: ShiftChanged, envelope: Envelope) -> None:
    """Keep who stands there and when; who does not any more is told so too. What is restated is no news."""
    due_at = tx.moment + PAUSE
    times = {"due_at": due_at, "moment": tx.moment}
    await queries.take_off_shift(
        tx.connection, shift_id=fact.shift_id, but=None if fact.removed else fact.account_id, **times
    )
    if fact.removed:
        return
    await queries.keep_shift(
        tx.connection,
        shift_id=fact.shift_id,
        account_id=fact.account_id,
        programme_id=tx.programme,
        event_id=fact.event_id,
        stand_id=fact.stand_id,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        told=envelope.restated,
        **times,
    )


def news_of(row: Any) -> News | None:
    """What a host has to be told; None where they know."""
    now, told = (row["starts_at"], row["ends_at"]), (row["told_starts_at"], row["told_ends_at"])
    if row["again"] and now[0] is not None:
        return News.GIVEN
    if now == told:
        return None
    if told[0] is None:
        return News.GIVEN
    return News.TAKEN if now[0] is None else News.MOVED


async def send_due(context: Context) -> None:
    """Task: send what is due, after what senders left behind that died."""
    claim = new_id(context.clock.now())
    async with Transport(context.settings, context.keys) as transport:
        while True:
            async with context.database.system() as tx:
                await queries.shift_claims_left(tx.connection, before=tx.moment - LEFT_BEHIND, moment=tx.moment)
                rows = await queries.claim_shift_letters(tx.connection, claim=claim, moment=tx.moment, most=AT_ONCE)
            async with claims.given_back(context, queries.give_shift_claims_back, claim):
                for row in rows:
                    await to_its_end(_deliver(context, transport, row), claims.LAST_MAIL)
            if len(rows) < AT_ONCE:
                return


async def _deliver(context: Context, transport: Transport, claimed: Any) -> None:
    try:
        async with context.database.transaction(claimed["programme_id"]) as tx:
            begun = await _begin(context, tx, claimed)
    except Exception as error:
        claims.own_fault(error)
        log.exception("a host's mail could not be written", shift=str(claimed["shift_id"]))
        await _refused(context, claimed, claims.NOT_WRITTEN)
        return
    if begun is None:
        return
    row, mail, recipient = begun
    outcome, reason = "sent", None
    try:
        await transport.send(mail, parseaddr(context.settings.sender)[1], recipient)
    except TransportError as error:
        await _refused(context, row, error)
        return
    except Unknown:
        outcome, reason = "unknown", "answer-lost"
    except Exception:
        log.exception("a host's mail could not be handed over", shift=str(row["shift_id"]))
        outcome, reason = "unknown", "sender-died"
    async with context.database.transaction(row["programme_id"]) as tx:
        await _told(tx, row, outcome, reason)


async def _begin(context: Context, tx: Transaction, claimed: Any) -> tuple[Any, EmailMessage, str] | None:
    """What is so now, the mail that tells it, and its recipient; None where nothing is to be handed over."""
    row = await queries.hold_shift_letter(tx.connection, **_key(claimed))
    if row is None:
        log.warning("a host's mail was given up before it was sent", shift=str(claimed["shift_id"]))
        return None
    news = news_of(row)
    if news is None:
        await _told(tx, row)
        return None
    ready = await _prepare(context, tx, row, news)
    if ready is None:
        return None
    await queries.begin_shift_letter(tx.connection, **_key(row))
    return (row, *ready)


async def _refused(context: Context, row: Any, error: TransportError) -> None:
    later = None if error.permanent else domain.retry_at(row["attempts"], row["tried_since"], context.clock.now())
    async with context.database.transaction(row["programme_id"]) as tx:
        if later is not None:
            await queries.put_shift_letter_back(tx.connection, due_at=later, vain=False, **_key(row))
            return
        log.warning("a host's mail was refused", shift=str(row["shift_id"]), code=error.code)
        await _told(tx, row, "failed", error.code)


async def _prepare(context: Context, tx: Transaction, row: Any, news: News) -> tuple[EmailMessage, str] | None:
    """The mail and its recipient; None where the row was settled or put back here."""
    ends_at = row["ends_at"] or row["told_ends_at"]
    host = await people.contact(tx, tx.programme, row["account_id"])
    if host is None or ends_at <= tx.moment:
        await _told(tx, row, WITHHELD, "no-member" if host is None else "over")
        return None
    found = await queries.story_of_shift(tx.connection, event_id=row["event_id"], stand_id=row["stand_id"])
    if found is None:
        if domain.given_up(row["tried_since"], tx.moment):
            await _told(tx, row, WITHHELD, "story-incomplete")
        else:
            late = tx.moment + STORY_LATE
            await queries.put_shift_letter_back(tx.connection, due_at=late, vain=True, **_key(row))
        return None
    taken = news is News.TAKEN
    story = {
        **dict(found),
        "starts_at": row["told_starts_at"] if taken else row["starts_at"],
        "ends_at": row["told_ends_at"] if taken else row["ends_at"],
        "before": (row["told_starts_at"], row["told_ends_at"]),
        "session_titles": None,
        "room": "",
    }
    lang = host.language if host.language in LANGUAGES else story["programme_language"]
    links = Links(preferences="", unsubscribe="", programme=_console(context, lang, story["programme_slug"]))
    _ = translator(lang)
    text = shift_letter.compose(news.value, story, host.name, lang, links, _)
    entry = calendar.entry(
        story,
        lang,
        _site(context),
        (text.sender, parseaddr(context.settings.sender)[1]),
        host.email,
        row["sequence"],
        tx.moment,
        cancelled=taken,
        uid=f"shift-{row['shift_id']}@{_site(context)}",
        summary=shift_letter.in_calendar(story, lang, _),
    )
    # The same news has the same Message-ID, so that a duplicate can be recognised.
    mail_id = uuid5(row["shift_id"], f"{row['account_id']}|{row['sequence']}")
    envelope = message.Envelope(mail_id, host.name, host.email, context.settings.sender, story["contact"], tx.moment)
    return message.build(text, envelope, entry, cancelled=taken), host.email


async def _told(tx: Transaction, row: Any, outcome: str | None = None, reason: str | None = None) -> None:
    """The host is told, or need not be. What became of a mail is noted; without an `outcome` there was none to send."""
    sent = outcome not in {None, WITHHELD}
    times = {"starts_at": row["starts_at"], "ends_at": row["ends_at"]}
    if await queries.told_of_shift(tx.connection, **times, sent=sent, **_key(row)) is None:
        # It took so long that the claim was given up; what became of it stays unknown.
        log.warning("a host's mail ended after its claim was given up", shift=str(row["shift_id"]), outcome=outcome)
        return
    news = news_of(row)
    if outcome is None or news is None:
        return
    SETTLED.labels(f"shift_{news}", outcome).inc()
    if news is News.TAKEN:
        times = {"starts_at": row["told_starts_at"], "ends_at": row["told_ends_at"]}
    of = {name: row[name] for name in ("programme_id", "shift_id", "account_id", "event_id", "stand_id")}
    await queries.note_shift_mail(
        tx.connection, **of, **times, news=news.value, outcome=outcome, reason=reason, moment=tx.moment
    )


def _key(row: Any) -> dict[str, UUID]:
    return {name: row[name] for name in ("shift_id", "account_id", "claim")}


def _console(context: Context, lang: str, slug: str) -> str:
    return f"{context.settings.url}/{lang}/console/{slug}"


def _site(context: Context) -> str:
    return urlsplit(context.settings.url).hostname or "blest"


async def forget(context: Context) -> None:
    """Task: who stood where is forgotten half a year after the shift."""
    async with context.database.system() as tx:
        await queries.forget_shift_letters(tx.connection, before=tx.moment - KEPT)
        await queries.forget_shift_mails(tx.connection, before=tx.moment - KEPT)
