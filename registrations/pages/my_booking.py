"""A visitor's own booking, by the link in their mail: see it, change it, cancel it, see what we know, be forgotten.

1. GET /{lang}/my-booking/{token} shows a button and changes nothing: mail programs open links by themselves.
2. POST there exchanges the token for a short cookie and leads to a clean address.
3. Everything else needs the cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp.web import Response, StreamResponse

from registrations.commands.answers import questions_of
from registrations.commands.rules import rules_for
from registrations.commands.together import ask
from registrations.domain.applications import Item
from registrations.domain.asking import Confirm
from registrations.domain.chances import chance, share_given_up
from registrations.domain.check_in import shown
from registrations.domain.consents import Purpose, wording
from registrations.domain.hand_overs import answer
from registrations.domain.household import BANDS
from registrations.domain.questions import asked_in_order
from registrations.domain.records import LIVE
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause
from registrations.inputs import Party
from registrations.pages import answers, places, remembered
from registrations.pages.free_places import calendar_of, elsewhere, other_dates
from registrations.pages.remembered import Remembered
from registrations.sentences import ASK_TO_WRITE, DECLINED, STATUSES, refusal
from registrations.sentences import BANDS as BAND_NAMES
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Gone
from services.keys import token_hash
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid

HAS_PLACE = {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
NO_LONGER = msgid("This link no longer works. Look for a newer mail from us, or book once more.")


async def door(call: Call) -> StreamResponse:
    """GET with the token: one button. It tells nothing of whose booking it is."""
    found = await of_token(call, call.path("token"))
    status = 200 if found else 410
    return call.page(
        "registrations/my_booking_door.html",
        status=status,
        known=found is not None,
        awaits=found.awaits if found else None,
        called_off=found is not None and found.called_off,
        headers=PRIVATE,
    )


async def enter(call: Call) -> StreamResponse:
    """POST with the token: the cookie, and the clean address."""
    found = await of_token(call, call.path("token"))
    if found is None:
        raise Gone(NO_LONGER)
    try:
        # Whoever opens the link we mailed has shown that the address is theirs.
        await ask(call.context, found.programme_id, Confirm(found.booking_id, found.rotation))
    except Refused as refused:
        raise Gone(NO_LONGER) from refused
    response = call.redirect(call.link("my-booking"))
    remembered.remember(call, response, found)
    return response


async def of_token(call: Call, token: str) -> Remembered | None:
    """The booking whose link holds this token; None where it holds no longer, or its visitor was forgotten."""
    async with call.context.database.transaction(None) as tx:
        row = await queries.booking_of_token(tx.connection, token_hash=token_hash(token), purpose="booking")
    if row is None:
        return None
    async with call.transaction(row["programme_id"]) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    if booking is None or booking["erased_at"] is not None:
        return None
    if not call.context.keys.made(token, "booking", booking["id"], booking["rotation"]):
        return None
    called_off = booking["status"] == BookingStatus.CANCELLED and booking["cause"] == Cause.EVENT
    return Remembered(row["programme_id"], booking["id"], booking["rotation"], booking["awaits"], called_off)


# The page -------------------------------------------------------------------------------------------------------------


async def show(call: Call) -> StreamResponse:
    return await page(call)


async def page(
    call: Call, *, forms: Mapping[str, Form[Any]] | None = None, refused: Refused | None = None, status: int = 200
) -> StreamResponse:
    """The booking with everything that may be done to it; `forms` are those to be shown again."""
    who = remembered.recall(call)
    if who is None:
        return closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await booking_of(tx, who)
        if booking is None:
            return closed(call)
        rows = await queries.places_of_event(tx.connection, event_id=booking["event_id"])
        consents = await queries.consents_of(tx.connection, visitor_id=booking["visitor_id"])
        line = await queries.place_in_line(tx.connection, id=who.booking_id)
        asked_over = await queries.asked_by_visitor(tx.connection, booking_id=who.booking_id)
        likely = await _chance(tx, who.booking_id)
        free_elsewhere = await elsewhere(tx, booking)
        dates = await other_dates(tx, booking)
        calendar = await calendar_of(tx, call, booking)
        rules = await rules_for(tx, booking["event_id"])
        questions = asked_in_order(await questions_of(tx, booking["event_id"]))
        answered = await queries.answers_of_booking(tx.connection, booking_id=who.booking_id)
    moment = call.context.clock.now()
    zone = booking["time_zone"] or "Europe/Oslo"
    standing = {row["purpose"] for row in consents if row["withdrawn_at"] is None}
    state = BookingStatus(booking["status"])
    values = {row["question_id"]: (row["value"], row["wording"]) for row in answered}
    change_until = deadline(booking, rules.change_until)
    # Who has no place yet can leave at any time.
    cancel_until = deadline(booking, rules.cancel_until) if state is BookingStatus.CONFIRMED else None
    may_change, may_cancel = (one is None or moment <= one for one in (change_until, cancel_until))
    return call.page(
        "registrations/my_booking.html",
        status=status,
        made_for=remembered.mark(call, who),
        booking=booking,
        state=state,
        badge=DECLINED if booking["declined"] else STATUSES[state],
        live=state in LIVE and moment < booking["ends_at"],
        begun=moment >= booking["starts_at"],
        zone=zone,
        line=line,
        likely=likely,
        elsewhere=free_elsewhere,
        dates=dates,
        calendar=calendar,
        choice=(forms or {}).get("choice") or Form.empty(),
        hand_over=(forms or {}).get("hand_over") or Form.empty({"language": call.lang}),
        hand_over_languages=[(one, ENDONYMS[one]) for one in LANGUAGES],
        asked_over=asked_over,
        asked_answer=answer(asked_over, moment) if asked_over else None,
        may_hand_over=state is BookingStatus.CONFIRMED and moment < booking["starts_at"],
        change_until=change_until,
        may_change=may_change,
        may_move=may_change or booking["asked_to_move_at"] is not None,
        change_over="" if may_change else _over(call, Reason.TOO_LATE, change_until, zone),
        questions=questions,
        reworded=answers.reworded(questions, values),
        answered=answers.said(call, answered),
        answers=(forms or {}).get("answers") or answers.filled(values),
        cancel_until=cancel_until,
        cancel_over="" if may_cancel else _over(call, Reason.TOO_LATE_TO_CANCEL, cancel_until, zone),
        moment=moment,
        ticket=ticket_address(call, booking),
        code=shown(booking["code"]),
        stands=_others(places.stands(rows, zone, moment), booking) if booking["slot_id"] else [],
        move=(forms or {}).get("move") or Form.empty(),
        household=(forms or {}).get("household") or _household(booking),
        language=(forms or {}).get("language") or Form.empty({"language": booking["language"]}),
        consents=[
            (one, wording(one), one in standing)
            for one in Purpose
            if one is not Purpose.CONVERSATION or one in standing
        ],
        consent=Form.empty(dict.fromkeys(standing, True)),
        erase=(forms or {}).get("erase") or Form.empty(),
        offered_languages=LANGUAGES,
        bands=BAND_NAMES,
        problem=refusal(refused, call.translate, zone) if refused else "",
        write_to=booking["contact"] if refused and refused.reason in ASK_TO_WRITE else "",
        headers=PRIVATE,
    )


async def _chance(tx: Transaction, booking_id: UUID) -> int | None:
    """The chance of one in line, in whole per cent; None for who waits for nothing."""
    row = await queries.prospects(tx.connection, id=booking_id, moment=tx.moment)
    if row is None:
        return None
    whole = (row["starts_at"] - (row["opens_at"] or row["created_at"])).total_seconds()
    left = (row["starts_at"] - tx.moment).total_seconds() / whole if whole > 0 else 0.0
    share = share_given_up(row["given_up"], row["everyone"])
    return round(100.0 * chance(row["needed"], row["taken"], share, left))


def deadline(booking: Any, before: timedelta | None) -> datetime | None:
    """Until when visitors may do it; None where only the start is the end."""
    return None if before is None else booking["starts_at"] - before


def _over(call: Call, reason: Reason, until: datetime | None, zone: str) -> str:
    """What is refused from now on, in the words of the refusal."""
    return refusal(Refused(reason, until=until), call.translate, zone)


def closed(call: Call) -> Response:
    """Nobody we know, or no longer: says how to get in. There is nothing to log in to, so neither 401 nor 403."""
    response = call.page("registrations/my_booking_closed.html", status=410, headers=PRIVATE)
    remembered.forget(call, response)
    return response


async def booking_of(tx: Transaction, who: Remembered) -> Any:
    row = await queries.booking_page(tx.connection, id=who.booking_id)
    return row if row is not None and row["rotation"] == who.rotation and row["erased_at"] is None else None


def ticket_address(call: Call, booking: Any) -> str:
    """The address in the QR code, while the ticket lets somebody in."""
    if booking["status"] not in HAS_PLACE:
        return ""
    return f"{call.context.settings.url}/t/{call.context.keys.token('ticket', booking['id'], booking['rotation'])}"


def _household(booking: Any) -> Form[Party]:
    return Form.empty({"adults": booking["adults"], **{band: booking[band] or 0 for band in BANDS}})


def _others(stands: list[places.Stand], booking: Any) -> list[places.Stand]:
    """Stands with a free time other than the one that is booked or waited for, at whichever of the stand's tables."""

    def is_other(stand: places.Stand, one: places.Place) -> bool:
        if one.slot_id is None or one.slot_id == booking["slot_id"]:
            return False
        same_stand = stand.id is not None and stand.id == booking["stand_id"]
        return not same_stand or (one.starts_at, one.ends_at) != (booking["starts_at"], booking["ends_at"])

    for stand in stands:
        free = {
            day: [one for one in found if one.bookable and not one.is_full and is_other(stand, one)]
            for day, found in stand.days.items()
        }
        stand.days = {day: found for day, found in free.items() if found}
    return [stand for stand in stands if stand.days]


async def wish(
    call: Call, wish: Callable[[Remembered], Item], done: str, forms: Mapping[str, Form[Any]] | None = None
) -> StreamResponse:
    """Ask for it; what is refused is said on the page, with the booking as it is now and what was typed in `forms`."""
    who = remembered.recall(call)
    if who is None or not await _still(call, who):
        return closed(call)
    try:
        await ask(call.context, who.programme_id, wish(who))
    except Refused as refused:
        return await page(call, refused=_plainly(refused), forms=forms, status=409)
    return call.redirect(call.link("my-booking"), flash=call.translate(done))


def _plainly(refused: Refused) -> Refused:
    return Refused(Reason.FULL) if refused.reason is Reason.UNKNOWN_PLACE else refused


async def _still(call: Call, who: Remembered) -> bool:
    async with call.transaction(who.programme_id) as tx:
        return await booking_of(tx, who) is not None
