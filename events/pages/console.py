"""The organisers' events: the list and the month, with clashes marked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints

from events import overview
from events.calendar import cursor_at, days_of, read_cursor
from events.domain.months import days_from, first_of, monday_of, month_after, weeks
from events.domain.zones import to_wall
from events.pages.words import weekdays
from events.records import find_programme, queries
from services.http.call import Call
from services.routes import Role

ON_A_PAGE = 50
WEEK = timedelta(days=7)


class ListQuery(BaseModel):
    show: Literal["coming", "drafts", "past"] = "coming"
    after: str | None = Field(default=None, max_length=1024)


class WeekQuery(BaseModel):
    week: date | None = None
    """Any of its days."""


class MonthQuery(BaseModel):
    month: Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")] | None = None


async def listed(call: Call) -> web.StreamResponse:
    """The list: what is coming, drafts, or what is over."""
    query: ListQuery = call.query
    cursor = read_cursor(query.after)
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        counts = await queries.count_events(tx.connection, moment=tx.moment)
        if query.show == "past":
            lines = await overview.past(tx, cursor, ON_A_PAGE + 1)
        else:
            status = "draft" if query.show == "drafts" else None
            lines = await overview.coming(tx, cursor, ON_A_PAGE + 1, status=status)
    shown = lines[:ON_A_PAGE]
    after = {"show": query.show, "after": cursor_at(shown[-1].event).text} if len(lines) > ON_A_PAGE else None
    return call.page(
        "events/list.html",
        lines=shown,
        counts=counts,
        show_=query.show,
        programme=programme,
        may_edit=call.has_role(Role.ORGANISER),
        next=f"{call.console('events')}?{urlencode(after)}" if after else None,
    )


async def month(call: Call) -> web.StreamResponse:
    """A month as a calendar page; on a phone, its days below each other."""
    query: MonthQuery = call.query
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        counts = await queries.count_events(tx.connection, moment=tx.moment)
        today = to_wall(tx.moment, programme.time_zone if programme else "Europe/Oslo").date()
        first = date.fromisoformat(f"{query.month}-01") if query.month else first_of(today)
        lines = await overview.between(tx, first, month_after(first))
    return call.page(
        "events/month.html",
        weeks=weeks(first, lines, lambda line: days_of(line.event)),
        first=first,
        before=month_after(first, -1),
        after=month_after(first),
        today=today,
        weekdays=weekdays(call.lang),
        counts=counts,
        programme=programme,
        may_edit=call.has_role(Role.ORGANISER),
        any=bool(lines),
    )


async def week(call: Call) -> web.StreamResponse:
    """A week, day by day, with times, places and how full it is: what people must be sent to, and what clashes."""
    query: WeekQuery = call.query
    async with call.transaction() as tx:
        programme = await find_programme(tx, tx.programme)
        counts = await queries.count_events(tx.connection, moment=tx.moment)
        today = to_wall(tx.moment, programme.time_zone if programme else "Europe/Oslo").date()
        monday = monday_of(query.week or today)
        lines = await overview.between(tx, monday, monday + WEEK)
    return call.page(
        "events/week.html",
        days=days_from(monday, 7, lines, lambda line: days_of(line.event)),
        monday=monday,
        sunday=monday + WEEK - timedelta(days=1),
        before=monday - WEEK,
        after=monday + WEEK,
        today=today,
        counts=counts,
        programme=programme,
        may_edit=call.has_role(Role.ORGANISER),
        any=bool(lines),
    )
