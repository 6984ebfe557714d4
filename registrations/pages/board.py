"""What became of the people we met, from the first visit to still here; and our part of the organiser's home."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from registrations.facts import OutcomeKind
from registrations.sentences import INTERESTS, OUTCOMES
from registrations.statements import queries
from services.http.call import Call
from services.routes import Role

SHOWN = 12


async def outcomes(call: Call) -> StreamResponse:
    """A column per step. Names are for those who talk to these people; others see how many."""
    named = call.has_role(Role.ORGANISER, Role.STAND_HOST)
    async with call.transaction() as tx:
        counts = {row["kind"]: row for row in await queries.outcome_counts(tx.connection)}
        leads = await queries.count_leads(tx.connection, day=tx.moment.date(), owner=None)
        rows = await queries.outcome_board(tx.connection, many=SHOWN) if named else []
    columns = [
        (kind, OUTCOMES[kind], counts.get(kind), [row for row in rows if row["kind"] == kind]) for kind in OutcomeKind
    ]
    return call.page("registrations/outcomes.html", columns=columns, leads=leads["every"], named=named)


async def attendees_panel(call: Call) -> StreamResponse:
    """Who waits for a yes, how full the next events are, and which copied ones could not ask all that the first one
    asks."""
    async with call.transaction() as tx:
        rows = await queries.events_with_counts(tx.connection, moment=tx.moment, many=8)
        lacking = await queries.events_lacking_questions(tx.connection, moment=tx.moment)
        to_approve = await queries.events_to_approve(tx.connection, moment=tx.moment)
        moment = tx.moment
    coming = [row for row in rows if row["ends_at"] >= moment and row["status"] == "published"][:4]
    return call.page("registrations/panel_attendees.html", events=coming, lacking=lacking, to_approve=to_approve)


async def follow_ups_panel(call: Call) -> StreamResponse:
    """Who is to be called or written to today, or should have been."""
    async with call.transaction() as tx:
        today = tx.moment.date()
        due = await queries.leads_due(tx.connection, day=today, owner=None, many=6)
        counts = await queries.count_leads(tx.connection, day=today, owner=call.principal.account_id)
    return call.page("registrations/panel_follow_ups.html", due=due, counts=counts, today=today, interests=INTERESTS)
