"""Staff change who comes with a booking, and put right what was written down wrongly of whose it is."""

from __future__ import annotations

from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import correcting
from registrations.commands.correcting import Corrected, Correction
from registrations.commands.together import anew, ask
from registrations.corrections import PersonForm
from registrations.domain.applications import NewHousehold
from registrations.domain.household import BANDS, Household
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from registrations.inputs import Crowd, Party
from registrations.pages import attendee
from registrations.pages.finding import from_path
from registrations.sentences import refusal, refusal_to_staff
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.pages.explaining import FILL_IN
from services.pages.forms import Form
from services.pages.languages import msgid

FIELDS = {Reason.ADDRESS_TAKEN: "email", Reason.TIES: "everywhere"}
"""Where on the form it is said why a correction was refused."""
SAME = msgid("Nothing was changed.")


async def resize(call: Call) -> StreamResponse:
    """POST: more or fewer come, also after the visitors' deadline and beyond what a household may be; told by mail."""
    booking_id = from_path(call, "booking_id", "booking")
    form: Form[Party] = await call.form(Crowd)
    posted = await call.posted()
    if not str(posted.get("adults", "1")).strip():
        form.fail("adults", call.translate(FILL_IN))
    if form.value is None:
        return await attendee.page(call, forms={"household": form}, status=422)
    try:
        changed = await set_household(call, booking_id, form.value.household())
    except Refused as refused:
        form.fail("adults", refusal_to_staff(refused, call.translate))
        return await attendee.page(call, forms={"household": form}, status=409)
    said = msgid("It is written down who comes, and the visitor is told.") if changed else SAME
    return call.redirect(_back(call), flash=call.translate(said))


async def set_household(call: Call, booking_id: UUID, household: Household) -> bool:
    """Whether other people come now than before: nobody is told of what was so already. Raises `Refused`."""
    async with call.transaction() as tx:
        row = await queries.booking_page(tx.connection, id=booking_id)
    if row is None:
        raise NotFound("booking")
    if household.counts() == {"adults": row["adults"], **{band: row[band] or 0 for band in BANDS}}:
        return False
    await ask(call.context, call.programme.id, NewHousehold(booking_id, household, Cause.STAFF))
    async with call.transaction() as tx:
        await audit.record(tx, call, "booking.resized", f"booking:{booking_id}", persons=household.persons)
    return True


async def correct(call: Call) -> StreamResponse:
    """POST: the name, the address, the language as they should be."""
    booking_id = from_path(call, "booking_id", "booking")
    form = await call.form(PersonForm)
    if form.value is not None and form.value.email is None and await _has_address(call, booking_id):
        form.fail("email", call.translate(FILL_IN))
    if form.value is None:
        return await attendee.page(call, forms={"person": form}, status=422)
    try:
        corrected = await put_right(call, booking_id, form.value.correction())
    except Refused as refused:
        if refused.reason not in {*FIELDS, Reason.CHANGED_MEANWHILE}:
            raise NotFound("booking") from refused
        said = refusal(refused, call.translate)
        if refused.reason is Reason.CHANGED_MEANWHILE:
            # What was typed began from what is no longer so.
            return await attendee.page(call, stale=said, status=409)
        form.fail(FIELDS[refused.reason], said)
        return await attendee.page(call, forms={"person": form}, known=refused.values.get("visitor_id"), status=409)
    return call.redirect(_back(call), flash=_said(call, corrected))


async def put_right(call: Call, booking_id: UUID, should: Correction) -> Corrected:
    """Correct it, and write down that it was done, by whom and in which respects; never from what to what."""

    async def act(tx: Transaction) -> Corrected:
        corrected = await correcting.correct(tx, call.context.keys, booking_id, should)
        if corrected.what:
            await audit.record(tx, call, "booking.corrected", f"booking:{booking_id}", what=list(corrected.what))
        return corrected

    return await anew(call.context, call.programme.id, act)


async def _has_address(call: Call, booking_id: UUID) -> bool:
    async with call.transaction() as tx:
        row = await queries.booking_page(tx.connection, id=booking_id)
    return row is not None and row["email"] is not None


def _said(call: Call, corrected: Corrected) -> str:
    if corrected.told:
        return call.translate.plural(
            "It is corrected. What was sent to the address before no longer works; a new mail is on the way.",
            "It is corrected. What was sent to the address before no longer works; mails about "
            "{count} bookings are on the way.",
            corrected.told,
        )
    return call.translate(msgid("It is corrected.") if corrected.what else SAME)


def _back(call: Call) -> str:
    return call.console(f"attendees/{call.path('event')}/{call.path('booking_id')}")
