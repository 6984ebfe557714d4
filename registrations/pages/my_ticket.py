"""The ticket as a PDF, to print or to keep where there is no network: one sheet with what is on the visitor's page.

Of the household it tells how many come, and the one name it was booked under: a sheet of paper is left on tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp.web import Response, StreamResponse

from registrations.domain.check_in import shown
from registrations.pages import my_booking, remembered
from services.http.call import Call
from services.http.problems import NotFound
from services.pages import formats
from services.pages.languages import text_in
from services.pages.paper import pdf
from services.pages.qr import qr_svg

TEMPLATE = (Path(__file__).parents[1] / "typst" / "ticket.typ").read_bytes()


async def show(call: Call) -> StreamResponse:
    """GET /{lang}/my-booking/ticket.pdf: 404 while there is no place, as the ticket on the page."""
    who = remembered.recall(call)
    if who is None:
        return my_booking.closed(call)
    async with call.transaction(who.programme_id) as tx:
        booking = await my_booking.booking_of(tx, who)
    if booking is None:
        return my_booking.closed(call)
    address = my_booking.ticket_address(call, booking)
    if not address or booking["titles"] is None:
        raise NotFound("ticket")
    return Response(
        body=await pdf(TEMPLATE, contents(call, booking, address), call.context.clock.now()),
        content_type="application/pdf",
        headers={**my_booking.PRIVATE, "Content-Disposition": 'attachment; filename="ticket.pdf"'},
    )


def contents(call: Call, booking: Any, address: str) -> dict[str, Any]:
    """What the template is given; `address` is what the QR code says."""
    _ = call.translate
    event, event_lang = text_in(booking["titles"], call.lang)
    return {
        "lang": call.lang,
        "title": f"{_('Ticket')}: {event}",
        "event": event,
        "event_lang": event_lang,
        "facts": [
            {"name": name, "value": value, "lang": lang} for name, (value, lang) in _facts(call, booking) if value
        ],
        "code_name": _("Code"),
        "code": shown(booking["code"]),
        "qr": qr_svg(address),
        "qr_name": _("Ticket as a QR code"),
        "how": _("Show this at the door, on the screen or printed."),
    }


def _facts(call: Call, booking: Any) -> list[tuple[str, tuple[str, str]]]:
    """What each is called; what it is, and in which language. What is empty is not printed."""
    _, lang = call.translate, call.lang
    zone = booking["time_zone"]
    when = formats.span(booking["starts_at"], booking["ends_at"], lang, zone)
    venue = booking["venue"] or {}
    place = (venue.get("name"), venue.get("address"), booking["room"])
    stand, stand_lang = text_in(booking["stand_names"], lang)
    if stand and booking["number"]:
        stand = f"{booking['number']}, {stand}"
    coming = _.plural("{count} adult", "{count} adults", booking["adults"])
    if booking["children"]:
        coming += ", " + _.plural("{count} child", "{count} children", booking["children"])
    return [
        (_("When"), (f"{when} ({zone})" if zone else when, lang)),
        (_("Session"), text_in(booking["session_titles"] or {}, lang)),
        (_("Where"), (", ".join(part for part in place if part), lang)),
        (_("Stand"), (stand, stand_lang)),
        (_("Who comes"), (coming, lang)),
        (_("Booked by"), (booking["name"] or "", lang)),
    ]
