"""The attendees as a file: which columns, of whom, in which format; and who took what out before."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel, Field

from registrations.domain.questions import MOST_QUESTIONS
from registrations.exports import sending
from registrations.exports.answers import columns_of
from registrations.exports.columns import COLUMNS, USUAL, Wording, chosen
from registrations.exports.files import Format
from registrations.exports.journal import Taking
from registrations.facts import BookingStatus
from registrations.pages.attendees import TABS, TO_APPROVE
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path
from registrations.pages.options import groups
from registrations.sentences import STATUSES
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import people
from services.ids import new_id
from services.pages.forms import Form
from services.pages.languages import msgid

ALL = "all"
STATES: dict[str, tuple[str, tuple[BookingStatus, ...]]] = {**TABS, ALL: (msgid("All bookings"), tuple(BookingStatus))}
SHOWN = 20
FORMATS: dict[Format, tuple[str, str]] = {
    Format.XLSX: (msgid("Excel (XLSX)"), msgid("Opens in every spreadsheet, with dates and numbers as such.")),
    Format.CSV_EXCEL: (
        msgid("CSV for Excel"),
        msgid("With semicolons, as Excel in Norwegian and Dutch expects it."),
    ),
    Format.CSV: (msgid("CSV"), msgid("With commas, for other programs.")),
}


class ExportForm(BaseModel):
    """What to take out. `attempt` is what the page watches it by."""

    state: str = Field(default="coming", pattern=f"^({'|'.join(STATES)})$")
    q: str = Field(default="", max_length=100)
    columns: list[str] = Field(min_length=1, max_length=len(COLUMNS) + 4 * MOST_QUESTIONS)
    format: Format = Format.XLSX
    attempt: UUID


async def show(call: Call) -> StreamResponse:
    """GET ?state=&q=&columns=&format=: the form as the link has it, so that a choice is kept by keeping its link."""
    query = call.request.query
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        columns = await columns_of(tx, event["id"], call.lang)
    kept = [name for name in query.getall("columns", []) if name in columns]
    state, format = query.get("state", "coming"), query.get("format", "")
    form: Form[ExportForm] = Form.empty(
        {
            "state": state if state in STATES else "coming",
            "q": query.get("q", "").strip()[:100],
            "columns": kept or list(USUAL),
            "format": format if format in set(Format) else Format.XLSX,
            "attempt": new_id(call.context.clock.now()),
        }
    )
    return await _page(call, form, kept=bool(kept))


async def send(call: Call) -> StreamResponse:
    """POST: the file."""
    form = await call.form(ExportForm)
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        offered = await columns_of(tx, event["id"], call.lang)
        wording = await wording_of(call, tx, event)
    columns = chosen(tuple(form.value.columns), offered) if form.value else []
    if form.value is not None and not columns:
        form.fail("columns", call.translate("Choose at least one."))
    if form.value is None:
        return await _page(call, form, status=422)
    wanted = form.value
    taking = Taking.of(
        wanted.attempt,
        event["id"],
        wanted.format,
        columns,
        STATES[wanted.state][1],
        wanted.q.strip(),
        TO_APPROVE.get(wanted.state),
    )
    day = call.context.clock.now().date().isoformat()
    return await sending.send(call, taking, wording, f"{event['slug']}-{wanted.state}-{day}")


async def progress(call: Call) -> StreamResponse:
    """How far an export of one's own has come, for the line beside the button."""
    export_id = from_path(call, "export_id", "export")
    async with call.transaction() as tx:
        row = await queries.export_by_id(tx.connection, id=export_id)
    if row is None or row["account_id"] != call.principal.account_id:
        raise NotFound("export")
    state = ("done" if row["whole"] else "broken") if row["ended_at"] else "running"
    return call.json({"state": state, "rows": row["rows"], "expected": row["expected"]})


async def wording_of(call: Call, tx: Transaction, event: Any, *, plain: bool = False) -> Wording:
    """How the event's values are said to whoever asks."""
    page = await queries.event_page(tx.connection, id=event["id"])
    offered = page["offered_groups"] if page is not None else []
    return Wording(call.translate, event["time_zone"], dict(groups(call, offered)), plain)


async def _page(call: Call, form: Form[ExportForm], *, kept: bool = False, status: int = 200) -> StreamResponse:
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        log = await queries.exports_of_event(tx.connection, event_id=event["id"], many=SHOWN)
        accounts = {row["account_id"] for row in log if row["account_id"]}
        names = await people.names(tx, call.programme.id, accounts)
        columns = await columns_of(tx, event["id"], call.lang)
    return call.page(
        "registrations/export.html",
        status=status,
        event=event,
        form=form,
        kept=kept,
        states=[(name, call.translate(label)) for name, (label, _) in STATES.items()],
        columns=columns,
        formats=[(name, call.translate(label), call.translate(note)) for name, (label, note) in FORMATS.items()],
        format_names={name: label for name, (label, _) in FORMATS.items()},
        statuses=STATUSES,
        log=[(row, names.get(row["account_id"]), _again(row)) for row in log],
    )


def _again(row: Any) -> str:
    """The query of a link that chooses what was chosen then; not by which name it was narrowed, which nobody kept."""
    states = set(row["states"])
    state = next((name for name, (_, wanted) in STATES.items() if {str(one) for one in wanted} == states), ALL)
    return urlencode({"state": state, "columns": row["columns"], "format": row["format"]}, doseq=True)
