"""What everybody may read: home, the catalogue, a programme."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import ValidationError

from programmes import catalogue, records
from programmes.catalogue import Wanted
from programmes.domain import Kind, Programme
from programmes.pages import onward
from services.http.call import Call
from services.http.problems import Invalid, NotFound
from services.identity import access

SHOWN = 12
EVENTS = 6


async def home(call: Call) -> StreamResponse:
    """What this installation offers people who think of moving: events first, then who invites."""
    async with call.transaction() as tx:
        events = await _events(call, tx, None)
        found = await catalogue.search(tx, Wanted(limit=SHOWN))
    return call.page(
        "programmes/home.html",
        events=events,
        found=found,
        moment=call.context.clock.now(),
        light=light,
        to=onward(call),
    )


async def browse(call: Call) -> StreamResponse:
    """The catalogue with search and filters. What cannot be used in the address is left out, not an error."""
    given = call.request.query
    asked: dict[str, Any] = {name: given[name] for name in Wanted.model_fields if name in given and name != "limit"}
    wanted = Wanted(limit=SHOWN)
    while asked:
        try:
            wanted = Wanted.model_validate({**asked, "limit": SHOWN})
            break
        except ValidationError as error:
            for one in error.errors():
                asked.pop(str(one["loc"][0]), None)
    async with call.transaction() as tx:
        try:
            found = await catalogue.search(tx, wanted)
        except Invalid:
            wanted = wanted.model_copy(update={"after": None})
            found = await catalogue.search(tx, wanted)
        filters = await catalogue.filters(tx)
    chosen = {"q": wanted.q, "target_group": wanted.target_group, "activity": wanted.activity, "place": wanted.place}
    return call.page(
        "programmes/catalogue.html",
        found=found,
        filters=filters,
        chosen=chosen,
        moment=call.context.clock.now(),
        light=light,
        to=onward(call),
    )


async def show(call: Call) -> StreamResponse:
    """A programme: who we are, why move here, who stands behind. A draft is shown to those who work on it."""
    slug = call.path("slug")
    programme_id = await _visible(call, slug)
    async with call.transaction(programme_id) as tx:
        programme = await records.programme(tx)
        groups = await records.groups(tx)
        events = await _events(call, tx, programme_id)
    return call.page(
        "programmes/programme.html",
        programme=programme,
        groups=groups,
        represented={group.id: _bodies(programme, group) for top in groups for group in (top, *top.processes)},
        events=events,
        kinds=Kind,
        moment=call.context.clock.now(),
        light=light,
        to=onward(call),
    )


def light(programme_id: UUID, now: datetime) -> datetime:
    """The moment whose light a cover stands in: the programme's own day and hour of the year, so no two look alike."""
    chance = programme_id.int & (1 << 40) - 1
    return now.replace(month=1, day=1, hour=4) + timedelta(days=chance % 364, hours=chance // 364 % 16)


async def _visible(call: Call, slug: str) -> UUID:
    """The id of a programme that the caller may see; raises `NotFound`."""
    async with call.transaction() as tx:
        row = await records.queries.find_in_catalogue(tx.connection, slug=slug)
    if row is not None:
        found: UUID = row["id"]
        return found
    draft = await access.find_programme(call.context, slug)
    if draft is None or not call.principal.roles_in(draft.id):
        raise NotFound("programme")
    return draft.id


async def _events(call: Call, tx: Any, programme_id: UUID | None) -> list[Any]:
    rows = await records.queries.coming_events(tx.connection, moment=tx.moment, programme_id=programme_id, many=EVENTS)
    return list(rows)


def _bodies(programme: Programme, group: Any) -> list[Any]:
    """The municipalities, partners and other bodies that sit in a group, each once; people are named in the console
    alone."""
    municipalities = {member.municipality_id for member in group.members} | {group.leader_municipality_id}
    partners = {member.partner_id for member in group.members}
    return [
        *(one for one in programme.municipalities if one.id in municipalities),
        *(term for term in programme.listed(Kind.PARTNER) if term.id in partners),
        *sorted({member.body for member in group.members if member.body}),
    ]
