"""Every address of registrations, and who may open it."""

from __future__ import annotations

from registrations.pages import interest, my_booking, register, ticket
from services.routes import PUBLIC, Limit, Route

SENDING = Limit(times=30, seconds=300)
"""What one address may send: a hall full of families behind one network, but no flood."""

VISITORS = (
    Route("GET", "/{lang}/register/{slug}", register.show, PUBLIC),
    Route("POST", "/{lang}/register/{slug}", register.book, PUBLIC, limit=SENDING),
    Route("GET", "/{lang}/receipt", register.receipt, PUBLIC),
    Route("GET", "/{lang}/my-booking", my_booking.show, PUBLIC),
    Route("GET", "/{lang}/my-booking/{token}", my_booking.door, PUBLIC),
    Route("POST", "/{lang}/my-booking/{token}", my_booking.enter, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/slot", my_booking.move, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/household", my_booking.resize, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/cancel", my_booking.cancel, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/offer", my_booking.answer_offer, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/language", my_booking.speak, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/my-booking/consents", my_booking.agree, PUBLIC, limit=SENDING),
    Route("GET", "/{lang}/my-booking/data", my_booking.data, PUBLIC),
    Route("POST", "/{lang}/my-booking/forget", my_booking.forget, PUBLIC, limit=SENDING),
    Route("GET", "/t/{token}", ticket.show, PUBLIC),
    Route("GET", "/{lang}/interest/{programme}", interest.show, PUBLIC),
    Route("POST", "/{lang}/interest/{programme}", interest.send, PUBLIC, limit=SENDING),
    Route("GET", "/{lang}/interest/{programme}/thanks", interest.thanks, PUBLIC),
)

ROUTES = VISITORS
