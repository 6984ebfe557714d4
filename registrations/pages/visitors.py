"""The people we know, one by one: for who asks by phone or letter what we keep of them, or to be forgotten.

A link in a mail lets visitors do both by themselves; this is for those who got none: who walked in without an
address, or wrote to hear more and never booked.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import people
from registrations.commands.together import anew
from registrations.domain.consents import Purpose, wording
from registrations.domain.searching import literally
from registrations.inputs import ForgetForm
from registrations.pages.finding import from_path, identifier
from registrations.sentences import INTERESTS, STATUSES
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit
from services.pages.forms import Form
from services.words import sort_key

MANY = 50
PRIVATE = {"Cache-Control": "no-store"}


async def index(call: Call) -> StreamResponse:
    """Found by a part of the name or the beginning of the address; without either, the newest."""
    search = call.request.query.get("q", "").strip()[:100]
    async with call.transaction() as tx:
        rows = await list_visitors(tx, search, identifier(call.request.query.get("before")), MANY + 1)
    return call.page(
        "registrations/visitors.html",
        rows=rows[:MANY],
        more=rows[MANY - 1]["id"] if len(rows) > MANY else None,
        search=search,
        headers=PRIVATE,
    )


async def list_visitors(tx: Transaction, search: str, before: UUID | None, many: int) -> list[Any]:
    """Visitors who are not forgotten, older than `before`; shared with the API."""
    found: list[Any] = await queries.list_visitors(
        tx.connection,
        search=literally(sort_key(search)) if search else None,
        email=literally(search.lower()) if search else None,
        before=before,
        many=many,
    )
    return found


async def show(call: Call) -> StreamResponse:
    return await _page(call, Form.empty())


async def _page(call: Call, form: Form[ForgetForm], status: int = 200) -> StreamResponse:
    visitor_id = from_path(call, "visitor_id", "visitor")
    async with call.transaction() as tx:
        visitor = await known(tx, visitor_id)
        bookings = await queries.bookings_of_visitor(tx.connection, visitor_id=visitor_id)
        leads = await queries.leads_of_visitor(tx.connection, visitor_id=visitor_id)
        interests = await queries.interests_of_visitor(tx.connection, visitor_id=visitor_id)
        consents = await queries.consents_of(tx.connection, visitor_id=visitor_id)
    return call.page(
        "registrations/visitor.html",
        status=status,
        form=form,
        visitor=visitor,
        bookings=bookings,
        leads=leads,
        interests=interests,
        consents=[(row, wording(Purpose(row["purpose"]), row["wording"])) for row in consents],
        statuses=STATUSES,
        badges=INTERESTS,
        headers=PRIVATE,
    )


async def known(tx: Transaction, visitor_id: UUID) -> Any:
    """The visitor's row; raises `NotFound` where there is none, or they were forgotten."""
    row = await queries.find_visitor(tx.connection, id=visitor_id)
    if row is None or row["erased_at"] is not None:
        raise NotFound("visitor")
    return row


async def data(call: Call) -> StreamResponse:
    """Everything we keep of them, as a file to hand out (GDPR, articles 15 and 20); the audit says who took it."""
    visitor_id = from_path(call, "visitor_id", "visitor")
    async with call.transaction() as tx:
        await known(tx, visitor_id)
        found = await people.my_data(tx, visitor_id)
        await audit.record(tx, call, "visitor.data_taken", f"visitor:{visitor_id}")
    return call.json(
        found or {}, headers={**PRIVATE, "Content-Disposition": f'attachment; filename="visitor-{visitor_id}.json"'}
    )


async def forget(call: Call) -> StreamResponse:
    """They asked to be forgotten: what is personal goes, here and wherever else we keep it."""
    form = await call.form(ForgetForm)
    if form.value is None or not form.value.sure:
        form.fail("sure", call.translate("Tick the box if you are sure."))
        return await _page(call, form, 422)
    await erase(call, from_path(call, "visitor_id", "visitor"))
    return call.redirect(call.console("visitors"), flash=call.translate("They are forgotten, everywhere."))


async def erase(call: Call, visitor_id: UUID) -> None:
    """Erase a visitor of the path's programme on their request, and write down that it was done and by whom."""

    async def act(tx: Transaction) -> None:
        await known(tx, visitor_id)
        await people.erase(tx, visitor_id)
        await audit.record(tx, call, "visitor.erased", f"visitor:{visitor_id}")

    await anew(call.context, call.programme.id, act)
