"""Before an event: families book, more of them as the day comes near; some wait, some cancel, some bring one more."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from registrations.commands.deciding import decide_together
from registrations.commands.people import Wondering, register_interest
from registrations.demo import questions
from registrations.demo.dice import about, dice
from registrations.demo.families import QUESTIONS, Family, family, language_for
from registrations.demo.stage import Event, Stage
from registrations.domain.applications import Application, Item, NewHousehold
from registrations.domain.asking import Cancel
from registrations.domain.household import Household
from registrations.facts import Cause
from registrations.pages.places import Place
from registrations.statements import queries
from services.demo_clicks import demo_click
from services.ids import new_id

BY_LINK = 0.6
"""How many of those who want to hear more came by one of the day's clicks."""
DEMAND = {"emigratiebeurs": 1.15, "apen-bygdehelg": 0.6, "hjemkomstdag": 1.1}
"""Families for each that there is room for, by the time the event begins; elsewhere a few less."""
RATHER_WAIT = 0.25
"""How many of those who find their time full would rather wait for it than take another."""
PERSONS = 2.8
"""In a household, on average."""
CLICKS = 6
"""The first clicks of a day are people's."""
AHEAD = timedelta(days=75)
"""When the first families book."""


async def book(stage: Stage, event: Event, rolls: random.Random) -> None:
    """The day's bookings for an event to come."""
    days = (event.starts_on - stage.day).days
    if days > AHEAD.days:
        return
    open_places = [place for _, place in event.places if place.bookable]
    places = sum(place.capacity / (1 if place.unit == "households" else PERSONS) for place in open_places)
    # The nearer the day the more: the share of a day rises evenly, and all shares are one.
    share = 2 * (AHEAD.days - days + 1) / (AHEAD.days * (AHEAD.days + 1))
    many = about(rolls, places * DEMAND.get(event.slug, 0.9) * share)
    if not many:
        return
    clicks = rolls.sample(range(CLICKS), k=min(CLICKS, about(rolls, many * 0.55)))
    wishes: list[Item] = []
    asks, said = await questions.ask(stage, event), dice(stage.day, stage.slug, event.slug, "answers")
    left = {place.pool_id: place.left for place in open_places}
    for number in range(many):
        who = family(rolls, language_for(event.slug, rolls), stage.day, number, stage.groups)
        via = demo_click(stage.day, clicks[number]) if number < len(clicks) else None
        place = _choose(open_places, left, rolls)
        left[place.pool_id] -= 1 if place.unit == "households" else who.household.persons
        wish = _application(stage, event, who, place, via, wait=True)
        wishes.append(replace(wish, answers=questions.answers(event, who.household, said)) if asks else wish)
    await _decide(stage, wishes)


def _choose(places: list[Place], left: Mapping[UUID, int], rolls: random.Random) -> Place:
    """Late mornings go first; who finds their time full goes where there is room, unless they would rather wait."""
    popular = [1.0 + 3.0 * (9 <= place.starts_at.hour < 12) for place in places]
    wished = rolls.choices(places, popular)[0]
    free = [place for place in places if left[place.pool_id] > 0]
    if left[wished.pool_id] > 0 or not free or rolls.random() < RATHER_WAIT:
        return wished
    return rolls.choices(free, [left[place.pool_id] for place in free])[0]


def _application(stage: Stage, event: Event, who: Family, place: Place, via: UUID | None, *, wait: bool) -> Application:
    booking_id = new_id(stage.context.clock.now())
    return Application(
        person=who.person,
        household=who.household,
        booking_id=booking_id,
        event_id=event.id,
        slot_id=place.slot_id,
        wait=wait,
        attempt=uuid5(booking_id, "attempt"),
        consents=who.consents,
        lives_in=who.lives_in,
        moving=who.moving,
        looking_for=who.looking_for,
        via=via,
        heard_of=who.heard_of,
        target_groups=who.groups,
    )


async def change_minds(stage: Stage, event: Event, rolls: random.Random) -> None:
    """Now and then a family cancels, and the next in line is promoted; or one more comes along."""
    async with stage.context.database.transaction(stage.programme_id) as tx:
        rows = await queries.live_bookings_of_event(tx.connection, event_id=event.id)
    if rolls.random() > min(0.4, 0.012 * len(rows)):
        return
    row = rolls.choice(rows)
    if rolls.random() < 0.6:
        await _decide(stage, [Cancel(row["id"], Cause.VISITOR)])
    else:
        more = Household(row["adults"], children_6_12=row["children"] + 1)
        await _decide(stage, [NewHousehold(row["id"], more, Cause.VISITOR)])


async def _decide(stage: Stage, wishes: list[Item]) -> None:
    """Whoever is refused goes elsewhere; the demo is as the days are."""
    async with stage.context.database.transaction(stage.programme_id) as tx:
        await decide_together(tx, stage.context.keys, wishes)


async def wonder(stage: Stage, rolls: random.Random) -> None:
    """Once a week or so somebody wants to hear more, without an event."""
    if rolls.random() > 0.06:
        return
    who = family(rolls, rolls.choice(("nl", "nb", "nb", "en")), stage.day, 90, stage.groups)
    async with stage.context.database.transaction(stage.programme_id) as tx:
        wondering = Wondering(
            person=who.person,
            attempt=new_id(tx.moment),
            consents=who.consents,
            lives_in=who.lives_in,
            moving=who.moving,
            looking_for=who.looking_for,
            message=rolls.choice(QUESTIONS),
            heard_of=who.heard_of,
            via=demo_click(stage.day, rolls.randrange(CLICKS)) if rolls.random() < BY_LINK else None,
            target_groups=who.groups,
        )
        await register_interest(tx, wondering)
