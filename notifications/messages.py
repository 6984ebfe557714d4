"""A message of the organiser to some visitors: written by language, tried on oneself, planned once for each."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel

from notifications import choosing, commands, domain
from notifications.channels.email import letter, message
from notifications.channels.email.transport import Transport
from notifications.domain import Kind
from notifications.facts import DeliveryStatus
from services import sql
from services.context import Context
from services.database import Transaction
from services.http.call import Call
from services.identity import people
from services.ids import new_id
from services.pages.languages import Refused, msgid, translator

queries = sql.load(__package__)

AT_MOST_AFTER = timedelta(days=366)
"""So long after its event somebody may still be thanked for coming."""
STOPPED = "stopped"
"""Why a delivery was held back: its message was taken back."""
PASSED = msgid("That moment has passed. Leave it empty to send the message now.")
TOO_FAR = msgid("Choose a day no later than a year after the event.")
AFTERWARDS = msgid("The event is over by then. Tick this if that is what you mean.")
LONGEST_SUBJECT = 120
LONGEST_TEXT = 4000


def _at_most(longest: int) -> AfterValidator:
    def check(text: str | None) -> str | None:
        found = (text or "").replace("\r\n", "\n").strip()
        if len(found) > longest:
            raise Refused(msgid("Write at most {max_length} characters."), max_length=longest)
        return found or None

    return AfterValidator(check)


def _within_reach(at: datetime | None) -> datetime | None:
    """Days with which one can still reckon, whatever the zone."""
    if at is not None and not 2000 <= at.year <= 2200:
        raise Refused(TOO_FAR)
    return at


Subject = Annotated[str | None, _at_most(LONGEST_SUBJECT)]
Text = Annotated[str | None, _at_most(LONGEST_TEXT)]


class Subjects(BaseModel):
    nb: Subject = None
    nn: Subject = None
    en: Subject = None
    nl: Subject = None


class Texts(BaseModel):
    nb: Text = None
    nn: Text = None
    en: Text = None
    nl: Text = None


class MessageForm(BaseModel):
    """`at` is local to the event; empty: as soon as people are awake there."""

    selection: UUID
    attempt: UUID
    subject: Subjects = Subjects()
    text: Texts = Texts()
    at: Annotated[datetime | None, AfterValidator(_within_reach)] = None
    after: bool = False
    """It may go out when the event is over."""

    def subjects(self) -> dict[str, str]:
        return {lang: " ".join(text.split()) for lang, text in self.subject.model_dump().items() if text}

    def texts(self) -> dict[str, str]:
        return {lang: text for lang, text in self.text.model_dump().items() if text}


def flaw(said: MessageForm, zone: str, moment: datetime, ends_at: datetime) -> tuple[str, str] | None:
    """Which field is wrong about when it should go out, and why; None: it may."""
    if said.at is None:
        return None
    wanted = said.at.replace(tzinfo=ZoneInfo(zone))
    if wanted < moment.replace(second=0, microsecond=0):
        return "at", PASSED
    if wanted > ends_at + AT_MOST_AFTER:
        return "at", TOO_FAR
    if wanted > ends_at and not said.after:
        return "after", AFTERWARDS
    return None


def due(at: datetime | None, zone: str, moment: datetime) -> datetime:
    """When it goes out: at the time asked for, or now, but never at night where the event is. UTC."""
    wanted = at.replace(tzinfo=ZoneInfo(zone)).astimezone(moment.tzinfo) if at is not None else moment
    return domain.next_waking(max(wanted, moment), zone)


async def plan(tx: Transaction, call: Call, said: MessageForm, event_id: UUID, due_at: datetime) -> tuple[Any, bool]:
    """Plan it for everyone who was chosen and may have it; (the message, whether it is new). Planned once per form."""
    chosen = choosing.judged(await queries.chosen_bookings(tx.connection, selection_id=said.selection))
    to = [one.row for one in chosen if one.left_out is None]
    new = await queries.keep_message(
        tx.connection,
        id=said.attempt,
        programme_id=tx.programme,
        event_id=event_id,
        account_id=call.principal.account_id,
        subjects=said.subjects(),
        texts=said.texts(),
        due_at=due_at,
        planned=len(to),
        left_out=len(chosen) - len(to),
        moment=tx.moment,
    )
    if new is not None:
        cause = f"message {said.attempt}"
        for row in to:
            await commands.plan(
                tx, Kind.MESSAGE, row["visitor_id"], row["booking_id"], cause, due_at, link_id=said.attempt
            )
    return await queries.find_message(tx.connection, id=said.attempt), new is not None


async def stop(tx: Transaction, message_id: UUID) -> int | None:
    """Take a message back; how many do not get it now. None where it was taken back before, or all of it has gone out.
    What a sender has in its hand it looks at once more (`sending.py`)."""
    if await queries.stop_message(tx.connection, id=message_id, moment=tx.moment) is None:
        return None
    rows = await queries.planned_of_message(tx.connection, message_id=message_id)
    for row in rows:
        await commands.settle(tx, row, DeliveryStatus.WITHHELD, STOPPED)
    return len(rows)


async def try_on_me(context: Context, call: Call, said: MessageForm, booking_id: UUID, lang: str) -> None:
    """Send it to whoever writes it, as a recipient would get it but for the link to a booking.

    Raises `TransportError` or `Unknown`; LookupError where they have no role here, or the story is not here yet."""
    async with call.transaction() as tx:
        members = await people.members(tx, call.programme.id)
        account = next((one for one in members if one.account_id == call.principal.account_id), None)
        story = await queries.story_of_booking(tx.connection, booking_id=booking_id)
        moment = tx.moment
    if account is None or story is None or not story["complete"]:
        raise LookupError("nothing to try it with")
    base = context.settings.url
    event = f"{base}/{lang}/events/{story['event_slug']}"
    links = letter.Links(preferences=event, unsubscribe=event, booking=event, event=event)
    whole = {**story, "subjects": said.subjects(), "texts": said.texts()}
    text = letter.compose(Kind.MESSAGE, whole, account.name, lang, links, translator(lang))
    envelope = message.Envelope(
        new_id(moment), account.name, account.email, context.settings.sender, story["contact"], moment
    )
    async with Transport(context.settings, context.keys) as transport:
        await transport.send(message.build(text, envelope), parseaddr(context.settings.sender)[1], account.email)
