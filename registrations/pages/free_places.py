"""Where a booking could go: another date of its event; or, where that was called off, another of the programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from registrations.domain.records import LIVE
from registrations.facts import BookingStatus, Cause
from registrations.pages import places
from registrations.pages.places import Stand
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call


async def elsewhere(tx: Transaction, booking: Any) -> list[tuple[Any, list[Stand]]]:
    """Events of the programme with a free place for a booking that the organiser ended: its own first, then by time."""
    if booking["status"] != BookingStatus.CANCELLED or booking["cause"] != Cause.EVENT:
        return []
    return await _free(
        tx, await queries.events_to_choose(tx.connection, event_id=booking["event_id"], moment=tx.moment)
    )


async def other_dates(tx: Transaction, booking: Any) -> list[tuple[Any, list[Stand]]]:
    """The other dates of a live booking's event that have a free place, by time."""
    if booking["status"] not in LIVE:
        return []
    return await _free(tx, await queries.dates_to_choose(tx.connection, event_id=booking["event_id"], moment=tx.moment))


async def _free(tx: Transaction, events: Sequence[Any]) -> list[tuple[Any, list[Stand]]]:
    found: list[tuple[Any, list[Stand]]] = []
    for event in events:
        rows = await queries.places_of_event(tx.connection, event_id=event["id"])
        free = [stand for stand in places.stands(rows, event["time_zone"], tx.moment) if stand.left]
        for stand in free:
            stand.days = {
                day: kept
                for day, those in stand.days.items()
                if (kept := [one for one in those if one.bookable and not one.is_full])
            }
        if free:
            found.append((event, free))
    return found


async def calendar_of(tx: Transaction, call: Call, booking: Any) -> str:
    """The address of the programme's own events, where any are to come; else that of everybody's, which is never a
    page without anything to choose while somebody plans something."""
    everything = call.link("events")
    if not booking["programme_slug"] or not await queries.events_to_come(tx.connection, moment=tx.moment, many=1):
        return everything
    return f"{everything}?{urlencode({'programme': booking['programme_slug']})}"
