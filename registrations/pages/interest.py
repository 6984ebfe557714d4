"""Someone wants to hear more of a programme, without an event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from programmes.facts import ProgrammeStatus
from registrations.commands import guarding, people
from registrations.commands.guarding import Unproved
from registrations.commands.people import Wondering
from registrations.domain.applications import Person
from registrations.domain.consents import ON_BOOKING, wording
from registrations.domain.retention import INTEREST_KEPT
from registrations.inputs import Interested, InterestForm
from registrations.pages import guards, options
from registrations.pages.finding import UNKNOWN_CHOICE, are_offered, click_of
from registrations.sentences import HEARD_OF, LOOKING_FOR, MOVING
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import NotFound
from services.ids import new_id
from services.pages.forms import Form


async def show(call: Call) -> StreamResponse:
    via = call.request.query.get("via", "")[:200]
    return await _page(call, Form.empty({"via": via, "attempt": new_id(call.context.clock.now())}))


async def send(call: Call) -> StreamResponse:
    form = await call.form(InterestForm)
    programme = await programme_of(call)
    said = form.value
    if said is not None and not are_offered(said.target_groups, programme["offered_groups"]):
        form.fail("target_groups", call.translate(UNKNOWN_CHOICE))
    if said is None or form.value is None:
        return await _page(call, form)
    received = call.redirect(call.link(f"interest/{call.programme.slug}/thanks"))
    if guards.trapped(said, "interest"):
        return received
    try:
        await guarding.admit(call.context, call.programme.id, None, said.attempt, said.proof)
    except Unproved as unproved:
        return await _page(call, form, unproved=unproved, status=403)
    await write_down(call, said, Person(said.name, said.email, call.lang), said.attempt)
    return received


async def thanks(call: Call) -> StreamResponse:
    return call.page("registrations/interest_thanks.html", programme=await programme_of(call))


async def _page(
    call: Call, form: Form[InterestForm], *, unproved: Unproved | None = None, status: int = 200
) -> StreamResponse:
    programme = await programme_of(call)
    return call.page(
        "registrations/interest.html",
        status=422 if form.errors else status,
        form=form,
        guard=await guards.shown(call, call.programme.id, None, unproved),
        programme=programme,
        via=form.get("via"),
        moving=options.named(call, MOVING),
        looking_for=options.named(call, LOOKING_FOR),
        heard_of=options.named(call, HEARD_OF),
        groups=options.groups(call, programme["offered_groups"]),
        consents=[(purpose, wording(purpose)) for purpose in ON_BOOKING],
        kept=INTEREST_KEPT.days // 365,
    )


async def write_down(call: Call, said: Interested, person: Person, attempt: UUID, through: str = "form") -> None:
    """Keep what `person` would like to hear more of, with the click that led here."""
    wondering = Wondering(
        person=person,
        attempt=attempt,
        through=through,
        consents=said.consents(),
        lives_in=said.lives_in,
        moving=said.moving,
        looking_for=tuple(said.looking_for),
        message=said.message,
        heard_of=said.heard_of,
        via=click_of(call, said.via),
        target_groups=tuple(said.target_groups),
    )
    async with call.transaction() as tx:
        await people.register_interest(tx, wondering)


async def programme_of(call: Call) -> Any:
    """The programme while it is published; a draft or one that has ended takes no interest."""
    async with call.transaction() as tx:
        row = await queries.programme_page(tx.connection, id=call.programme.id)
    if row is None or row["status"] != ProgrammeStatus.PUBLISHED:
        raise NotFound("programme")
    return row
