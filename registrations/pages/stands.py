"""The host's page of a stand: who is due, who waits, a scan that opens the conversation, a walk-in in 20 seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import check_in
from registrations.commands.check_in import Scan
from registrations.commands.together import anew
from registrations.domain.applications import Application, Person
from registrations.domain.check_in import Verdict
from registrations.domain.consents import Purpose
from registrations.domain.household import BANDS
from registrations.domain.refusals import Refused
from registrations.facts import BookingStatus
from registrations.inputs import ScanForm, WalkInForm
from registrations.pages.finding import from_path
from registrations.sentences import BANDS as BAND_NAMES
from registrations.sentences import LOOKING_FOR, STATUSES, VERDICTS, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.ids import new_id
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import LANGUAGES
from services.words import sort_key

EARLIER = timedelta(hours=2)
LATER = timedelta(hours=10)


async def stands(call: Call) -> StreamResponse:
    """The stands of events that are not over."""
    async with call.transaction() as tx:
        rows = await queries.stands_with_counts(tx.connection, since=tx.moment - timedelta(days=1))
    return call.page("registrations/stands.html", stands=rows)


async def show(call: Call) -> StreamResponse:
    return await _page(call)


async def _page(
    call: Call,
    *,
    scanned: Form[ScanForm] | None = None,
    walk_in: Form[WalkInForm] | None = None,
    matches: Sequence[Any] = (),
    said: tuple[str, str] | None = None,
    status: int = 200,
) -> StreamResponse:
    stand_id = from_path(call, "stand_id", "stand")
    async with call.transaction() as tx:
        stand = await _stand(tx, stand_id)
        # Before its day a stand shows who is due when it opens.
        around = max(tx.moment, stand["starts_at"])
        due = await queries.due_at_stand(tx.connection, stand_id=stand_id, since=around - EARLIER, until=around + LATER)
    kinds = {
        "due": [row for row in due if row["status"] in {BookingStatus.CONFIRMED, BookingStatus.NO_SHOW}],
        "here": [row for row in due if row["status"] == BookingStatus.ATTENDED],
        "waiting": [row for row in due if row["status"] in {BookingStatus.WAITING, BookingStatus.OFFERED}],
    }
    nonce = new_id(call.context.clock.now())
    empty = {"attempt": nonce, "adults": 1, "language": call.lang, **dict.fromkeys(BANDS, 0)}
    return call.page(
        "registrations/stand.html",
        status=status,
        stand=stand,
        kinds=kinds,
        nonce=nonce,
        scanned=scanned or Form.empty(),
        walk_in=walk_in or Form.empty(empty),
        matches=matches,
        said=said,
        statuses=STATUSES,
        looking_for=LOOKING_FOR,
        bands=BAND_NAMES,
        offered_languages=[one for one in LANGUAGES if one in (stand["languages"] or LANGUAGES)],
    )


async def scan(call: Call) -> StreamResponse:
    """A ticket at the stand: they are here, and the conversation's page opens."""
    form = await call.form(ScanForm)
    if form.value is None:
        return await _page(call, scanned=form, status=422)
    said = form.value
    stand_id = from_path(call, "stand_id", "stand")
    async with call.transaction() as tx:
        stand = await _stand(tx, stand_id)
        booking_id = said.booking or await check_in.find(tx, call.context.keys, stand["event_id"], said.text)
        search = sort_key(said.text)
        if booking_id is None and search:
            matches = await queries.search_at_door(tx.connection, event_id=stand["event_id"], search=search)
            if matches:
                return await _page(call, scanned=form, matches=matches)
        scanned = Scan(stand["event_id"], booking_id, said.nonce, tx.moment, account_id=call.principal.account_id)
        admission = await check_in.check_in(tx, scanned)
    if admission.booking_id is None or admission.verdict not in {Verdict.ADMITTED, Verdict.ALREADY}:
        return await _page(call, scanned=form, said=VERDICTS[admission.verdict])
    return await _to_lead(call, admission.booking_id)


async def _to_lead(call: Call, booking_id: UUID) -> StreamResponse:
    async with call.transaction() as tx:
        lead = await queries.lead_of_booking(tx.connection, booking_id=booking_id)
    return call.redirect(call.console(f"leads/{lead['id']}" if lead else f"leads/new?booking={booking_id}"))


async def walk_in(call: Call) -> StreamResponse:
    """Somebody without a booking: a name and who comes along is enough, and they are in."""
    form = await call.form(WalkInForm)
    if form.value is None:
        return await _page(call, walk_in=form, status=422)
    said = form.value
    stand_id = from_path(call, "stand_id", "stand")

    async def decide(tx: Transaction) -> UUID:
        stand = await _stand(tx, stand_id)
        application = Application(
            person=Person(said.name, said.email, said.language),
            household=said.household(),
            booking_id=new_id(tx.moment),
            event_id=stand["event_id"],
            slot_id=None,
            stand_id=stand_id,
            wait=False,
            attempt=said.attempt,
            through="stand",
            consents=(Purpose.FOLLOW_UP,) if said.follow_up else (),
            by_staff=True,
            walk_in=True,
        )
        return await check_in.walk_in(tx, call.context.keys, application, call.principal.account_id)

    try:
        booking_id = await anew(call.context, call.programme.id, decide)
    except Refused as refused:
        form.fail("form", refusal(refused, call.translate))
        return await _page(call, walk_in=form, status=409)
    response = await _to_lead(call, booking_id)
    flash.leave(response, call.translate("Welcome, {name}!", name=said.name), call.context.settings.secure)
    return response


async def _stand(tx: Transaction, stand_id: UUID) -> Any:
    row = await queries.stand_page(tx.connection, id=stand_id)
    if row is None:
        raise NotFound("stand")
    return row
