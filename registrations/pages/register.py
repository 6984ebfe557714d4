"""Booking: stand, slot, who comes, consents apart; all on one page, without scripts, and nothing typed is lost."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import guarding
from registrations.commands.answers import questions_of
from registrations.commands.guarding import Unproved
from registrations.commands.rules import rules_for
from registrations.commands.together import ask
from registrations.domain.applications import Application, Person
from registrations.domain.consents import ON_BOOKING, wording
from registrations.domain.household import BANDS
from registrations.domain.questions import asked_in_order
from registrations.domain.refusals import Reason, Refused
from registrations.domain.retention import HOUSEHOLD_KEPT
from registrations.groups import GroupRegistration
from registrations.inputs import Registration
from registrations.pages import answers, entry, guards, options, places
from registrations.pages.finding import (
    UNKNOWN_CHOICE,
    are_offered,
    click_of,
    event_of,
    event_page,
    identifier,
    window_of,
)
from registrations.sentences import ASK_TO_WRITE, HEARD_OF, LOOKING_FOR, MOVING, refusal
from registrations.sentences import BANDS as BAND_NAMES
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import NotFound
from services.ids import new_id
from services.pages.explaining import FILL_IN
from services.pages.forms import Form

FIELD_OF = {Reason.TOO_LARGE: "adults", Reason.NO_GROUPS: "group_name"}
"""The field beside which a refusal is told; the others are about the place."""


async def show(call: Call) -> StreamResponse:
    """GET /{lang}/register/{slug}?via=&stand=&slot=: the form, with what the link already chose."""
    query = call.request.query
    form: Form[Registration] = Form.empty(
        {
            "place": query.get("slot", ""),
            "adults": 2,
            "via": query.get("via", "")[:200],
            "attempt": new_id(call.context.clock.now()),
            **dict.fromkeys(BANDS, 0),
        }
    )
    return await page(call, form)


async def book(call: Call) -> StreamResponse:
    """POST: book, and lead to the receipt, which is the same whether or not they had booked before."""
    return await _book(call, by_mail=False)


async def book_by_mail(call: Call) -> StreamResponse:
    """POST …/by-mail: in a rush, without a proof of work: the booking counts once the link in our mail was opened."""
    return await _book(call, by_mail=True)


async def _book(call: Call, *, by_mail: bool) -> StreamResponse:
    posted = await call.posted()
    form: Form[Registration] = await call.form(GroupRegistration if posted.get("group_name") else Registration)
    slug = call.path("slug")
    wanted = form.value
    if wanted is not None and not (wanted.place == "event" or wanted.slot_id):
        form.fail("place", call.translate("Choose a time."))
    if not str(posted.get("adults", "1")).strip():
        form.fail("adults", call.translate(FILL_IN))  # an emptied input is no household of one
    event_id, programme_id = await event_of(call, slug)
    if wanted is not None and wanted.target_groups:
        async with call.transaction(programme_id) as tx:
            event = await event_page(tx, event_id)
        if not are_offered(wanted.target_groups, event["offered_groups"]):
            form.fail("target_groups", call.translate(UNKNOWN_CHOICE))
    if form.value is None or wanted is None:
        return await page(call, form, status=422)
    asked_for = replace(application(call, wanted, event_id), answers=answers.given_in(form))
    if guards.trapped(wanted, "booking"):
        return _received(call, slug, wanted, asked_for.booking_id)
    try:
        if by_mail:
            asked_for = replace(asked_for, by_mail=await guards.by_mail(call, programme_id, event_id))
        else:
            await guarding.admit(call.context, programme_id, event_id, wanted.attempt, wanted.proof)
        granted = await ask(call.context, programme_id, asked_for)
    except Unproved as unproved:
        return await page(call, form, unproved=unproved, status=403)
    except Refused as refused:
        status = 422 if refused.reason is Reason.ANSWERS else 409
        return await page(call, form, refused=refused, status=status)
    async with call.transaction(programme_id) as tx:
        # A double tap made no booking, but it is the same form's: its entry is the first one's.
        made = await queries.booking_of_attempt(tx.connection, id=granted.booking_id, attempt=wanted.attempt)
    return _received(call, slug, wanted, made or asked_for.booking_id, first=asked_for.by_mail)


def _received(call: Call, slug: str, wanted: Registration, booking_id: UUID, *, first: bool = False) -> StreamResponse:
    """To the receipt: the same for everyone; `first` says that the booking counts once our mail is answered."""
    asked = {
        "event": slug,
        "place": wanted.place,
        "entry": entry.signed(call.context.keys, booking_id, wanted.place),
        **({"wait": "yes"} if wanted.wait else {}),
        **({"first": "mail"} if first else {}),
    }
    return call.redirect(call.link(f"receipt?{urlencode(asked)}"))


def application(call: Call, wanted: Registration, event_id: UUID) -> Application:
    """The wish that a filled-in form is."""
    return Application(
        person=Person(wanted.name, wanted.email, call.lang),
        household=wanted.household(),
        booking_id=new_id(call.context.clock.now()),
        event_id=event_id,
        slot_id=wanted.slot_id,
        wait=wanted.wait,
        attempt=wanted.attempt,
        consents=wanted.consents(),
        lives_in=wanted.lives_in,
        moving=wanted.moving,
        looking_for=tuple(wanted.looking_for),
        via=click_of(call, wanted.via),
        heard_of=wanted.heard_of,
        target_groups=tuple(wanted.target_groups),
        group_name=wanted.group_name,
    )


async def page(
    call: Call,
    form: Form[Registration],
    *,
    refused: Refused | None = None,
    unproved: Unproved | None = None,
    status: int = 200,
) -> StreamResponse:
    event_id, programme_id = await event_of(call, call.path("slug"))
    async with call.transaction(programme_id) as tx:
        event = await event_page(tx, event_id)
        rows = await queries.places_of_event(tx.connection, event_id=event_id)
        questions = await questions_of(tx, event_id)
        rules = await rules_for(tx, event_id)
        held = await queries.hold_of_form(tx.connection, event_id=event_id, attempt=identifier(form.get("attempt")))
    moment = call.context.clock.now()
    kept_for_them = held is not None and held["ends_by"] > moment
    kept = str(held["slot_id"] or "event") if held is not None and kept_for_them else None
    offered = [one for one in places.stands(rows, event["time_zone"], moment, kept=kept) if one.is_open]
    chosen = _chosen(offered, form, call.request.query.get("stand", ""))
    if status != 200:
        answers.tell(call, form, questions)
    why = "" if refused is None else refusal(refused, call.translate, event["time_zone"])
    if refused is not None and refused.reason is not Reason.ANSWERS:
        form.fail(FIELD_OF.get(refused.reason, "place"), why)
    _prepare(form, chosen, fresh=status == 200 and not kept_for_them)
    closed = places.closed_because(window_of(event), offered, moment)
    opens = Refused(closed, opens_at=event["opens_at"]) if closed else None
    return call.page(
        "registrations/register.html",
        status=status,
        form=form,
        refusal=why,
        write_to=event["contact"] if refused is not None and refused.reason in ASK_TO_WRITE else "",
        event=event,
        stands=offered,
        stand=chosen,
        all_full=chosen is not None and not chosen.left and not kept_for_them,
        lots_at=rules.lots_at,
        closed=closed,
        closed_sentence=refusal(opens, call.translate, event["time_zone"]) if opens else "",
        via=form.get("via"),
        guard=await guards.shown(call, programme_id, event_id, unproved),
        held=held["ends_by"] if held is not None and kept_for_them else None,
        bands=BAND_NAMES,
        questions=asked_in_order(questions),
        largest_group=rules.largest_group,
        moving=options.named(call, MOVING),
        looking_for=options.named(call, LOOKING_FOR),
        heard_of=options.named(call, HEARD_OF),
        groups=options.groups(call, event["offered_groups"]),
        consents=[(purpose, wording(purpose)) for purpose in ON_BOOKING],
        kept=HOUSEHOLD_KEPT.days,
        headers={"Cache-Control": "no-store"},
    )


def _chosen(offered: list[places.Stand], form: Form[Registration], asked: str) -> places.Stand | None:
    """The stand whose times are shown: that of the chosen slot, the one asked for, or the only one. The event's own
    places are asked for as `event`."""
    by_slot = next((one for one in offered if any(p.value == form.get("place") for p in one.places)), None)
    by_name = next((one for one in offered if (str(one.id) if one.id else "event") == asked), None)
    return by_slot or by_name or (offered[0] if len(offered) == 1 else None)


def _prepare(form: Form[Registration], chosen: places.Stand | None, *, fresh: bool) -> None:
    """Choose the only place there is, the freest table of a time, and to wait where nothing else is left; nobody
    should have to tick a single box."""
    cards = [card for day in chosen.days for card in chosen.cards(day)] if chosen else []
    ticked = chosen.card_of(form.get("place")) if chosen else None
    if ticked is None and len(cards) == 1 and not form.get("place"):
        ticked = cards[0]
    if ticked is not None:
        form.raw["place"] = [ticked.value]
    wished = [ticked] if ticked is not None else cards
    if fresh and wished and all(card.is_full for card in wished):
        form.raw["wait"] = ["on"]


async def receipt(call: Call) -> StreamResponse:
    """GET /{lang}/receipt: what was asked for. It says nothing of who asked, nor whether they had asked before."""
    query = call.request.query
    event_id, programme_id = await event_of(call, query.get("event", ""))
    async with call.transaction(programme_id) as tx:
        event = await event_page(tx, event_id)
        rows = await queries.places_of_event(tx.connection, event_id=event_id)
        rules = await rules_for(tx, event_id)
    offered = places.stands(rows, event["time_zone"], call.context.clock.now())
    found = [(stand, one) for stand in offered for one in stand.places if one.value == query.get("place")]
    stand, place = found[0] if found else (None, None)
    known = entry.read(call.context.keys, query.get("entry", ""))
    return call.page(
        "registrations/receipt.html",
        event=event,
        stand=stand,
        place=place,
        wait=query.get("wait") == "yes",
        first=query.get("first") == "mail",
        lots_at=rules.lots_at,
        entry=query.get("entry") if known and place else None,
    )


async def calendar(call: Call) -> StreamResponse:
    """GET /{lang}/receipt/calendar.ics: the entry of what was asked for, tentative until the mail confirms it."""
    query = call.request.query
    event_id, programme_id = await event_of(call, query.get("event", ""))
    known = entry.read(call.context.keys, query.get("entry", ""))
    async with call.transaction(programme_id) as tx:
        event = await event_page(tx, event_id)
        rows = await queries.places_of_event(tx.connection, event_id=event_id)
    offered = places.stands(rows, event["time_zone"], call.context.clock.now())
    found = [(stand, one) for stand in offered for one in stand.places if known and one.value == known[1]]
    if known is None or not found:
        raise NotFound("entry")
    stand, place = found[0]
    where = entry.whereabouts(call, event["venue"], stand.names if stand.id else None, stand.number, place.room)
    times = (place.starts_at, place.ends_at)
    return entry.answer(call, event, known[0], times, where, session=place.titles, tentative=True)
