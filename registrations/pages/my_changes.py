"""What visitors may do with their own booking and with what we know of them: each a POST from its page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import answers, people
from registrations.commands.together import anew
from registrations.domain.applications import NewHousehold
from registrations.domain.asking import Accept, Cancel, Move
from registrations.domain.consents import Purpose
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingStatus, Cause
from registrations.inputs import AnswersForm, ConsentForm, Crowd, ForgetForm, LanguageForm, MoveForm, OfferForm, Party
from registrations.pages import answers as answered
from registrations.pages import entry, my_booking, remembered
from registrations.sentences import misgiven
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.explaining import FILL_IN
from services.pages.forms import Form
from services.pages.languages import msgid, translator

HAS_PLACE = {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}


async def move(call: Call) -> StreamResponse:
    form = await call.form(MoveForm)
    if form.value is None:
        return await my_booking.page(call, forms={"move": form}, status=422)
    slot_id = form.value.place
    return await my_booking.wish(
        call, lambda who: Move(who.booking_id, slot_id, Cause.VISITOR), msgid("Your time is changed.")
    )


async def resize(call: Call) -> StreamResponse:
    posted = await call.posted()
    form: Form[Party] = await call.form(Crowd)
    if not str(posted.get("adults", "1")).strip():
        form.fail("adults", call.translate(FILL_IN))
    if form.value is None:
        return await my_booking.page(call, forms={"household": form}, status=422)
    household = form.value.household()
    return await my_booking.wish(
        call,
        lambda who: NewHousehold(who.booking_id, household, Cause.VISITOR),
        msgid("We know now who comes."),
        {"household": form},
    )


async def answer(call: Call) -> StreamResponse:
    """Other answers to the event's questions, until the deadline that changes have."""
    form = await call.form(AnswersForm)
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    try:
        async with call.transaction(who.programme_id) as tx:
            await answers.change(tx, who.booking_id, who.rotation, answered.given_in(form), call.lang)
    except Refused as refused:
        if refused.reason is not Reason.ANSWERS:
            return await my_booking.page(call, refused=refused, status=409)
        for id, wrong in refused.values["wrong"].items():
            form.fail(f"{answered.PREFIX}{id}", misgiven(wrong, call.translate))
        return await my_booking.page(call, forms={"answers": form}, status=422)
    return call.redirect(call.link("my-booking"), flash=call.translate("Your answers are changed."))


async def cancel(call: Call) -> StreamResponse:
    return await my_booking.wish(
        call, lambda who: Cancel(who.booking_id, Cause.VISITOR), msgid("Your booking is cancelled.")
    )


async def answer_offer(call: Call) -> StreamResponse:
    form = await call.form(OfferForm)
    if form.value is None:
        return await my_booking.page(call, status=422)
    if form.value.answer == "yes":
        return await my_booking.wish(call, lambda who: Accept(who.booking_id), msgid("The place is yours."))
    return await cancel(call)


async def _for_visitor(
    call: Call, act: Callable[[Transaction, UUID], Awaitable[None]], done: str, lang: str = ""
) -> StreamResponse:
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
        if booking is None:
            return my_booking.closed(call)
        await act(tx, booking["visitor_id"])
    return call.redirect(f"/{lang or call.lang}/my-booking", flash=done)


async def speak(call: Call) -> StreamResponse:
    """The language of mails, and of this page from now on."""
    form = await call.form(LanguageForm)
    if form.value is None:
        return await my_booking.page(call, forms={"language": form}, status=422)
    language = form.value.language
    return await _for_visitor(
        call,
        lambda tx, visitor: people.set_language(tx, visitor, language),
        translator(language)(msgid("We write to you in this language.")),
        language,
    )


async def agree(call: Call) -> StreamResponse:
    """What is ticked stands, what is not is taken back."""
    form = await call.form(ConsentForm)
    if form.value is None:
        return await my_booking.page(call, status=422)
    said = form.value
    return await _for_visitor(
        call, lambda tx, visitor: settle_consents(tx, visitor, said, call.lang), call.translate("Saved.")
    )


async def settle_consents(tx: Transaction, visitor_id: UUID, said: ConsentForm, lang: str) -> None:
    """What is said stands, in the wording of that language; what is not is taken back."""
    for purpose, yes in {Purpose.FOLLOW_UP: said.follow_up, Purpose.NEWS: said.news}.items():
        if yes:
            await people.give_consent(tx, visitor_id, purpose, lang, "link")
        else:
            await people.withdraw_consent(tx, visitor_id, purpose)
    if not said.conversation:
        # It is given in a conversation and never here: the box is there only where it stands.
        await people.withdraw_consent(tx, visitor_id, Purpose.CONVERSATION)


async def data(call: Call) -> StreamResponse:
    """Everything we keep, as a file of their own (GDPR, articles 15 and 20)."""
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
        found = await people.my_data(tx, booking["visitor_id"]) if booking else None
    if found is None:
        return my_booking.closed(call)
    return call.json(
        found, headers={**my_booking.PRIVATE, "Content-Disposition": 'attachment; filename="my-data.json"'}
    )


async def calendar(call: Call) -> StreamResponse:
    """The booking's entry for a calendar: the one that its mails carry."""
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
    if booking is None:
        return my_booking.closed(call)
    if booking["status"] not in HAS_PLACE or booking["titles"] is None:
        raise NotFound("entry")
    where = entry.whereabouts(call, booking["venue"], booking["stand_names"], booking["number"], booking["room"])
    return entry.answer(
        call,
        booking,
        booking["id"],
        (booking["starts_at"], booking["ends_at"]),
        where,
        session=booking["session_titles"],
        sequence=booking["told_sequence"] or 0,
        tentative=False,
    )


async def forget(call: Call) -> StreamResponse:
    """Everything that is personal goes, here and wherever else we keep it."""
    form = await call.form(ForgetForm)
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    if form.value is None or not form.value.sure:
        form.fail("sure", call.translate("Tick the box if you are sure."))
        return await my_booking.page(call, forms={"erase": form}, status=422)
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
    if booking is None:
        return my_booking.closed(call)
    visitor_id: UUID = booking["visitor_id"]
    await anew(call.context, who.programme_id, lambda tx: people.erase(tx, visitor_id))
    response = call.page("registrations/forgotten.html", headers=my_booking.PRIVATE)
    remembered.forget(call, response)
    return response
