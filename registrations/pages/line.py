"""The waiting list of an event: who is next, who was passed over and why, which offers are out; one made by hand."""

from __future__ import annotations

from itertools import groupby

from aiohttp.web import StreamResponse

from registrations.commands.rules import rules_for
from registrations.pages import retold
from registrations.pages.desk import event_named
from registrations.sentences import PASSED_OVER, UNITS
from registrations.statements import queries
from services.http.call import Call
from services.identity import people

MANY = 200


async def show(call: Call) -> StreamResponse:
    """GET: everything on one page; an offer by hand is a form beside each who could take it now."""
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        rows = await queries.line_of_event(tx.connection, event_id=event["id"], many=MANY + 1)
        offers = await queries.offers_out(tx.connection, event_id=event["id"])
        turns = await queries.turns_of_event(tx.connection, event_id=event["id"], many=retold.TURNS, first=retold.LOOKS)
        rules = await rules_for(tx, event["id"])
        overtaken = await queries.draw_overtaken(tx.connection, event_id=event["id"])
        accounts = {row["account_id"] for row in (*offers, *turns) if row["account_id"]}
        names = await people.names(tx, call.programme.id, accounts)
    lines = groupby(rows[:MANY], key=lambda row: (row["starts_at"], row["ends_at"], row["place"]))
    return call.page(
        "registrations/line.html",
        event=event,
        lines=[list(line) for _, line in lines],
        longer=len(rows) > MANY,
        offers=offers,
        movements=retold.movements(turns),
        rules=rules,
        overtaken=overtaken,
        names=names,
        passed_over=PASSED_OVER,
        units=UNITS,
    )
