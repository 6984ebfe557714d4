"""JSON for what people may ask of us: to see what we keep of them, and to be forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import Field

from registrations.api import Shown
from registrations.commands import people
from registrations.pages.finding import from_path
from registrations.pages.visitors import erase, known, list_visitors
from services.http.call import Call
from services.http.pagination import Cursor, Page, Paging
from services.identity import audit


class VisitorOut(Shown):
    id: UUID
    name: str
    email: str | None
    language: str
    created_at: datetime
    bookings: int
    conversations: int
    interests: int


class VisitorForgotten(Shown):
    visitor_id: UUID


class DataOut(Shown):
    """Everything we keep of one person, as they read it themselves."""

    visitor_id: UUID
    data: dict[str, Any]


class Wanted(Paging):
    """`q` is a part of a name, or the beginning of an address."""

    q: Annotated[str, Field(max_length=100)] = ""


async def index(call: Call) -> StreamResponse:
    wanted: Wanted = call.query
    cursor = Cursor.read(wanted.after, "id")
    async with call.transaction() as tx:
        rows = await list_visitors(tx, wanted.q.strip(), cursor.value("id"), wanted.limit + 1)
    page = Page[VisitorOut].of(
        rows, wanted.limit, lambda row: Cursor.at(id=row["id"]), lambda row: VisitorOut.model_validate(dict(row))
    )
    return call.json(page)


async def data(call: Call) -> StreamResponse:
    visitor_id = from_path(call, "visitor_id", "visitor")
    async with call.transaction() as tx:
        await known(tx, visitor_id)
        found = await people.my_data(tx, visitor_id)
        await audit.record(tx, call, "visitor.data_taken", f"visitor:{visitor_id}")
    return call.json(DataOut(visitor_id=visitor_id, data=found or {}), headers={"Cache-Control": "no-store"})


async def forget(call: Call) -> StreamResponse:
    visitor_id = from_path(call, "visitor_id", "visitor")
    await erase(call, visitor_id)
    return call.json(VisitorForgotten(visitor_id=visitor_id))
