"""What the programme keeps of people, for how long, who took it out, what they agreed to; and erasing what is over."""

from __future__ import annotations

from datetime import timedelta

from aiohttp.web import StreamResponse

from registrations.commands import forgetting
from registrations.domain.consents import WORDINGS, Purpose
from registrations.exports.columns import COLUMNS
from registrations.statements import queries
from services.chassis import CHASSIS
from services.http.call import Call
from services.identity import audit, people
from services.registry import installed
from services.service import Service

PRIVATE = {"Cache-Control": "no-store"}
EXPORTS = 20
LATELY = timedelta(days=365)


async def show(call: Call) -> StreamResponse:
    """GET: everything on one page; names are on the visitors' own pages."""
    async with call.transaction() as tx:
        kept = await queries.kept_now(tx.connection, since=tx.moment - LATELY)
        soon = await forgetting.by_rule(tx.moment + forgetting.SOON, forgetting.MOST)(tx.connection, only=None)
        consents = await queries.consents_by_wording(tx.connection)
        log = await queries.exports_lately(tx.connection, many=EXPORTS)
        names = await people.names(tx, call.programme.id, {row["account_id"] for row in log if row["account_id"]})
        run = await queries.last_run(tx.connection, task="forget")
    return call.page(
        "registrations/privacy.html",
        kept=kept,
        soon=len(soon),
        most=forgetting.MOST,
        days=forgetting.SOON.days,
        rules=[rule for service in _ours_first(call) for rule in service.retention],
        run_=run,
        consents=[(row, WORDINGS.get((Purpose(row["purpose"]), row["wording"]))) for row in consents],
        log=[(row, names.get(row["account_id"])) for row in log],
        columns=COLUMNS,
        headers=PRIVATE,
    )


def _ours_first(call: Call) -> list[Service]:
    """What is kept of visitors is what one came to read; who works here comes after."""
    ours = call.context.service
    return [ours, *(one for one in (*installed(), CHASSIS) if one.name != ours.name)]


async def run(call: Call) -> StreamResponse:
    """POST: erase now, in this programme, what the clock would erase within hours."""
    async with call.transaction() as tx:
        found = await forgetting.expire(tx)
        await audit.record(tx, call, "retention.run", f"programme:{tx.programme}", visitors=len(found))
    await forgetting.erase(call.context, found)
    said = call.translate.plural(
        "What is past its time is erased; {count} person is forgotten.",
        "What is past its time is erased; {count} people are forgotten.",
        len(found),
    )
    return call.redirect(call.console("privacy"), flash=said)
