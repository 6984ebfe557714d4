"""Calendar files of public events (RFC 5545): METHOD:PUBLISH, a UID for life, SEQUENCE from the event's version.

They hold what everyone may read and nothing of anybody who comes: people share their calendars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from icalendar import Calendar
from icalendar import Event as Entry

from events.domain.state import Event, Slot, read
from services.pages.languages import text_in

MEDIA_TYPE = "text/calendar"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a calendar entry needs of an event; a row of the public list has it."""

    event_id: UUID
    programme_id: UUID
    version: int
    slug: str
    status: str
    titles: dict[str, str]
    summaries: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    venue_name: str
    venue_address: str
    municipality_id: UUID | None
    activity_type: UUID | None
    target_groups: tuple[UUID, ...]
    cover: UUID
    updated_at: datetime

    @property
    def place(self) -> str:
        return ", ".join(part for part in (self.venue_name, self.venue_address) if part)


def listed(row: Mapping[str, Any]) -> Listed:
    """A row of the public list as a value."""
    return read(Listed, {**row, "target_groups": tuple(row["target_groups"])})


def listed_event(event: Event) -> Listed:
    """An event as its row in the public list has it."""
    return Listed(**{name: getattr(event, name) for name in Listed.__slots__})


def uid(identifier: UUID) -> str:
    """The same for all versions and languages of an event or session, for life."""
    return f"{identifier}@events.blest"


def calendar_file(entries: Iterable[Listed], lang: str, site: str, name: str, sessions: Iterable[Slot] = ()) -> bytes:
    """A calendar of events in the reader's language. `site` is our web address, `name` what the calendar is called;
    `sessions` are those of all these events, those taken off their programme among them; each follows its event.

    DTSTAMP is when the event last changed, so that the same events always give the same bytes; times are UTC, which
    every calendar understands.
    """
    made = Calendar()
    made.add("prodid", "-//Blest//events//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    those = defaultdict[UUID, list[Slot]](list)
    for session in sessions:
        those[session.event_id].append(session)
    for one in entries:
        made.add_component(_entry(one, lang, site))
        for session in those[one.event_id]:
            made.add_component(_session(session, one, lang, site))
    return bytes(made.to_ical())


def _session(session: Slot, event: Listed, lang: str, site: str) -> Entry:
    """A session beside its event. Both can change what it says, so its SEQUENCE counts the versions of both."""
    title, language = text_in(session.titles, lang)
    changed = max(session.updated_at, event.updated_at)
    entry = Entry()
    entry.add("uid", uid(session.slot_id))
    entry.add("related-to", uid(event.event_id))
    entry.add("sequence", session.version + event.version)
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("dtstart", session.starts_at)
    entry.add("dtend", session.ends_at)
    entry.add("summary", title, parameters={"language": language})
    entry.add("description", text_in(event.titles, lang)[0])
    if place := ", ".join(part for part in (session.room, event.place) if part):
        entry.add("location", place)
    entry.add("url", f"{site}/{lang}/events/{event.slug}#sessions")
    takes_place = session.is_open and event.status != "cancelled"
    entry.add("status", "CONFIRMED" if takes_place else "CANCELLED")
    return entry


def _entry(one: Listed, lang: str, site: str) -> Entry:
    title, language = text_in(one.titles, lang)
    address = f"{site}/{lang}/events/{one.slug}"
    entry = Entry()
    entry.add("uid", uid(one.event_id))
    entry.add("sequence", one.version)
    entry.add("dtstamp", one.updated_at)
    entry.add("last-modified", one.updated_at)
    entry.add("dtstart", one.starts_at)
    entry.add("dtend", one.ends_at)
    entry.add("summary", title, parameters={"language": language})
    entry.add("description", "\n\n".join(part for part in (text_in(one.summaries, lang)[0], address) if part))
    if one.place:
        entry.add("location", one.place)
    entry.add("url", address)
    entry.add("status", "CANCELLED" if one.status == "cancelled" else "CONFIRMED")
    return entry
