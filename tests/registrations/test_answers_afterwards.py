"""Answers after the booking: changed on one's own page, and gone with whatever they hung on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.facts import EventPublished
from registrations.commands import hand_overs, people, rules
from registrations.domain.applications import Application, Person, Takeover
from registrations.domain.asking import Move
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.domain.retention import HOUSEHOLD_KEPT
from registrations.facts import Cause
from tests.registrations.asked import BED, EVERY, FARM, PHOTOS, PITCH, SIGHTS, ask_for, change
from tests.registrations.desks import Desk, Page
from tests.registrations.test_answers import CONSENTS, fair, kept, told
from tests.registrations.worlds import World


async def camper(world: World, event: EventPublished, **more: Any) -> Application:
    """A household that sleeps in a tent and agrees to photographs."""
    said = {BED.id: ["tent"], PITCH.id: ["12,5"], SIGHTS.id: ["farm"], FARM.id: ["Kale"], PHOTOS.id: ["1"]}
    family = world.household(event, answers=said, **more)
    (answer,) = await world.decide(family)
    assert not isinstance(answer, Refused), answer.values
    return family


async def enter(desk: Desk, booking_id: UUID) -> Page:
    door = await desk.get(f"/en/my-booking/{desk.world.keys.token('booking', booking_id)}")
    return await desk.fill_in(door, "my-booking", follow=True)


# One's own page -------------------------------------------------------------------------------------------------------


async def test_answers_are_changed_on_ones_own_page_and_what_is_hidden_then_is_gone(desk: Desk) -> None:
    event = await fair(desk)
    family = await camper(desk.world, event)
    page = await enter(desk, family.booking_id)
    _, fields = page.form("my-booking/answers")
    assert fields[f"answers.{PITCH.id}"] == ["12.5"] and fields[f"answers.{PHOTOS.id}"] == ["1"]
    changed = await desk.fill_in(page, "my-booking/answers", **told(bed="friends", photos=None, farm="Rye"))
    assert changed.status == 303
    assert await kept(desk.world) == {
        "Where do you sleep?": "friends",
        "What would you see?": ["farm"],
        "What would you grow?": "Rye",
    }
    assert [row["stands"] for row in await desk.world.rows(CONSENTS)] == [False], "kept as proof, and ended"


async def test_a_wrong_answer_there_changes_nothing_and_stays_in_the_form(desk: Desk) -> None:
    event = await fair(desk)
    family = await camper(desk.world, event)
    before = await kept(desk.world)
    page = await enter(desk, family.booking_id)
    refused = await desk.fill_in(page, "my-booking/answers", **told(pitch="much", farm="Rye"))
    assert refused.status == 422 and "Write a number" in refused.text
    assert refused.form("my-booking/answers")[1][f"answers.{PITCH.id}"] == ["much"]
    assert await kept(desk.world) == before


async def test_a_consent_to_earlier_words_is_asked_for_anew_there(desk: Desk) -> None:
    event = await fair(desk)
    family = await camper(desk.world, event)
    await change(desk.world, event.event_id, replace(PHOTOS, labels={"en": "You may print them."}))
    page = await enter(desk, family.booking_id)
    assert "The wording has changed since you agreed" in page.text
    assert f"answers.{PHOTOS.id}" not in page.form("my-booking/answers")[1]
    await desk.fill_in(page, "my-booking/answers", **told(photos="2"))
    rows = await desk.world.rows(CONSENTS)
    assert [(row["wording"], row["stands"], row["given_through"]) for row in rows] == [
        (1, False, "form"),
        (2, True, "link"),
    ]


async def test_after_the_deadline_answers_are_shown_and_no_longer_changed(desk: Desk) -> None:
    event = await fair(desk)
    family = await camper(desk.world, event)
    page = await enter(desk, family.booking_id)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, event.event_id, EventRules(change_until=timedelta(days=30)))
    late = await desk.fill_in(page, "my-booking/answers", **told(farm="Rye"))
    assert late.status == 409 and "Changes were possible until" in late.text
    assert "Kale" in late.text
    assert not [target for target, _ in late.forms() if target.endswith("/my-booking/answers")]
    assert (await kept(desk.world))["What would you grow?"] == "Kale"


async def test_everything_answered_can_be_taken_home_in_words(desk: Desk) -> None:
    event = await fair(desk)
    family = await camper(desk.world, event, looking_for=("jobs",))
    page = await enter(desk, family.booking_id)
    data = json.loads((await desk.get(f"/en/my-booking/data?made_for={page.made_for}")).text)
    (booking,) = data["bookings"]
    assert booking["looking_for"] == ["jobs"]
    assert [one["answer"] for one in booking["answers"]] == ["tent", 12.5, ["farm"], "Kale", True]
    assert booking["answers"][0]["question"] == "Where do you sleep?"
    assert booking["answers"][0]["chosen"] == [{"en": "Tent", "nb": "Tent (nb)"}]
    (consent,) = data["consents_at_events"]
    assert consent["question"] == "You may take photographs of us." and consent["withdrawn_at"] is None


# What becomes of them -------------------------------------------------------------------------------------------------


async def test_other_hands_get_the_place_and_none_of_the_answers(world: World) -> None:
    event = world.event("fair", households=3)
    await world.hear(event)
    await ask_for(world, event.event_id, *EVERY)
    family = await camper(world, event, looking_for=("farms",))
    async with world.database.transaction(world.programme_id) as tx:
        kari = Person("Kari", "kari@example.org", "nb")
        hand_over_id = await hand_overs.offer(tx, world.keys, family.booking_id, kari)
    assert len(await kept(world)) == 5, "asking alone changes nothing"
    (row,) = await world.rows("SELECT to_visitor_id FROM hand_overs")
    await world.decide(Takeover(hand_over_id, family.booking_id, row["to_visitor_id"], "Kari", "nb"))
    assert await kept(world) == {}
    assert [one["stands"] for one in await world.rows(CONSENTS)] == [False]
    assert await world.rows("SELECT looking_for FROM people.households") == [{"looking_for": []}]


async def test_at_another_event_the_answers_of_the_first_are_gone(world: World) -> None:
    event, other = world.event("fair", households=3), world.event("home", households=3, days=20)
    await world.hear(event, other)
    await ask_for(world, event.event_id, *EVERY)
    family, stays = await camper(world, event), await camper(world, event)
    await world.decide(Move(family.booking_id, None, Cause.VISITOR, event_id=other.event_id))
    rows = await world.rows("SELECT DISTINCT booking_id FROM people.answers")
    assert rows == [{"booking_id": stays.booking_id}]


async def test_who_is_forgotten_leaves_no_answer(world: World) -> None:
    event = world.event("fair", households=3)
    await world.hear(event)
    await ask_for(world, event.event_id, *EVERY)
    family, other = await camper(world, event), await camper(world, event)
    (visitor,) = await world.rows("SELECT visitor_id FROM bookings WHERE id = $1", family.booking_id)
    async with world.database.transaction(world.programme_id) as tx:
        await people.erase(tx, visitor["visitor_id"])
    rows = await world.rows("SELECT booking_id, count(*) AS answers FROM people.answers GROUP BY 1")
    assert rows == [{"booking_id": other.booking_id, "answers": 5}]
    stands = await world.rows("SELECT booking_id FROM people.question_consents WHERE withdrawn_at IS NULL")
    assert stands == [{"booking_id": other.booking_id}]


async def test_answers_go_with_the_household_when_its_time_is_over(world: World) -> None:
    event = world.event("fair", households=3)
    await world.hear(event)
    await ask_for(world, event.event_id, *EVERY)
    await camper(world, event)
    world.clock.move(HOUSEHOLD_KEPT + timedelta(days=10))
    await world.run("forget")
    assert len(await kept(world)) == 5, "a few hours are left"
    world.clock.move(timedelta(days=1))
    await world.run("forget")
    assert await kept(world) == {}


async def test_one_wrong_answer_in_a_batch_harms_nobody_else(world: World) -> None:
    event = world.event("fair", households=3)
    await world.hear(event)
    await ask_for(world, event.event_id, *EVERY)
    right = [world.household(event, answers={BED.id: ["hotel"]}) for _ in range(2)]
    unasked = world.household(event)
    wrong = world.household(event, answers={})
    answers = await world.decide(right[0], wrong, right[1], unasked)
    assert [isinstance(one, Refused) for one in answers] == [False, True, False, False]
    assert isinstance(answers[1], Refused) and answers[1].reason is Reason.ANSWERS
    rows = await world.rows("SELECT booking_id FROM people.answers")
    assert {row["booking_id"] for row in rows} == {one.booking_id for one in right}
