"""The calendar entry of a booking, as a file to download (RFC 5545). It is the entry that the booking's mails carry and
keep up to date: the same UID and times, so that a calendar that has one does not get a second.

Its SEQUENCE is the one that was mailed last, as notifications tells it, and 0 until then (RFC 5545, 3.8.7.4): never
above, so that no later mail is taken for an older one. Of the same sequence, the later DTSTAMP counts (RFC 5546,
2.1.5). A receipt's is 0: what was asked for is never newer than what a mail has said since.

A receipt knows nobody, and says the same whether or not they had booked before. Its file is of the booking that was
asked for, tentative until the mail confirms it; the name of that booking travels in the receipt's address, signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp.web import Response
from icalendar import Calendar, Event, vCalAddress, vText

from services.http.call import Call
from services.keys import Keys
from services.pages.languages import text_in

_PURPOSE = "receipt-entry"


def signed(keys: Keys, booking_id: UUID, place: str) -> str:
    """What a receipt's address says of the booking that was asked for; `place` is a slot's id, or `event`."""
    return keys.sign(_PURPOSE, f"{booking_id}.{place}")


def read(keys: Keys, text: str) -> tuple[UUID, str] | None:
    """The booking and its place in a receipt's address, or None where nobody of ours wrote it."""
    found = keys.unsign(_PURPOSE, text)
    if found is None:
        return None
    booking_id, _, place = found.partition(".")
    return UUID(booking_id), place


def whereabouts(call: Call, venue: Any, stand_names: Any, number: str | None, room: str | None) -> str:
    """From the place that a map finds to the stand that one looks for there, as the mail's entry says it."""
    found = [part for part in (venue["name"], venue.get("address")) if part] if venue else []
    if room:
        found.append(room)
    if stand_names:
        stand = f"{call.translate('Stand')}{f' {number}' if number else ''}"
        found.append(f"{stand}: {text_in(stand_names, call.lang)[0]}")
    return ", ".join(found)


def answer(
    call: Call,
    story: Mapping[str, Any],
    booking_id: UUID,
    times: tuple[datetime, datetime],
    where: str,
    *,
    session: Mapping[str, str] | None,
    sequence: int = 0,
    tentative: bool,
) -> Response:
    """The file. `story` has titles and programme_names of the event, `session` what a part of it is called; times are
    UTC, so no zone is needed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Blest//registrations//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    entry = Event()
    host = urlsplit(call.context.settings.url).hostname or "blest"
    entry.add("uid", f"booking-{booking_id}@{host}")
    entry.add("sequence", sequence)
    entry.add("dtstamp", call.context.clock.now())
    entry.add("dtstart", times[0])
    entry.add("dtend", times[1])
    title, language = text_in(story["titles"], call.lang)
    if session:
        title = f"{title}: {text_in(session, call.lang)[0]}"
    entry.add("summary", title, parameters={"language": language})
    if where:
        entry.add("location", where)
    entry.add("status", "TENTATIVE" if tentative else "CONFIRMED")
    entry.add("transp", "OPAQUE")
    entry.add("class", "PRIVATE")
    name, address = parseaddr(call.context.settings.sender)
    organiser = vCalAddress(f"mailto:{address}")
    organiser.params["cn"] = vText(
        text_in(story["programme_names"], call.lang)[0] if story["programme_names"] else name
    )
    entry["organizer"] = organiser
    calendar.add_component(entry)
    return Response(
        body=bytes(calendar.to_ical()),
        content_type="text/calendar",
        charset="utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="booking.ics"',
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
        },
    )
