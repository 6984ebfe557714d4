"""What visitors see: the calendar, an event, and both as calendar files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field

from events.calendar import CalendarQuery, Filters, Public, cursor_at, days_of, read_cursor
from events.domain.booking import Door
from events.domain.months import first_of, month_after, weeks
from events.domain.state import Slot, slot_of
from events.domain.zones import ZONES
from events.facts import Topic
from events.ics import MEDIA_TYPE, Listed, calendar_file, listed_event
from events.pages.shared import shared
from events.pages.words import TOPICS, spoken, weekdays
from events.records import Whole, find_programme, find_whole, queries
from events.shown import ShownEvent, show
from services.http import etags
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.languages import text_in
from services.pages.templating import render

ON_A_PAGE = 20
FEED_REACHES_BACK = timedelta(days=90)
"""A subscribed calendar keeps what was lately, so that a cancellation just before the day still arrives."""


class EventQuery(BaseModel):
    topic: Topic | None = None
    """Only stands where one can ask about this."""
    via: str | None = Field(default=None, max_length=256)


async def calendar(call: Call) -> web.StreamResponse:
    """The list of what is coming, or of one month, with a month beside it."""
    query: CalendarQuery = call.query
    moment = call.context.clock.now()
    async with call.transaction() as tx:
        public = await Public.open(tx)
        coming = await public.events(Filters(), since=moment, many=1000)
        found = await public.events(query, since=moment, cursor=read_cursor(query.after), many=ON_A_PAGE + 1)
        nearest = found[0] if found else coming[0] if coming else None
        first = _first_of(query.month) or first_of(days_of(nearest)[0] if nearest else moment.date())
        in_month = await public.month(query, first)
    rows = in_month if query.month else found[:ON_A_PAGE]
    more = not query.month and len(found) > ON_A_PAGE
    asked = {**query.given(), **_passed_on(call)}
    return with_etag(
        call.page(
            "events/calendar.html",
            months=[(on, list(those)) for on, those in groupby(rows, key=lambda one: first_of(days_of(one)[0]))],
            programmes=public.programmes,
            choices=public.choices(coming),
            filters=query,
            chosen=query.month,
            first=first,
            weeks=weeks(first, in_month, days_of),
            before=month_after(first, -1),
            after=month_after(first),
            narrowed=lambda **changed: _address(call, "events", {**asked, **changed}),
            feed=_address(call, "events.ics", query.given()),
            next=_address(call, "events", {**asked, "after": cursor_at(rows[-1]).text}) if more else None,
            via=_passed_on(call),
            today=moment.date(),
            weekdays=weekdays(call.lang),
        ),
    )


async def event(call: Call) -> web.StreamResponse:
    """One event with its stands and slots; a draft, or one called off before it was public, is not there."""
    page = await shared(call, _event_page)
    return call.html(page.body, headers={"ETag": page.tag})


async def _event_page(call: Call) -> str:
    shown = await _public_event(call)
    return render("events/event.html", call, **event_values(call, shown))


async def event_file(call: Call) -> web.StreamResponse:
    """One event with its sessions as a calendar file."""
    shown = await _public_event(call)
    entry = listed_event(shown.event)
    sessions = [*(one.session for _, those in shown.sessions for one in those), *shown.called_off]
    name = text_in(entry.titles, call.lang)[0]
    body = calendar_file([entry], call.lang, call.context.settings.url, name, sessions)
    return _calendar_answer(call, body, f"{entry.slug}.ics")


async def feed(call: Call) -> web.StreamResponse:
    """All public events and their sessions as a calendar to subscribe to, with the same filters as the list."""
    filters: Filters = call.query
    async with call.transaction() as tx:
        public = await Public.open(tx)
        found = await public.events(filters, since=call.context.clock.now() - FEED_REACHES_BACK, many=1000)
    sessions: list[Slot] = []
    for programme_id in dict.fromkeys(one.programme_id for one in found):
        sessions += await _sessions(call, programme_id, found)
    name = call.translate("Events – Blest")
    body = calendar_file(found, call.lang, call.context.settings.url, name, sessions)
    return _calendar_answer(call, body, "events.ics")


async def _sessions(call: Call, programme_id: UUID, found: Sequence[Listed]) -> list[Slot]:
    """The sessions of a programme's events; only the list of events itself is kept for all programmes together."""
    events = [one.event_id for one in found if one.programme_id == programme_id]
    async with call.transaction(programme_id) as tx:
        return [slot_of(row) for row in await queries.sessions_of_events(tx.connection, events=events)]


def event_values(call: Call, shown: ShownEvent, *, preview: str = "") -> dict[str, Any]:
    """What `events/event.html` needs."""
    via = _passed_on(call)
    booking = call.link(f"register/{shown.event.slug}")

    def book(**chosen: object) -> str:
        given = {**chosen, **via}
        return f"{booking}?{urlencode(given)}" if given else booking

    topic: Topic | None = getattr(call.query, "topic", None)
    return {
        "stands": [one for one in shown.stands if topic is None or topic in one.stand.topics],
        "topics": [(one, TOPICS[one]) for one in Topic if any(one in shown_.stand.topics for shown_ in shown.stands)],
        "topic": topic,
        "topic_names": TOPICS,
        "about": lambda chosen: _address(call, call.request.path.split("/", 2)[2], {"topic": chosen, **via}),
        "shown": shown,
        "event": shown.event,
        "door": shown.door,
        "Door": Door,
        "book": book,
        "via": via,
        "preview": preview,
        "data": _structured(call, shown),
        "spoken": lambda codes: ", ".join(spoken(code, call.lang) for code in codes),
    }


def with_etag(response: web.Response) -> web.Response:
    """Let browsers keep a public page and ask whether it is still so; the chassis answers 304 where it is."""
    assert isinstance(response.body, bytes)
    response.headers["ETag"] = etags.of(response.body)
    return response


async def _public_event(call: Call) -> ShownEvent:
    async with call.transaction() as tx:
        found = await queries.find_slug(tx.connection, slug=call.path("slug"))
    if found is None:
        raise NotFound("event")
    async with call.transaction(found["programme_id"]) as tx:
        whole: Whole | None = await find_whole(tx, found["event_id"])
        programme = await find_programme(tx, found["programme_id"])
    if whole is None or whole.event.published_at is None:
        raise NotFound("event")
    return show(whole, programme, call.context.clock.now())


def _calendar_answer(call: Call, body: bytes, name: str) -> web.StreamResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return with_etag(web.Response(body=body, content_type=MEDIA_TYPE, charset="utf-8", headers=headers))


def _passed_on(call: Call) -> dict[str, str]:
    """The click token that led here, to travel on; one that is not ours is dropped."""
    via: str | None = getattr(call.query, "via", None)
    return {"via": via} if via and call.context.keys.unsign("via", via) else {}


def _address(call: Call, path: str, query: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in query.items() if value}
    return call.link(path) + (f"?{urlencode(given)}" if given else "")


def _first_of(month: str | None) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


def _structured(call: Call, shown: ShownEvent) -> dict[str, Any]:
    """The event for search engines (schema.org/Event), as data: a block that no browser runs, so the CSP lets it be."""
    event, site = shown.event, call.context.settings.url
    organiser = shown.programme
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": text_in(event.titles, call.lang)[0],
        "description": text_in(event.summaries, call.lang)[0],
        "startDate": event.starts_at.astimezone(ZONES[event.time_zone]).isoformat(),
        "endDate": event.ends_at.astimezone(ZONES[event.time_zone]).isoformat(),
        "eventStatus": f"https://schema.org/Event{'Cancelled' if event.is_cancelled else 'Scheduled'}",
        "url": f"{site}{call.link(f'events/{event.slug}')}",
        "isAccessibleForFree": True,
    }
    if event.venue_name:
        told["location"] = {
            "@type": "Place",
            "name": event.venue_name,
            "address": event.venue_address or event.venue_name,
        }
    if organiser:
        told["organizer"] = {"@type": "Organization", "name": text_in(organiser.names, call.lang)[0]}
    return told
