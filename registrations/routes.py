"""Every address of registrations, and who may open it."""

from __future__ import annotations

from registrations.pages import register
from services.routes import PUBLIC, Limit, Route

SENDING = Limit(times=30, seconds=300)
"""What one address may send: a hall full of families behind one network, but no flood."""

VISITORS = (
    Route("GET", "/{lang}/register/{slug}", register.show, PUBLIC),
    Route("POST", "/{lang}/register/{slug}", register.book, PUBLIC, limit=SENDING),
    Route("GET", "/{lang}/receipt", register.receipt, PUBLIC),
)

ROUTES = VISITORS
