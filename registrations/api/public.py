"""Booking by API. The answer is the same receipt for everyone: it tells nobody who is coming already."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from events.facts import Unit
from registrations.api import PARTY_FIELDS, Shown, attempt, misanswered, problem, unproved
from registrations.commands import guarding
from registrations.commands.answers import questions_of
from registrations.commands.guarding import Unproved
from registrations.commands.rules import rules_for
from registrations.commands.together import ask
from registrations.domain.applications import Application, Person
from registrations.domain.questions import Kind, asked_in_order
from registrations.domain.refusals import Reason, Refused
from registrations.pages import places
from registrations.pages.finding import UNKNOWN_CHOICE, are_offered, click_of, event_of, event_page
from registrations.requests import BookingRequest
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import Invalid
from services.ids import new_id


class PlaceOut(Shown):
    """A slot, or the event itself where `slot_id` is null."""

    slot_id: UUID | None
    stand_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    unit: Unit
    left: int
    waiting: int
    bookable: bool


class OptionOut(Shown):
    key: str
    labels: dict[str, str]


class QuestionOut(Shown):
    """What the event asks of those who book, by language. With `shown_when` it is put only to those who answered that
    question with one of `shown_for` (a consent that was given: `yes`). An answer to a consent names its `wording`."""

    id: UUID
    kind: Kind
    required: bool
    labels: dict[str, str]
    hints: dict[str, str]
    options: list[OptionOut]
    longest: int | None
    least: float | None
    most: float | None
    earliest: date | None
    latest: date | None
    shown_when: UUID | None
    shown_for: list[str]
    wording: int


class PlacesOut(Shown):
    event_id: UUID
    items: list[PlaceOut]
    draw_at: datetime | None = None
    """Where lots decide who gets a place: when they are drawn. Whoever books until then takes part."""
    questions: list[QuestionOut] = []
    """In the order in which they are put."""


class ReceiptOut(Shown):
    """What was asked for. Whether there was a place is told by mail, as is a booking that exists already."""

    event_id: UUID
    slot_id: UUID | None
    wait: bool
    received_at: datetime


async def show_places(call: Call) -> StreamResponse:
    event_id, programme_id = await event_of(call, call.path("event"))
    items = await _places(call, event_id, programme_id)
    async with call.transaction(programme_id) as tx:
        questions = asked_in_order(await questions_of(tx, event_id))
        rules = await rules_for(tx, event_id)
    shown = [
        QuestionOut.model_validate({**asdict(one), "hints": one.hints or {}, "options": one.offered})
        for one in questions
    ]
    return call.json(PlacesOut(event_id=event_id, items=items, draw_at=rules.lots_at, questions=shown))


async def _places(call: Call, event_id: UUID, programme_id: UUID) -> list[PlaceOut]:
    async with call.transaction(programme_id) as tx:
        event = await event_page(tx, event_id)
        rows = await queries.places_of_event(tx.connection, event_id=event_id)
        moment = tx.moment
    return [
        PlaceOut(
            slot_id=place.slot_id,
            stand_id=stand.id,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            unit=place.unit,
            left=place.left,
            waiting=place.waiting,
            bookable=place.bookable,
        )
        for stand in places.stands(rows, event["time_zone"], moment)
        for place in stand.places
    ]


async def book(call: Call) -> StreamResponse:
    """202 with a receipt; 403 `proof-needed` in a rush, with the challenge to solve; 409 `full` with the places
    that are free, where they would not wait. Before lots are drawn everyone waits, and nothing is full."""
    wanted: BookingRequest = call.body
    event_id, programme_id = await event_of(call, call.path("event"))
    if wanted.target_groups:
        async with call.transaction(programme_id) as tx:
            event = await event_page(tx, event_id)
        if not are_offered(wanted.target_groups, event["offered_groups"]):
            raise Invalid({"target_groups": UNKNOWN_CHOICE})
    moment = call.context.clock.now()
    application = Application(
        person=Person(wanted.name, wanted.email, wanted.language),
        household=wanted.household(),
        booking_id=new_id(moment),
        event_id=event_id,
        slot_id=wanted.slot_id,
        wait=wanted.wait,
        attempt=wanted.attempt or attempt(call, moment),
        through="api",
        consents=wanted.consents(),
        lives_in=wanted.lives_in,
        moving=wanted.moving,
        looking_for=tuple(wanted.looking_for),
        answers=wanted.given(),
        via=click_of(call, wanted.via),
        heard_of=wanted.heard_of,
        target_groups=tuple(wanted.target_groups),
        group_name=wanted.group_name,
    )
    try:
        await guarding.admit(call.context, programme_id, event_id, application.attempt, wanted.proof)
        await ask(call.context, programme_id, application)
    except Unproved as lacking:
        raise unproved(lacking) from lacking
    except Refused as refused:
        if refused.reason is Reason.ANSWERS:
            raise misanswered(call, refused) from refused
        extra: dict[str, Any] = {}
        if refused.reason is Reason.FULL:
            offered = await _places(call, event_id, programme_id)
            extra["free"] = [one.model_dump(mode="json") for one in offered if one.bookable and one.left]
        raise problem(refused, PARTY_FIELDS, **extra) from refused
    receipt = ReceiptOut(event_id=event_id, slot_id=wanted.slot_id, wait=wanted.wait, received_at=moment)
    return call.json(receipt, status=202)
