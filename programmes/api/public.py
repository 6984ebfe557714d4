"""JSON for everybody: the catalogue and its programmes; and, for those who run the installation, a new one."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from aiohttp.web import StreamResponse

from programmes import catalogue, inputs, records
from programmes.api import Shown
from programmes.commands import programme as commands
from programmes.domain import Kind, Programme
from programmes.facts import ProgrammeStatus
from services.facts import Texts
from services.http.call import Call
from services.http.pagination import Page
from services.http.problems import NotFound
from services.identity import access
from services.ids import new_id


class Entry(Shown):
    """A programme as the catalogue lists it."""

    id: UUID
    slug: str
    status: ProgrammeStatus
    names: Texts
    summaries: Texts
    municipalities: tuple[str, ...]
    counties: tuple[str, ...]


class MunicipalityOut(Shown):
    id: UUID
    slug: str
    name: str
    county: str
    inhabitants: int
    counted_on: date
    sami_area: bool


class TermOut(Shown):
    id: UUID
    names: Texts
    code: str | None
    parts: tuple[UUID, ...]


class ProgrammeOut(Shown):
    """A programme's whole public state. `version` goes with the next change."""

    id: UUID
    slug: str
    status: ProgrammeStatus
    names: Texts
    fields: Texts
    summaries: Texts
    aims: Texts
    reasons: Texts
    organisation: Texts
    notes: Texts
    goal_inhabitants: int | None
    goal_year: int | None
    inhabitants: int
    language: str
    languages: tuple[str, ...]
    required_languages: tuple[str, ...]
    time_zone: str
    contact: str
    version: int
    changed_at: datetime
    municipalities: tuple[MunicipalityOut, ...]
    work_areas: tuple[TermOut, ...]
    target_groups: tuple[TermOut, ...]
    activity_types: tuple[TermOut, ...]
    selling_points: tuple[TermOut, ...]
    partners: tuple[TermOut, ...]


class _Whole:
    """A programme with its terms by kind, for `ProgrammeOut` to read."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme

    def __getattr__(self, name: str) -> object:
        if name.endswith("s") and name[:-1] in set(Kind):
            return self._programme.listed(Kind(name[:-1]))
        return getattr(self._programme, name)


def out(programme: Programme) -> ProgrammeOut:
    """What the API says of a programme."""
    return ProgrammeOut.model_validate(_Whole(programme))


async def search(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        found = await catalogue.search(tx, call.query)
    return call.json(Page[Entry](items=[Entry.model_validate(row) for row in found.items], next=found.next))


async def show(call: Call) -> StreamResponse:
    """A published or closed programme; a draft for those with a role in it."""
    async with call.transaction() as tx:
        programme = await records.programme(tx)
    if programme.status is ProgrammeStatus.DRAFT and not call.principal.roles_in(programme.id):
        raise NotFound("programme")
    return call.json(out(programme))


async def create(call: Call) -> StreamResponse:
    new = new_id(call.context.clock.now())
    async with call.transaction(new) as tx:
        made: inputs.NewProgramme = call.body
        programme = await commands.create(tx, call.principal, made, call.principal.account_id)
    await access.announce(call.context)
    return call.json(out(programme), status=201)
