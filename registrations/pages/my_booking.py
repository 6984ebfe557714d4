"""A visitor's own booking, by the link in their mail: see it, change it, cancel it, see what we know, be forgotten.

1. GET /{lang}/my-booking/{token} shows a button and changes nothing: mail programs open links by themselves.
2. POST there exchanges the token for a short cookie and leads to a clean address.
3. Everything else needs the cookie.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from aiohttp.web import Response, StreamResponse

from registrations.commands import people
from registrations.commands.together import anew, ask
from registrations.domain.applications import Item, NewHousehold
from registrations.domain.asking import Accept, Cancel, Move
from registrations.domain.check_in import shown
from registrations.domain.consents import Purpose, wording
from registrations.domain.household import BANDS
from registrations.domain.records import LIVE
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause
from registrations.inputs import ConsentForm, ForgetForm, LanguageForm, MoveForm, OfferForm, Party
from registrations.pages import entry, places, remembered
from registrations.pages.remembered import Remembered
from registrations.sentences import BANDS as BAND_NAMES
from registrations.sentences import STATUSES, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Gone, NotFound
from services.keys import token_hash
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, msgid

HAS_PLACE = {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


async def door(call: Call) -> StreamResponse:
    """GET with the token: one button. It tells nothing of whose booking it is."""
    found = await _of_token(call, call.path("token"))
    status = 200 if found else 410
    return call.page("registrations/my_booking_door.html", status=status, known=found is not None, headers=PRIVATE)


async def enter(call: Call) -> StreamResponse:
    """POST with the token: the cookie, and the clean address."""
    found = await _of_token(call, call.path("token"))
    if found is None:
        raise Gone(msgid("This link no longer works. Look for a newer mail from us, or book once more."))
    response = call.redirect(call.link("my-booking"))
    remembered.remember(call, response, found)
    return response


async def _of_token(call: Call, token: str) -> Remembered | None:
    async with call.context.database.transaction(None) as tx:
        row = await queries.booking_of_token(tx.connection, token_hash=token_hash(token), purpose="booking")
    if row is None:
        return None
    async with call.transaction(row["programme_id"]) as tx:
        booking = await queries.booking_page(tx.connection, id=row["booking_id"])
    if booking is None or booking["erased_at"] is not None:
        return None
    return Remembered(row["programme_id"], booking["id"], booking["rotation"])


# The page -------------------------------------------------------------------------------------------------------------


async def show(call: Call) -> StreamResponse:
    return await _page(call)


async def _page(
    call: Call, *, forms: Mapping[str, Form[Any]] | None = None, refused: Refused | None = None, status: int = 200
) -> StreamResponse:
    """The booking with everything that may be done to it; `forms` are those to be shown again."""
    who = remembered.recall(call)
    if who is None:
        return _closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await _booking(tx, who)
        if booking is None:
            return _closed(call)
        rows = await queries.places_of_event(tx.connection, event_id=booking["event_id"])
        consents = await queries.consents_of(tx.connection, visitor_id=booking["visitor_id"])
        line = await queries.place_in_line(tx.connection, id=who.booking_id)
    moment = call.context.clock.now()
    zone = booking["time_zone"] or "Europe/Oslo"
    standing = {row["purpose"] for row in consents if row["withdrawn_at"] is None}
    state = BookingStatus(booking["status"])
    return call.page(
        "registrations/my_booking.html",
        status=status,
        booking=booking,
        state=state,
        badge=STATUSES[state],
        live=state in LIVE and moment < booking["ends_at"],
        zone=zone,
        line=line,
        ticket=_ticket(call, booking),
        code=shown(booking["code"]),
        stands=_others(places.stands(rows, zone, moment), booking["slot_id"]) if booking["slot_id"] else [],
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
        headers=PRIVATE,
    )


def _closed(call: Call) -> Response:
    """Nobody we know, or no longer: says how to get in. There is nothing to log in to, so neither 401 nor 403."""
    response = call.page("registrations/my_booking_closed.html", status=410, headers=PRIVATE)
    remembered.forget(call, response)
    return response


async def _booking(tx: Transaction, who: Remembered) -> Any:
    row = await queries.booking_page(tx.connection, id=who.booking_id)
    return row if row is not None and row["rotation"] == who.rotation and row["erased_at"] is None else None


def _ticket(call: Call, booking: Any) -> str:
    """The address in the QR code, while the ticket lets somebody in."""
    if booking["status"] not in HAS_PLACE:
        return ""
    return f"{call.context.settings.url}/t/{call.context.keys.token('ticket', booking['id'], booking['rotation'])}"


def _household(booking: Any) -> Form[Party]:
    return Form.empty({"adults": booking["adults"], **{band: booking[band] or 0 for band in BANDS}})


def _others(stands: list[places.Stand], mine: UUID | None) -> list[places.Stand]:
    """Stands with a free time other than the one that is booked."""
    for stand in stands:
        stand.days = {
            day: kept
            for day, found in stand.days.items()
            if (
                kept := [
                    one for one in found if one.slot_id and one.slot_id != mine and one.bookable and not one.is_full
                ]
            )
        }
    return [stand for stand in stands if stand.days]


# What may be done -----------------------------------------------------------------------------------------------------


async def move(call: Call) -> StreamResponse:
    form = await call.form(MoveForm)
    if form.value is None:
        return await _page(call, forms={"move": form}, status=422)
    slot_id = form.value.place
    return await _wish(call, lambda who: Move(who.booking_id, slot_id, Cause.VISITOR), msgid("Your time is changed."))


async def resize(call: Call) -> StreamResponse:
    form = await call.form(Party)
    if form.value is None:
        return await _page(call, forms={"household": form}, status=422)
    household = form.value.household()
    return await _wish(
        call, lambda who: NewHousehold(who.booking_id, household, Cause.VISITOR), msgid("We know now who comes.")
    )


async def cancel(call: Call) -> StreamResponse:
    return await _wish(call, lambda who: Cancel(who.booking_id, Cause.VISITOR), msgid("Your booking is cancelled."))


async def answer_offer(call: Call) -> StreamResponse:
    form = await call.form(OfferForm)
    if form.value is None:
        return await _page(call, status=422)
    if form.value.answer == "yes":
        return await _wish(call, lambda who: Accept(who.booking_id), msgid("The place is yours."))
    return await cancel(call)


async def _wish(call: Call, wish: Callable[[Remembered], Item], done: str) -> StreamResponse:
    """Ask for it; what is refused is said on the page, with the booking as it is now."""
    who = remembered.recall(call)
    if who is None or not await _still(call, who):
        return _closed(call)
    try:
        await ask(call.context, who.programme_id, wish(who))
    except Refused as refused:
        return await _page(call, refused=_plainly(refused), status=409)
    return call.redirect(call.link("my-booking"), flash=call.translate(done))


def _plainly(refused: Refused) -> Refused:
    return Refused(Reason.FULL) if refused.reason is Reason.UNKNOWN_PLACE else refused


async def _still(call: Call, who: Remembered) -> bool:
    async with call.transaction(who.programme_id) as tx:
        return await _booking(tx, who) is not None


async def _for_visitor(
    call: Call, act: Callable[[Transaction, UUID], Awaitable[None]], done: str, lang: str = ""
) -> StreamResponse:
    who = remembered.recall(call)
    if who is None:
        return _closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await _booking(tx, who)
        if booking is None:
            return _closed(call)
        await act(tx, booking["visitor_id"])
    return call.redirect(f"/{lang or call.lang}/my-booking", flash=done)


async def speak(call: Call) -> StreamResponse:
    """The language of mails, and of this page from now on."""
    form = await call.form(LanguageForm)
    if form.value is None:
        return await _page(call, forms={"language": form}, status=422)
    language = form.value.language
    return await _for_visitor(
        call,
        lambda tx, visitor: people.set_language(tx, visitor, language),
        call.translate("We write to you in this language."),
        language,
    )


async def agree(call: Call) -> StreamResponse:
    """What is ticked stands, what is not is taken back."""
    form = await call.form(ConsentForm)
    if form.value is None:
        return await _page(call, status=422)
    said = {Purpose.FOLLOW_UP: form.value.follow_up, Purpose.NEWS: form.value.news}
    keeps_words = form.value.conversation

    async def act(tx: Transaction, visitor_id: UUID) -> None:
        for purpose, yes in said.items():
            if yes:
                await people.give_consent(tx, visitor_id, purpose, call.lang, "link")
            else:
                await people.withdraw_consent(tx, visitor_id, purpose)
        if not keeps_words:
            # It is given in a conversation and never here: the box is there only where it stands.
            await people.withdraw_consent(tx, visitor_id, Purpose.CONVERSATION)

    return await _for_visitor(call, act, call.translate("Saved."))


async def data(call: Call) -> StreamResponse:
    """Everything we keep, as a file of their own (GDPR, articles 15 and 20)."""
    who = remembered.recall(call)
    if who is None:
        return _closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await _booking(tx, who)
        found = await people.my_data(tx, booking["visitor_id"]) if booking else None
    if found is None:
        return _closed(call)
    return call.json(found, headers={**PRIVATE, "Content-Disposition": 'attachment; filename="my-data.json"'})


async def calendar(call: Call) -> StreamResponse:
    """The booking's entry for a calendar: the one that its mails carry."""
    who = remembered.recall(call)
    if who is None:
        return _closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await _booking(tx, who)
    if booking is None:
        return _closed(call)
    if booking["status"] not in HAS_PLACE or booking["titles"] is None:
        raise NotFound("entry")
    return entry.answer(call, booking, booking["id"], booking["starts_at"], booking["ends_at"], tentative=False)


async def forget(call: Call) -> StreamResponse:
    """Everything that is personal goes, here and wherever else we keep it."""
    form = await call.form(ForgetForm)
    who = remembered.recall(call)
    if who is None:
        return _closed(call)
    if form.value is None or not form.value.sure:
        form.fail("sure", call.translate("Tick the box if you are sure."))
        return await _page(call, forms={"erase": form}, status=422)
    async with call.transaction(who.programme_id) as tx:
        booking = await _booking(tx, who)
    if booking is None:
        return _closed(call)
    visitor_id: UUID = booking["visitor_id"]
    await anew(call.context, who.programme_id, lambda tx: people.erase(tx, visitor_id))
    response = call.page("registrations/forgotten.html", headers=PRIVATE)
    remembered.forget(call, response)
    return response
