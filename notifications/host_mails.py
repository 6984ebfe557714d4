"""The mails to hosts about their shifts, for organisers: what went out when, to whom, and whom nobody reached."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse

from services import sql
from services.http.call import Call
from services.http.numbers import number_below
from services.http.problems import NotFound
from services.identity import audit, people
from services.pages import flash
from services.pages.languages import msgid

queries = sql.load(__package__)

SHOWN = 50
OUTCOMES = ("sent", "failed", "unknown", "withheld")
LARGEST = 2**63


async def listed(call: Call) -> StreamResponse:
    """GET ?stand=&outcome=: those of one stand or all, the newest first, after what is still to go out."""
    query = call.request.query
    stand_id, outcome = _stand(query.get("stand")), query.get("outcome")
    chosen = outcome if outcome in OUTCOMES else None
    before = number_below(LARGEST, query.get("before", ""))
    async with call.transaction() as tx:
        stand = await queries.stand_of_shift_mails(tx.connection, stand_id=stand_id) if stand_id else None
        if stand_id and stand is None:
            raise NotFound("stand")
        asked = {"stand_id": stand_id, "most": SHOWN + 1}
        rows = await queries.list_shift_mails(tx.connection, **asked, outcome=chosen, before=before, moment=tx.moment)
        first = chosen is None and before is None
        due = await queries.shift_mails_due(tx.connection, **asked) if first else []
        counted = await queries.count_shift_mails(tx.connection, stand_id=stand_id)
        names = await people.names(tx, tx.programme, {row["account_id"] for row in (*rows, *due)})
    here = call.console("deliveries/-/hosts")
    narrowed = {"stand": str(stand_id)} if stand_id else {}
    more = {**narrowed, **_outcome(chosen), "before": rows[SHOWN - 1]["id"]} if len(rows) > SHOWN else None
    return call.page(
        "notifications/host_mails.html",
        mails=rows[:SHOWN],
        due=due[:SHOWN],
        names=names,
        stand=stand,
        counts={row["outcome"]: row["mails"] for row in counted},
        chosen=chosen,
        outcomes=OUTCOMES,
        address=lambda one: here + (f"?{urlencode(given)}" if (given := {**narrowed, **_outcome(one)}) else ""),
        more=f"{here}?{urlencode(more)}" if more else None,
        here=here,
        headers={"Cache-Control": "no-store"},
    )


async def tell_again(call: Call) -> StreamResponse:
    """POST: the host is told of the shift as it is now, whose mail failed or may not have arrived."""
    mail_id = number_below(LARGEST, call.path("mail"))
    async with call.transaction() as tx:
        told: Any = mail_id and await queries.tell_of_shift_again(tx.connection, mail_id=mail_id, moment=tx.moment)
        if told:
            await audit.record(tx, call, "shift.told_again", f"shift:{told}")
    response = call.redirect(call.console("deliveries/-/hosts"))
    sentence, tone = (
        (msgid("It goes out in a moment."), "success")
        if told
        else (msgid("There is nothing to tell: it has gone out or is about to, or the shift is over."), "warning")
    )
    flash.leave(response, call.translate(sentence), call.context.settings.secure, tone)
    return response


def _outcome(one: str | None) -> dict[str, str]:
    return {"outcome": one} if one else {}


def _stand(text: str | None) -> UUID | None:
    """The stand of the query; raises `NotFound` for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("stand") from None
