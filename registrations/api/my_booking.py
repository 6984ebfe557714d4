"""What visitors may do with their own booking, by the token of the link in their mail: as its page does, for programs.

The token is the whole key, so it stands in the path and nothing else is asked. An unknown one, one that was renewed,
and one whose visitor was forgotten are all not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.api import PLACE_FIELDS, Shown, misanswered, problem
from registrations.commands import hand_overs, people
from registrations.commands.rules import rules_for
from registrations.commands.together import anew, ask
from registrations.domain.applications import Instead, Item, NewHousehold, Person
from registrations.domain.asking import Accept, Cancel, Confirm, Move
from registrations.domain.check_in import shown
from registrations.domain.consents import Purpose
from registrations.domain.hand_overs import Answer, answer
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Awaits, BookingStatus, Cause
from registrations.inputs import ConsentForm, Crowd, HandOverForm, LanguageForm, OfferForm
from registrations.pages.my_booking import booking_of, deadline, of_token
from registrations.pages.my_changes import settle_consents
from registrations.pages.remembered import Remembered
from registrations.requests import PlaceRequest
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound

PRIVATE = {"Cache-Control": "no-store"}


class MyBookingOut(Shown):
    """A booking as its visitor sees it. `before` is how many households stand before one that waits."""

    id: UUID
    event_id: UUID
    stand_id: UUID | None
    slot_id: UUID | None
    status: BookingStatus
    awaits: Awaits | None
    declined: bool
    """Ended by the organiser's no, or for want of their yes."""
    name: str | None
    group_name: str | None
    """Of a school class or a company that comes under this name."""
    language: str
    adults: int
    children: int
    starts_at: datetime
    ends_at: datetime
    ends_by: datetime | None
    code: str
    before: int | None
    asked_to_move_at: datetime | None
    hand_over_until: datetime | None
    """So long somebody who was asked to come instead can say yes; null where nobody is asked."""
    change_until: datetime
    cancel_until: datetime
    consents: list[Purpose]


class MyDataOut(Shown):
    """Everything we keep of the booking's visitor (GDPR, articles 15 and 20)."""

    data: dict[str, Any]


class Forgotten(Shown):
    forgotten: bool = True


class HandOverTakenBack(Shown):
    """`taken_back` is false where nobody was asked, or they have answered."""

    taken_back: bool


class HandOverAsked(Shown):
    """Whoever was asked: the answer is the same whether or not we know them."""

    hand_over_id: UUID


async def show(call: Call) -> StreamResponse:
    return await _shown(call, await _who(call))


async def _who(call: Call) -> Remembered:
    found = await of_token(call, call.path("token"))
    if found is None:
        raise NotFound("booking")
    return found


async def _shown(call: Call, who: Remembered) -> StreamResponse:
    async with call.transaction(who.programme_id) as tx:
        row = await queries.booking_page(tx.connection, id=who.booking_id)
        standing = await queries.consents_of(tx.connection, visitor_id=row["visitor_id"])
        line = await queries.place_in_line(tx.connection, id=who.booking_id)
        rules = await rules_for(tx, row["event_id"])
        asked = await queries.asked_by_visitor(tx.connection, booking_id=who.booking_id)
        moment = tx.moment
    is_asked = asked and answer(asked, moment) is Answer.OPEN and row["status"] == BookingStatus.CONFIRMED
    given = {
        **dict(row),
        "code": shown(row["code"]),
        "before": line["before"] if line and row["status"] == BookingStatus.WAITING else None,
        "hand_over_until": asked["ends_by"] if is_asked else None,
        "change_until": deadline(row, rules.change_until) or row["starts_at"],
        "cancel_until": deadline(row, rules.cancel_until) or row["starts_at"],
        "consents": [one["purpose"] for one in standing if one["withdrawn_at"] is None],
    }
    return call.json(MyBookingOut.model_validate(given), headers=PRIVATE, etag=str(row["version"]))


async def _wish(
    call: Call, who: Remembered, item: Item, fields: Mapping[Reason, str] = MappingProxyType({})
) -> StreamResponse:
    try:
        await ask(call.context, who.programme_id, item)
    except Refused as refused:
        wrong = misanswered(call, refused) if refused.reason is Reason.ANSWERS else problem(refused, fields)
        raise wrong from refused
    return await _shown(call, who)


async def confirm(call: Call) -> StreamResponse:
    """The address is theirs: they had the token from our mail."""
    who = await _who(call)
    return await _wish(call, who, Confirm(who.booking_id, who.rotation))


async def resize(call: Call) -> StreamResponse:
    said: Crowd = call.body
    who = await _who(call)
    return await _wish(
        call, who, NewHousehold(who.booking_id, said.household(), Cause.VISITOR), {Reason.TOO_LARGE: "adults"}
    )


async def move(call: Call) -> StreamResponse:
    said: PlaceRequest = call.body
    who = await _who(call)
    fields = PLACE_FIELDS if said.slot_id else {Reason.UNKNOWN_PLACE: "event_id" if said.event_id else "slot_id"}
    if said.event_id is None:
        return await _wish(call, who, Move(who.booking_id, said.slot_id, Cause.VISITOR), fields)
    wish = Instead(who.booking_id, said.event_id, said.slot_id, said.given(), call.lang, "api")
    return await _wish(call, who, wish, fields)


async def cancel(call: Call) -> StreamResponse:
    who = await _who(call)
    return await _wish(call, who, Cancel(who.booking_id, Cause.VISITOR))


async def answer_offer(call: Call) -> StreamResponse:
    said: OfferForm = call.body
    who = await _who(call)
    yes = said.answer == "yes"
    return await _wish(call, who, Accept(who.booking_id) if yes else Cancel(who.booking_id, Cause.VISITOR))


async def hand_over(call: Call) -> StreamResponse:
    """202: somebody else is asked by mail to come instead; the booking stays as it is until they say yes."""
    said: HandOverForm = call.body
    who = await _who(call)
    person = Person(said.name, said.email, said.language)
    try:
        async with call.transaction(who.programme_id) as tx:
            asked = await hand_overs.offer(tx, call.context.keys, who.booking_id, person, rotation=who.rotation)
    except Refused as refused:
        raise problem(refused) from refused
    return call.json(HandOverAsked(hand_over_id=asked), status=202, headers=PRIVATE)


async def take_back(call: Call) -> StreamResponse:
    """They come after all: whoever was asked can no longer say yes."""
    who = await _who(call)
    async with call.transaction(who.programme_id) as tx:
        taken = await hand_overs.take_back(tx, who.booking_id, rotation=who.rotation)
    return call.json(HandOverTakenBack(taken_back=taken), headers=PRIVATE)


async def speak(call: Call) -> StreamResponse:
    """The language of our mails to them."""
    said: LanguageForm = call.body
    who = await _who(call)
    async with call.transaction(who.programme_id) as tx:
        await people.set_language(tx, await _visitor(tx, who), said.language)
    return await _shown(call, who)


async def agree(call: Call) -> StreamResponse:
    """Which consents stand from now on; one that is left out is taken back."""
    said: ConsentForm = call.body
    who = await _who(call)
    async with call.transaction(who.programme_id) as tx:
        await settle_consents(tx, await _visitor(tx, who), said, call.lang)
    return await _shown(call, who)


async def data(call: Call) -> StreamResponse:
    who = await _who(call)
    async with call.transaction(who.programme_id) as tx:
        found = await people.my_data(tx, await _visitor(tx, who))
    return call.json(MyDataOut(data=found or {}), headers=PRIVATE)


async def forget(call: Call) -> StreamResponse:
    """Everything that is personal goes, here and wherever else we keep it."""
    who = await _who(call)
    async with call.transaction(who.programme_id) as tx:
        visitor_id = await _visitor(tx, who)
    await anew(call.context, who.programme_id, lambda tx: people.erase(tx, visitor_id))
    return call.json(Forgotten(), headers=PRIVATE)


async def _visitor(tx: Transaction, who: Remembered) -> UUID:
    row = await booking_of(tx, who)
    if row is None:
        raise NotFound("booking")
    visitor_id: UUID = row["visitor_id"]
    return visitor_id
