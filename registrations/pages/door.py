"""Check-in: scan, type a code, or look for a name; green, amber or red, in words. The form works everywhere; the camera
and the offline queue are added to it by a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import check_in
from registrations.commands.check_in import Admission, Scan
from registrations.domain.refusals import Refused
from registrations.groups import NOT_COUNTED, CameForm
from registrations.inputs import ScanForm, UndoForm
from registrations.pages.desk import event_named
from registrations.sentences import STATUSES, VERDICTS, refusal
from registrations.statements import queries
from services.http.call import Call
from services.identity import audit
from services.ids import new_id
from services.pages.forms import Form
from services.pages.languages import msgid
from services.words import sort_key

ABOUT_NOW = timedelta(hours=36)
WORDS = {
    "camera": msgid("Scan with the camera"),
    "stop": msgid("Stop the camera"),
    "undo": msgid("Take it back"),
    "queued": msgid("Kept"),
    "later": msgid("There is no network. The ticket is checked as soon as there is."),
    "queue": msgid("Scans that wait to be sent: {count}"),
    "people": msgid("adults: {adults}, children: {children}"),
    "came": msgid("How many of the group came"),
    "count": msgid("Save"),
    "counted": msgid("Saved."),
    "uncounted": msgid("They were not counted. Try again."),
}
"""What the script says; it fills the named places itself."""


async def events(call: Call) -> StreamResponse:
    """Which door? An event of today opens by itself where it is the only one."""
    async with call.transaction() as tx:
        rows = await queries.events_with_counts(tx.connection, moment=tx.moment, many=30)
        moment = tx.moment
    current = [row for row in rows if row["ends_at"] >= moment - ABOUT_NOW and row["status"] == "published"]
    today = [row for row in current if row["starts_at"] <= moment + timedelta(hours=12)]
    if len(today) == 1:
        return call.redirect(call.console(f"check-in/{today[0]['slug']}"))
    return call.page("registrations/door_events.html", events=current)


async def show(call: Call) -> StreamResponse:
    """GET: the form; `?ticket=` is what a phone's own camera read, to be confirmed with one button."""
    return await _page(call, text=call.request.query.get("ticket", "")[:400])


async def scan(call: Call) -> StreamResponse:
    """POST: what was scanned or typed. What is no ticket and no code is looked for among the names."""
    form = await call.form(ScanForm)
    if form.value is None:
        return await _page(call, form=form, status=422)
    said = form.value
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        booking_id = said.booking or await check_in.find(tx, call.context.keys, event["id"], said.text)
        matches: list[Any] = []
        admission: Admission | None = None
        search = sort_key(said.text)
        if booking_id is None and search:
            matches = await queries.search_at_door(tx.connection, event_id=event["id"], search=search)
        if not matches:
            scanned = Scan(event["id"], booking_id, said.nonce, tx.moment, account_id=call.principal.account_id)
            admission = await check_in.check_in(tx, scanned)
    return await _page(call, admission=admission, matches=matches, text=said.text if matches else "")


async def undo(call: Call) -> StreamResponse:
    """POST: the last check-in of a booking was a slip."""
    form = await call.form(UndoForm)
    if form.value is None:
        return await _page(call, status=422)
    try:
        async with call.transaction() as tx:
            await event_named(call, tx)
            admission = await check_in.undo(tx, form.value.booking, form.value.nonce, call.principal.account_id)
    except Refused as refused:
        return await _page(call, problem=refusal(refused, call.translate), status=409)
    return await _page(call, admission=admission)


async def count(call: Call) -> StreamResponse:
    """POST: how many of a group came; counted again, the last count stands. Leads back to where it was counted."""
    form = await call.form(CameForm)
    counted = None
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        if form.value is not None:
            said = form.value
            counted = await queries.count_group(tx.connection, id=said.booking, event_id=event["id"], came=said.came)
            if counted is not None:
                await audit.record(tx, call, "group.counted", f"booking:{said.booking}", came=said.came)
    if form.value is None or counted is None:
        return await _page(call, problem=call.translate(NOT_COUNTED), status=422 if form.value is None else 409)
    path = (
        f"attendees/{call.path('event')}/{counted}" if form.get("from") == "list" else f"check-in/{call.path('event')}"
    )
    return call.redirect(call.console(path), flash=call.translate("Saved."))


async def _page(
    call: Call,
    *,
    form: Form[ScanForm] | None = None,
    admission: Admission | None = None,
    matches: list[Any] | None = None,
    text: str = "",
    problem: str = "",
    status: int = 200,
) -> StreamResponse:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        counts = await queries.door_counts(tx.connection, event_id=event["id"])
        found = await _booking(tx, admission.booking_id if admission else None)
    return call.page(
        "registrations/door.html",
        status=status,
        event=event,
        form=form or Form.empty({"text": text}),
        nonce=new_id(call.context.clock.now()),
        counts=counts,
        admission=admission,
        said=VERDICTS[admission.verdict] if admission else None,
        booking=found,
        matches=matches or [],
        statuses=STATUSES,
        problem=problem,
        verdicts={str(verdict): [call.translate(one) for one in words] for verdict, words in VERDICTS.items()},
        words={name: call.translate(sentence) for name, sentence in WORDS.items()},
    )


async def _booking(tx: Any, booking_id: UUID | None) -> Any:
    return await queries.booking_page(tx.connection, id=booking_id) if booking_id else None
