"""Whatever is sent from "my booking" says which booking its page showed, and nothing is done to any other.

The cookie names the one booking that was opened last in this browser; another tab may still show one opened before,
perhaps somebody else's. So every form and every download of that page carries a mark of the booking it was made for
(registrations/templates/mine.html draws them), and all of them come through the one door here.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from functools import wraps

from aiohttp.web import StreamResponse

from registrations.pages import my_booking, remembered
from registrations.pages.remembered import MARK
from services.http.call import Call
from services.http.guard import FIELD as FORGERY
from services.http.guard import SAFE
from services.pages.forms import Form
from services.routes import Route


def only_for_its_booking(route: Route) -> Route:
    """The route behind the door: 410 where no booking is open, 409 where another one is than the page was made for."""

    @wraps(route.handler)
    async def answer(call: Call) -> StreamResponse:
        who = remembered.recall(call)
        if who is None:
            return my_booking.closed(call)
        sent = await _sent(call)
        if _same(sent.get(MARK), remembered.mark(call, who)):
            return await route.handler(call)
        return call.page(
            "registrations/my_booking_another.html",
            status=409,
            sent=sent,
            marked=bool(sent.get(MARK)),
            download=call.request.method in SAFE,
            headers=my_booking.PRIVATE,
        )

    return replace(route, handler=answer)


async def _sent(call: Call) -> Form[remembered.Marked]:
    """What was entered, so that it can be sent once more; of a download, what its link says."""
    if call.request.method in SAFE:
        return Form.empty({MARK: call.request.query.get(MARK, "")})
    form = await call.form(remembered.Marked)
    # A forgery token is the page's own; what cannot be read could not be shown again.
    form.raw = {name: texts for name, texts in form.raw.items() if name not in {FORGERY, *form.errors}}
    return form


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
