"""What a figure counts: each visit, booking or family that it is made of, a page at a time.

Campaigns knows ids alone. Who they are is shown by registrations, to those who may see people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel, Field

from campaigns.api import identifier
from campaigns.commands import terms_of
from campaigns.ledger import STEPS, ledger
from campaigns.pages import queries
from campaigns.words import MEANINGS, STEP_NAMES
from services.database import Transaction
from services.http.call import Call
from services.http.pagination import LARGEST_CURSOR, Cursor
from services.http.problems import NotFound
from services.routes import Role

ON_A_PAGE = 50
VISITS = "human"

COUNTED: Mapping[str, str] = {
    "interests": "interest",
    "registrations": "registration",
    "check_ins": "check_in",
    "leads": "lead",
    "visit_trips": "visit_trip",
    "jobs": "job",
    "houses": "house",
    "moved": "moved",
    "stayed_12": "still_here_12",
    "stayed_24": "still_here_24",
}
"""Figure → what the view `counted` calls it. Visits are clicks, and not in there."""


class WithoutLinkQuery(BaseModel):
    after: str | None = Field(default=None, max_length=LARGEST_CURSOR)


class CountedQuery(WithoutLinkQuery):
    placement: UUID | None = None
    """Of one placement alone."""


async def show(call: Call) -> StreamResponse:
    """The list behind a figure of a campaign; as long as the figure is large."""
    query: CountedQuery = call.query
    campaign_id, step = identifier(call, "campaign", "campaign"), call.path("step")
    if step not in STEPS:
        raise NotFound("page")
    async with call.transaction() as tx:
        campaign = await queries.find_campaign(tx.connection, id=campaign_id)
        if campaign is None:
            raise NotFound("campaign")
        terms = await terms_of(tx)
        book = ledger(await queries.figures_of_campaign(tx.connection, campaign_id=campaign_id))
        if query.placement is not None and query.placement not in {row.placement_id for row in book.rows}:
            raise NotFound("placement")
        rows = await _rows(tx, campaign_id, step, query)
    shown = rows[:ON_A_PAGE]
    here = call.console(f"campaigns/{campaign_id}/counted/{step}")
    chosen = {"placement": str(query.placement)} if query.placement else {}
    return call.page(
        "campaigns/counted.html",
        campaign=campaign,
        terms=terms,
        step=step,
        step_names=STEP_NAMES,
        meanings=MEANINGS,
        book=book,
        placement=query.placement,
        rows=shown,
        here=here,
        next=f"{here}?{urlencode({**chosen, 'after': _cursor(step, shown[-1]).text})}" if len(rows) > ON_A_PAGE else "",
        may_see_people=call.has_role(Role.ORGANISER),
    )


async def show_without_link(call: Call) -> StreamResponse:
    """The list behind a figure of the whole programme: what came without one of our links."""
    query: WithoutLinkQuery = call.query
    step = call.path("step")
    if step not in COUNTED:
        raise NotFound("page")
    cursor = Cursor.read(query.after, "at", "id")
    async with call.transaction() as tx:
        before, before_id = cursor.value("at"), cursor.value("id")
        rows = await queries.counted_without_link(
            tx.connection, step=COUNTED[step], before=before, before_id=before_id, many=ON_A_PAGE + 1
        )
    shown = rows[:ON_A_PAGE]
    here = call.console(f"campaigns/without-link/{step}")
    return call.page(
        "campaigns/without_link.html",
        step=step,
        step_names=STEP_NAMES,
        rows=shown,
        next=f"{here}?{urlencode({'after': _cursor(step, shown[-1]).text})}" if len(rows) > ON_A_PAGE else "",
        may_see_people=call.has_role(Role.ORGANISER),
    )


async def _rows(tx: Transaction, campaign_id: UUID, step: str, query: CountedQuery) -> list[Any]:
    cursor = Cursor.read(query.after, "at", "id")
    where = {
        "campaign_id": campaign_id,
        "placement_id": query.placement,
        "before": cursor.value("at"),
        "before_id": cursor.value("id"),
        "many": ON_A_PAGE + 1,
    }
    if step == VISITS:
        return list(await queries.counted_visits(tx.connection, **where))
    return list(await queries.counted_of_step(tx.connection, step=COUNTED[step], **where))


def _cursor(step: str, row: Any) -> Cursor:
    return Cursor.at(at=row["clicked_at"] if step == VISITS else row["happened_on"], id=row["id"])
