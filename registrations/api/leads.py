"""JSON for conversations and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import Field

from registrations.api import Shown, attempt, problem
from registrations.commands import leads as commands
from registrations.commands.leads import Overtaken
from registrations.conversations import LeadForm, LeadRequest, OutcomeRequest
from registrations.domain.refusals import Reason, Refused
from registrations.domain.searching import literally
from registrations.facts import Interest, OutcomeKind, OutcomeSource
from registrations.pages.finding import conversation, from_path
from registrations.sentences import REFUSALS
from registrations.statements import queries
from services.http.call import Call
from services.http.pagination import Cursor, Page, Paging
from services.http.problems import Conflict, Invalid, NotFound, Problem
from services.pages.languages import msgid
from services.words import sort_key


class LeadOut(Shown):
    id: UUID
    name: str | None
    interest: Interest
    tags: list[str]
    next_step: str | None
    next_step_on: date | None
    done_at: datetime | None
    owner_id: UUID | None
    booking_id: UUID | None
    event_id: UUID | None
    noted_at: datetime
    outcomes: list[OutcomeKind]


class LeadWithWords(LeadOut):
    """One lead with what was said; `version` goes back with a change."""

    version: int
    note: str | None
    promise: str | None
    agreed: bool
    """Whether the visitor's consent stands: without it nothing may be written."""


class LeadMade(Shown):
    lead_id: UUID


class OutcomeMade(Shown):
    outcome_id: UUID


class OutcomeOut(Shown):
    id: UUID
    kind: OutcomeKind
    source: OutcomeSource
    on: date
    adults: int
    children: int


class OutcomesOut(Shown):
    items: list[OutcomeOut]


class Wanted(Paging):
    interest: Interest | None = None
    owner: UUID | None = None
    q: Annotated[str, Field(max_length=100)] = ""


async def index(call: Call) -> StreamResponse:
    wanted: Wanted = call.query
    cursor = Cursor.read(wanted.after, "id")
    async with call.transaction() as tx:
        rows = await queries.list_leads(
            tx.connection,
            before=cursor.value("id"),
            owner=wanted.owner,
            interest=wanted.interest,
            search=literally(sort_key(wanted.q)) if wanted.q.strip() else None,
            many=wanted.limit + 1,
        )
    page = Page[LeadOut].of(rows, wanted.limit, lambda row: Cursor.at(id=row["id"]), _shown)
    return call.json(page)


def _shown(row: Any) -> LeadOut:
    return LeadOut.model_validate({**dict(row), "outcomes": row["outcomes"] or []})


async def show(call: Call) -> StreamResponse:
    lead_id = from_path(call, "lead_id", "lead")
    async with call.transaction() as tx:
        row = await queries.find_lead(tx.connection, id=lead_id)
        if row is None:
            raise NotFound("lead")
        steps = await queries.outcomes_of_lead(tx.connection, lead_id=lead_id)
    lead = LeadWithWords.model_validate({**dict(row), "outcomes": [one["kind"] for one in steps]})
    return call.json(lead, etag=str(lead.version))


async def note(call: Call) -> StreamResponse:
    """201; 409 `no-consent` where the visitor was not asked or said no: then nothing is written."""
    said: LeadRequest = call.body
    try:
        async with call.transaction() as tx:
            lead_id = await commands.note_lead(
                tx,
                said.booking_id,
                conversation(said),
                consent_language=said.consent_language if said.consent else None,
                noted_by=call.principal.account_id,
                attempt=attempt(call, tx.moment),
            )
    except Refused as refused:
        raise _invalid(refused) or problem(refused) from refused
    return call.json(LeadMade(lead_id=lead_id), status=201)


async def change(call: Call) -> StreamResponse:
    said: LeadForm = call.body
    lead_id = from_path(call, "lead_id", "lead")
    try:
        async with call.transaction() as tx:
            await commands.change_lead(tx, lead_id, said.version, conversation(said))
    except Refused as refused:
        raise _invalid(refused) or _problem(refused) from refused
    except Overtaken as overtaken:
        sentence = msgid("Somebody else changed this meanwhile. Open it again and add your words.")
        raise Conflict("changed-meanwhile", sentence) from overtaken
    return call.json(LeadMade(lead_id=lead_id))


async def log(call: Call) -> StreamResponse:
    said: OutcomeRequest = call.body
    lead_id = from_path(call, "lead_id", "lead")
    try:
        async with call.transaction() as tx:
            outcome_id = await commands.log_outcome(
                tx,
                lead_id,
                said.kind,
                said.on,
                adults=said.adults,
                children=said.children,
                source=said.source,
                logged_by=call.principal.account_id,
            )
    except Refused as refused:
        raise _problem(refused) from refused
    return call.json(OutcomeMade(outcome_id=outcome_id), status=201)


def _invalid(refused: Refused) -> Problem | None:
    """What is wrong with a field and not with the moment."""
    return Invalid({"owner": REFUSALS[refused.reason]}) if refused.reason is Reason.NOT_A_MEMBER else None


def _problem(refused: Refused) -> Problem:
    return NotFound("lead") if refused.reason is Reason.UNKNOWN_BOOKING else problem(refused)


async def outcomes(call: Call) -> StreamResponse:
    lead_id = from_path(call, "lead_id", "lead")
    async with call.transaction() as tx:
        if await queries.find_lead(tx.connection, id=lead_id) is None:
            raise NotFound("lead")
        rows = await queries.outcomes_of_lead(tx.connection, lead_id=lead_id)
    return call.json(
        OutcomesOut(items=[OutcomeOut.model_validate({**dict(row), "on": row["happened_on"]}) for row in rows])
    )


async def withdraw(call: Call) -> StreamResponse:
    lead_id, outcome_id = from_path(call, "lead_id", "lead"), from_path(call, "outcome_id", "outcome")
    try:
        async with call.transaction() as tx:
            await commands.withdraw_outcome(tx, lead_id, outcome_id)
    except Refused as refused:
        raise NotFound("lead") from refused
    return call.json(OutcomeMade(outcome_id=outcome_id))
