"""A copied event that has questions of its own already takes over what there is room for; the rest is not lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registrations.commands import questions
from registrations.commands.rules import rules_for, set_rules
from registrations.domain.asking import Came
from registrations.domain.questions import MOST_QUESTIONS, Kind
from registrations.domain.records import EventRules
from services.routes import Role
from tests.registrations.asked import BED, PHOTOS, PITCH, ask_for, question
from tests.registrations.desks import Desk
from tests.registrations.test_api import PROGRAMME, ask
from tests.registrations.test_copied_events import answer
from tests.registrations.test_questions_editor import asked
from tests.registrations.test_visitors import audited
from tests.registrations.worlds import World

HOME = "/en/console/havlandet"
EDITOR = f"{HOME}/attendees/again/questions"
LAST = (BED, PITCH, PHOTOS)
"""What the first event asks last; the second of these only after the first."""
LABELS = [one.labels["en"] for one in LAST]


async def crowded(world: World, own: int = len(LAST), **more: Any) -> tuple[UUID, UUID]:
    """The first event asks as much as one may, and its copy so much of its own before it is given that: their ids."""
    await world.programme()
    first = world.event("first", households=9, titles={"en": "The first fair", "nb": "Den første messen"})
    await world.hear(first)
    plain = [question(Kind.TEXT, f"First {number}?") for number in range(MOST_QUESTIONS - len(LAST))]
    await ask_for(world, first.event_id, *plain, *LAST)
    async with world.database.transaction(world.programme_id) as tx:
        await set_rules(tx, first.event_id, EventRules(largest_household=5))
    again = world.event("again", households=9, days=20, copied_from=first.event_id, **more)
    await world.hear(again, but="questions")
    await ask_for(world, again.event_id, *(question(Kind.TEXT, f"Own {number}?") for number in range(own)))
    await world.hear(again)
    return first.event_id, again.event_id


async def labels(world: World, event_id: UUID) -> list[str]:
    return [one.labels["en"] for one in await asked(world, event_id)]


@pytest.mark.parametrize("own", [1, 2, 3])
async def test_what_there_is_room_for_comes_along_and_the_event_is_booked(world: World, own: int) -> None:
    _, again = await crowded(world, own)
    found = await labels(world, again)
    assert len(found) == MOST_QUESTIONS and found[0] == "Own 0?" and found[-1] == ["First 36?", *LABELS][-own - 1]
    async with world.database.transaction(world.programme_id) as tx:
        assert await rules_for(tx, again) == EventRules(largest_household=5), "its rules come along all the same"
    event = world.event("again", households=9, days=20, event_id=again)
    assert await answer(world, world.household(event, by_staff=True)) is Came.BOOKED
    rows = await world.rows("SELECT cardinality(left_out) AS many FROM questions_carried WHERE event_id = $1", again)
    assert rows == [{"many": own}]


async def test_organisers_are_told_what_was_left_out_and_ask_it_once_there_is_room(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, again = await crowded(desk.world)
    for page in ("/panels/attendees", "/attendees/again", "/attendees/again/questions"):
        assert "3 questions of" in (await desk.get(HOME + page)).text, page
    page = await desk.get(EDITOR)
    assert all(page.text.count(label) == 1 for label in LABELS) and "The first fair" in page.text
    full = await desk.fill_in(page, "/left-out", follow=True, ask="true")
    assert "An event asks at most 40 questions" in full.text and "3 questions of" in full.text
    for one in (await asked(desk.world, again))[:3]:
        await desk.fill_in(await desk.get(EDITOR), f"{one.id}/retire")
    done = await desk.fill_in(await desk.get(EDITOR), "/left-out", follow=True, ask="true")
    assert "3 questions of" not in done.text
    found = await asked(desk.world, again)
    assert [one.labels["en"] for one in found[-3:]] == LABELS and found[-2].shown_when == found[-3].id
    for gone in ("/panels/attendees", "/attendees/again"):
        assert "3 questions of" not in (await desk.get(HOME + gone)).text
    assert [what for what, _ in await audited(desk, "question.")] == ["question.copied", *["question.withdrawn"] * 3]


async def test_organisers_may_leave_them_out(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    _, again = await crowded(desk.world)
    before = await labels(desk.world, again)
    done = await desk.fill_in(await desk.get(EDITOR), "/left-out", follow=True, ask="false")
    assert "3 questions of" not in done.text and await labels(desk.world, again) == before
    assert await audited(desk, "question.") == [("question.left_out", f"event:{again}")]
    assert "3 questions of" not in (await desk.get(f"{HOME}/panels/attendees")).text


async def test_a_question_that_was_left_out_brings_the_one_on_which_it_depends(desk: Desk) -> None:
    """The one that fitted was taken away meanwhile: it comes again, as the other is asked only after its answer."""
    person = await desk.sign_in(Role.ORGANISER)
    _, again = await crowded(desk.world, own=2)
    *_, bed = await asked(desk.world, again)
    assert bed.labels == BED.labels
    where = f"{PROGRAMME}/attendees/again/questions"
    for one in [bed, *(await asked(desk.world, again))[:2]]:
        await ask(desk, "POST", f"{where}/{one.id}/retire", {"version": one.version}, person=person)
    _, shown = await ask(desk, "GET", where, person=person)
    assert [one["labels"]["en"] for one in shown["left_out"]] == LABELS[1:]
    status, shown = await ask(desk, "POST", f"{where}/left-out", {"ask": True}, person=person)
    assert (status, shown["left_out"]) == (200, [])
    assert (await labels(desk.world, again))[-3:] == LABELS


async def with_one_stuck(desk: Desk) -> UUID:
    """The first event has withdrawn what it asked about tents, and offers none any more; its copy has room by now."""
    first, again = await crowded(desk.world, own=2)
    *_, bed, pitch, _ = await asked(desk.world, first)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await questions.retire(tx, first, pitch.id, pitch.version)
        options = tuple(replace(one, gone=one.key == "tent") for one in bed.options)
        await questions.change(tx, first, replace(bed, options=options))
        for one in (await asked(desk.world, again))[:2]:
            await questions.retire(tx, again, one.id, one.version)
    return again


async def test_a_question_whose_condition_is_gone_is_named_and_the_others_are_asked(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    again = await with_one_stuck(desk)
    why = "“How large is the tent?” is left out: it depends on an answer to “Where do you sleep?”"
    page = await desk.get(EDITOR)
    assert why in page.text
    done = await desk.fill_in(page, "/left-out", follow=True, ask="true")
    assert f"The others are asked here too. {why}" in done.text
    assert (await labels(desk.world, again))[-1] == PHOTOS.labels["en"]
    assert "One question of" in done.text and "Ask this one too" not in done.text
    done = await desk.fill_in(done, "/left-out", follow=True, ask="false")
    assert "One question of" not in done.text


async def test_a_program_is_told_which_question_cannot_be_asked(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    again = await with_one_stuck(desk)
    where = f"{PROGRAMME}/attendees/again/questions/left-out"
    status, shown = await ask(desk, "POST", where, {"ask": True}, person=person)
    assert status == 200 and [one["labels"]["en"] for one in shown["left_out"]] == LABELS[1:2]
    assert (await labels(desk.world, again))[-1] == PHOTOS.labels["en"]
    status, refused = await ask(desk, "POST", where, {"ask": True}, person=person)
    assert (status, refused["flaw"]) == (409, "no_keys") and "How large is the tent?" in refused["detail"]
    assert refused["question_id"] == shown["left_out"][0]["id"]


async def test_asking_all_that_the_first_one_asks_leaves_nothing_out(desk: Desk) -> None:
    person = await desk.sign_in(Role.ORGANISER)
    first, again = await crowded(desk.world)
    where = f"{PROGRAMME}/attendees/again/questions"
    for one in (await asked(desk.world, again))[:3]:
        await ask(desk, "POST", f"{where}/{one.id}/retire", {"version": one.version}, person=person)
    status, shown = await ask(desk, "POST", f"{where}/copy", {"event": str(first)}, person=person)
    assert (status, shown["left_out"]) == (200, [])
    status, _ = await ask(desk, "POST", f"{where}/left-out", {"ask": True}, person=person)
    assert status == 200, "there is nothing to do"


async def test_an_event_that_is_over_or_called_off_is_not_on_the_home(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    await crowded(desk.world, status="cancelled")
    assert "3 questions of" not in (await desk.get(f"{HOME}/panels/attendees")).text


async def test_a_copy_of_a_crowded_copy_takes_over_what_that_one_asks(world: World) -> None:
    _, again = await crowded(world)
    last = world.event("last", households=9, days=30, copied_from=again)
    await world.hear(last)
    assert await labels(world, last.event_id) == await labels(world, again)
