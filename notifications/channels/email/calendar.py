"""The calendar entry of a booking (RFC 5545, RFC 5546): one UID for life, SEQUENCE raised when time, place or state
changes.

It carries no link to the booking: people share calendars.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from services.pages.languages import text_in, translator

PRODUCT = "-//Blest//Blest//EN"


def fingerprint(story: Any, cancelled: bool) -> str:
    """Of what a calendar shows: the same again needs no new sequence."""
    venue = story["venue"] or {}
    shown = (
        story["starts_at"].isoformat(),
        story["ends_at"].isoformat(),
        venue.get("name"),
        venue.get("address"),
        story["stand_number"],
        story["stand_names"],
        story["room"],
        cancelled,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def entry(
    story: Any,
    lang: str,
    host: str,
    organiser: tuple[str, str],
    attendee: str,
    sequence: int,
    moment: datetime,
    *,
    cancelled: bool,
    uid: str = "",
    summary: str = "",
) -> bytes:
    """The iCalendar object: METHOD REQUEST, or CANCEL. `organiser` is (name, address); times are UTC, so no zone is
    needed. `uid` and `summary` of an entry that is no booking's."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event = Event()
    event.add("uid", uid or of_booking(story["booking_id"], host))
    event.add("sequence", sequence)
    event.add("dtstamp", moment)
    event.add("dtstart", story["starts_at"])
    event.add("dtend", story["ends_at"])
    title = text_in(story["titles"], lang)[0]
    if story["session_titles"]:
        title = f"{title}: {text_in(story['session_titles'], lang)[0]}"
    event.add("summary", summary or title, parameters={"language": lang})
    if location := ", ".join(_whereabouts(story, lang)):
        event.add("location", location)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    name, address = organiser
    sender = vCalAddress(f"mailto:{address}")
    sender.params["cn"] = vText(name)
    event["organizer"] = sender
    invited = vCalAddress(f"mailto:{attendee}")
    invited.params["partstat"] = vText("ACCEPTED")
    invited.params["rsvp"] = vText("FALSE")
    event.add("attendee", invited, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _whereabouts(story: Any, lang: str) -> Iterator[str]:
    """From the place that a map finds to the stand that one looks for there."""
    venue = story["venue"] or {}
    yield from (part for part in (venue.get("name"), venue.get("address")) if part)
    if story["room"]:
        yield story["room"]
    if story["stand_names"]:
        number = f" {story['stand_number']}" if story["stand_number"] else ""
        yield f"{translator(lang)('Stand')}{number}: {text_in(story['stand_names'], lang)[0]}"


def of_booking(booking_id: UUID, host: str) -> str:
    """The entry's identity for as long as anybody keeps it."""
    return f"booking-{booking_id}@{host}"
