"""A message of the organiser's after it was planned: what it says, to how many, when; and taking it back meanwhile."""

from __future__ import annotations

from uuid import UUID

from aiohttp.web import StreamResponse

from notifications import messages
from notifications.api import STATUSES
from services import sql
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit, people
from services.pages import flash
from services.pages.languages import LANGUAGES

queries = sql.load(__package__)
PRIVATE = {"Cache-Control": "no-store"}


async def show(call: Call) -> StreamResponse:
    message_id = _id(call)
    async with call.transaction() as tx:
        message = await queries.find_message(tx.connection, id=message_id)
        if message is None:
            raise NotFound("message")
        counted = await queries.deliveries_of_message(tx.connection, message_id=message_id)
        names = await people.names(tx, tx.programme, {message["account_id"]} - {None})
    counts = {row["status"]: row["deliveries"] for row in counted}
    return call.page(
        "notifications/written.html",
        message=message,
        writer=names.get(message["account_id"]),
        languages=[one for one in LANGUAGES if one in message["texts"]],
        counts=[(one, counts[one]) for one in STATUSES if counts.get(one)],
        ahead=counts.get("planned", 0),
        headers=PRIVATE,
    )


async def stop(call: Call) -> StreamResponse:
    """POST: nobody gets it who has not got it yet. Pressed twice, it is stopped once."""
    message_id = _id(call)
    async with call.transaction() as tx:
        message = await queries.find_message(tx.connection, id=message_id)
        if message is None:
            raise NotFound("message")
        held = await messages.stop(tx, message_id)
        if held is not None:
            await audit.record(tx, call, "message.stopped", f"message:{message_id}", held=held)
    if held is not None:
        said, tone = (
            call.translate.plural(
                "Stopped: {count} visitor does not get it.", "Stopped: {count} visitors do not get it.", held
            ),
            "success",
        )
    elif message["stopped_at"] is not None:
        said, tone = call.translate("It was stopped before."), "info"
    else:
        said, tone = call.translate("Nothing was left to stop: it has gone out already."), "warning"
    response = call.redirect(call.console(f"deliveries/-/messages/{message_id}"))
    flash.leave(response, said, call.context.settings.secure, tone)
    return response


def _id(call: Call) -> UUID:
    try:
        return UUID(call.path("message"))
    except ValueError:
        raise NotFound("message") from None
