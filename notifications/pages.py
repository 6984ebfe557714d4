"""The pages of notifications: what we may send (for visitors), and the delivery log (for organisers)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.web import StreamResponse
from pydantic import BaseModel

from notifications import commands
from notifications.api import STATUSES, identifier
from services import sql
from services.http.call import Call
from services.http.problems import Conflict, NotFound
from services.keys import token_hash
from services.pages.forms import Form
from services.routes import Role

queries = sql.load(__package__)

SHOWN = 50
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
"""Of a page whose address is its key."""


class PreferencesInput(BaseModel):
    reminders: bool = False


async def preferences(call: Call) -> StreamResponse:
    programme_id, visitor_id = await _visitor(call)
    async with call.transaction(programme_id) as tx:
        wanted = await queries.wants_reminders(tx.connection, visitor_id=visitor_id)
        programme = await queries.programme_known(tx.connection)
    form = Form[PreferencesInput].empty({"reminders": wanted})
    return _preferences(call, form, programme)


def _preferences(call: Call, form: Form[PreferencesInput], programme: Any) -> StreamResponse:
    return call.form_page(
        "notifications/preferences.html", form, programme=programme, token=call.path("token"), headers=PRIVATE
    )


async def save_preferences(call: Call) -> StreamResponse:
    programme_id, visitor_id = await _visitor(call)
    form = await call.form(PreferencesInput)
    async with call.transaction(programme_id) as tx:
        if form.value is None:
            programme = await queries.programme_known(tx.connection)
            return _preferences(call, form, programme)
        await commands.set_preferences(tx, visitor_id, form.value.reminders)
    return call.redirect(call.link(f"preferences/{call.path('token')}"), flash=call.translate("Saved."))


async def unsubscribe(call: Call) -> StreamResponse:
    """One click in the mail program (RFC 8058): no more reminders. The same again changes nothing."""
    programme_id, visitor_id = await _visitor(call)
    async with call.transaction(programme_id) as tx:
        await commands.set_preferences(tx, visitor_id, False)
    return web.Response(status=204)


async def unsubscribe_page(call: Call) -> StreamResponse:
    """A mail program that opens the address instead: a page where the visitor chooses. Looking changes nothing."""
    await _visitor(call)
    return call.redirect(call.link(f"preferences/{call.path('token')}"))


async def deliveries(call: Call) -> StreamResponse:
    """GET ?status=&visitor=: every message, or those to one person, whose name the log does not hold."""
    status = call.request.query.get("status")
    visitor = _one(call.request.query.get("visitor", ""))
    before = _cursor(call.request.query.get("before", ""))
    async with call.transaction() as tx:
        rows = await queries.list_deliveries(
            tx.connection,
            status=status if status in STATUSES else None,
            visitor_id=visitor,
            before_at=before[0] if before else None,
            before_id=before[1] if before else None,
            most=SHOWN + 1,
        )
        counted = await queries.count_by_status(tx.connection, visitor_id=visitor)
        counts = {row["status"]: row["deliveries"] for row in counted}
        whole = visitor is None and before is None and call.has_role(Role.ORGANISER)
        ahead = await queries.messages_ahead(tx.connection, moment=tx.moment, most=SHOWN) if whole else []
    more = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return call.page(
        "notifications/deliveries.html",
        deliveries=rows[:SHOWN],
        ahead=ahead,
        counts=counts,
        chosen=status,
        more=more,
        statuses=STATUSES,
        visitor=visitor,
    )


async def delivery(call: Call) -> StreamResponse:
    return await _delivery(call)


async def _delivery(call: Call, problem: Conflict | None = None) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_delivery(tx.connection, id=identifier(call))
        if row is None:
            raise NotFound("delivery")
        steps = await queries.steps_of_delivery(tx.connection, delivery_id=row["id"])
    said = problem.said(call.translate)[1] if problem else None
    return call.page(
        "notifications/delivery.html", delivery=row, steps=steps, problem=said, status=409 if problem else 200
    )


async def ask_again(call: Call) -> StreamResponse:
    try:
        async with call.transaction() as tx:
            await commands.ask_again(tx, identifier(call))
    except Conflict as problem:
        return await _delivery(call, problem)
    return call.redirect(
        call.console(f"deliveries/{identifier(call)}"), flash=call.translate("It goes out in a moment.")
    )


async def panel(call: Call) -> StreamResponse:
    """The home's panel: what was sent in a week, and what went wrong."""
    async with call.transaction() as tx:
        figures = await queries.panel_figures(tx.connection, since=tx.moment - timedelta(days=7))
    return call.page("notifications/panel.html", figures=figures)


async def _visitor(call: Call) -> tuple[UUID, UUID]:
    """The programme and visitor behind the token in the path; NotFound for a forged or forgotten one."""
    async with call.context.database.transaction(None) as tx:
        row = await queries.find_preference_link(tx.connection, token_hash=token_hash(call.path("token")))
    if row is None or not call.context.keys.made(call.path("token"), "preferences", row["visitor_id"]):
        raise NotFound("page")
    return row["programme_id"], row["visitor_id"]


def _one(text: str) -> UUID | None:
    """The visitor of the query; anything else is nobody in particular."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _cursor(text: str) -> tuple[Any, UUID] | None:
    """`<moment>~<id>` of the last row shown; anything else begins at the top."""
    moment, _, identity = text.partition("~")
    try:
        return datetime.fromisoformat(moment), UUID(identity)
    except ValueError:
        return None
