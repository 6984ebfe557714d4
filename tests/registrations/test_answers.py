"""Questions in the booking form, by API and on one's own page; and what becomes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from events.facts import EventPublished
from registrations.commands import hand_overs, people, rules
from registrations.domain.applications import Application, Person, Takeover
from registrations.domain.asking import Move
from registrations.domain.questions import Kind
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.domain.retention import HOUSEHOLD_KEPT
from registrations.facts import Cause
from services.routes import Role
from tests.registrations.asked import BED, EVERY, FARM, PHOTOS, PITCH, SIGHTS, ask_for, change, question
from tests.registrations.desks import OURS, Desk, Page
from tests.registrations.worlds import World

FAMILY = {"name": "Sanne de Vries", "email": "sanne@example.org", "adults": 2}
ANSWERS = """
SELECT q.labels ->> 'en' AS label, a.value, a.wording, a.language, a.given_through
FROM people.answers a JOIN questions q ON q.id = a.question_id ORDER BY q.position
"""
CONSENTS = """
SELECT wording, language, given_through, withdrawn_at IS NULL AS stands FROM people.question_consents ORDER BY wording
"""


def told(**answers: Any) -> dict[str, Any]:
    """Answers by the names of the questions, as the inputs are called."""
    asked = {"bed": BED, "pitch": PITCH, "sights": SIGHTS, "farm": FARM, "photos": PHOTOS}
    return {f"answers.{asked[name].id}": value for name, value in answers.items()}


async def fair(desk: Desk) -> EventPublished:
    event = desk.world.event("fair", households=9)
    await desk.world.programme()
    await desk.world.hear(event)
    await ask_for(desk.world, event.event_id, *EVERY)
    return event


async def book(desk: Desk, page: Page | None = None, **answers: Any) -> Page:
    page = page or await desk.get("/en/register/fair")
    return await desk.fill_in(page, "register/fair", **FAMILY, **told(**answers))


async def kept(world: World) -> dict[str, Any]:
    return {row["label"]: row["value"] for row in await world.rows(ANSWERS)}


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


# In the form ----------------------------------------------------------------------------------------------------------


async def test_the_form_asks_in_order_and_says_when_a_question_applies(desk: Desk) -> None:
    await fair(desk)
    page = await desk.get("/en/register/fair")
    places = [page.text.index(one.labels["en"]) for one in (BED, SIGHTS, PHOTOS)]
    assert places == sorted(places)
    assert "Only if you answered Tent to “Where do you sleep?”" in page.text
    assert "questions.js" in page.text
    _, fields = page.form("register/fair")
    assert f"answers.{PHOTOS.id}" not in fields, "a consent is unticked"


async def test_where_nothing_is_asked_no_script_is_sent_for_it(desk: Desk) -> None:
    await desk.world.programme()
    await desk.world.hear(desk.world.event("fair", households=9))
    assert "questions.js" not in (await desk.get("/en/register/fair")).text


async def test_answers_are_kept_with_the_booking_in_the_words_and_language_that_were_read(desk: Desk) -> None:
    await fair(desk)
    assert (
        await book(desk, bed="tent", pitch="12,5", sights=["school", "farm"], farm="Kale", photos="1")
    ).status == 303
    assert await desk.world.rows(ANSWERS) == [
        {"label": label, "value": value, "wording": 1, "language": "en", "given_through": "form"}
        for label, value in (
            ("Where do you sleep?", "tent"),
            ("How large is the tent?", 12.5),
            ("What would you see?", ["school", "farm"]),
            ("What would you grow?", "Kale"),
            ("You may take photographs of us.", True),
        )
    ]
    assert await desk.world.rows(CONSENTS) == [
        {"wording": 1, "language": "en", "given_through": "form", "stands": True}
    ]


async def test_wrong_answers_are_said_together_with_the_rest_and_nothing_typed_is_lost(desk: Desk) -> None:
    await fair(desk)
    page = await desk.get("/en/register/fair")
    answers = told(bed="tent", pitch="large", sights=["farm"], farm="Kale", photos="1")
    refused = await desk.fill_in(page, "register/fair", **{**FAMILY, "name": ""}, **answers)
    assert refused.status == 422 and "2 things to mend" in refused.text
    assert f'href="#answers.{PITCH.id}"' in refused.text and 'href="#name"' in refused.text
    _, fields = refused.form("register/fair")
    assert {name: fields[name] for name in answers} == {
        name: value if isinstance(value, list) else [value] for name, value in answers.items()
    }
    again = await desk.fill_in(refused, "register/fair", **FAMILY, **told(pitch="12"))
    assert again.status == 303
    assert (await kept(desk.world))["How large is the tent?"] == 12


async def test_answers_alone_that_are_wrong_book_nobody(desk: Desk) -> None:
    await fair(desk)
    refused = await book(desk, bed="moon")
    assert refused.status == 422 and "Choose one of the options." in refused.text and "Sanne de Vries" in refused.text
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []
    assert await desk.world.rows("SELECT 1 FROM bookings") == []


async def test_who_comes_already_is_asked_as_everybody_is_and_their_answers_stay(desk: Desk) -> None:
    await fair(desk)
    assert (await book(desk, bed="hotel")).status == 303
    assert (await book(desk)).status == 422, "it tells nobody that they come already"
    assert (await book(desk, bed="friends")).status == 303
    assert await kept(desk.world) == {"Where do you sleep?": "hotel"}


async def test_a_form_left_open_over_a_new_wording_agrees_to_nothing_and_is_asked_anew(desk: Desk) -> None:
    event = await fair(desk)
    page = await desk.get("/en/register/fair")
    reworded = replace(PHOTOS, labels={"en": "You may print photographs of us."}, position=5)
    await change(desk.world, event.event_id, reworded)
    refused = await book(desk, page, bed="hotel", photos="1")
    assert refused.status == 422
    assert "The wording has changed since you opened this page" in refused.text
    assert "You may print photographs of us." in refused.text
    _, fields = refused.form("register/fair")
    assert f"answers.{PHOTOS.id}" not in fields and fields[f"answers.{BED.id}"] == ["hotel"]
    assert (await book(desk, refused, photos="2")).status == 303
    (consent,) = await desk.world.rows(CONSENTS)
    assert consent["wording"] == 2
    words = await desk.world.rows("SELECT wording, labels FROM question_wordings WHERE question_id = $1", PHOTOS.id)
    assert [row["labels"]["en"] for row in sorted(words, key=lambda row: row["wording"])] == [
        "You may take photographs of us.",
        "You may print photographs of us.",
    ]


async def test_a_question_is_shown_in_another_language_where_its_own_is_missing(desk: Desk) -> None:
    event = await fair(desk)
    await ask_for(desk.world, event.event_id, question(Kind.TEXT, "", id=uuid4(), labels={"nb": "Kva køyrer de?"}))
    page = await desk.get("/nl/register/fair")
    assert '<span lang="nb">Kva køyrer de?</span>' in page.text
    assert '<span lang="en">Where do you sleep?</span>' in page.text


async def test_what_they_look_for_is_asked_and_kept(desk: Desk) -> None:
    await fair(desk)
    page = await desk.get("/en/register/fair")
    answers = {**FAMILY, **told(bed="hotel")}
    assert (await desk.fill_in(page, "register/fair", **answers, looking_for=["moon"])).status == 422
    assert (await desk.fill_in(page, "register/fair", **answers, looking_for=["jobs", "farms"])).status == 303
    assert await desk.world.rows("SELECT looking_for FROM people.households") == [{"looking_for": ["jobs", "farms"]}]
    await desk.sign_in(Role.ORGANISER)
    (booking,) = await desk.world.rows("SELECT id FROM bookings")
    shown = await desk.get(f"/en/console/havlandet/attendees/fair/{booking['id']}")
    assert "Jobs, Farms and land" in shown.text
    wondering = await desk.get("/en/interest/havlandet")
    sent = await desk.fill_in(wondering, "interest/havlandet", looking_for=["school"], **FAMILY)
    assert sent.status == 303
    assert " · School" in (await desk.get("/en/console/havlandet/leads")).text
    (visitor,) = await desk.world.rows("SELECT id FROM people.visitors")
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await people.erase(tx, visitor["id"])
    assert await desk.world.rows("SELECT looking_for FROM interests") == [{"looking_for": []}]


# By API ---------------------------------------------------------------------------------------------------------------


async def send(desk: Desk, answers: Any) -> tuple[int, Any]:
    body = {**FAMILY, "language": "nb", "answers": answers}
    async with desk.client.post("/api/v1/events/fair/bookings", json=body, headers=OURS) as response:
        return response.status, await response.json()


async def test_programs_read_the_questions_and_answer_them(desk: Desk) -> None:
    await fair(desk)
    async with desk.client.get("/api/v1/events/fair/places") as response:
        asked = (await response.json())["questions"]
    assert [one["id"] for one in asked] == [str(one.id) for one in EVERY]
    assert asked[1]["shown_when"] == str(BED.id) and asked[1]["shown_for"] == ["tent"]
    assert asked[0]["options"][0] == {"key": "hotel", "labels": {"en": "Hotel", "nb": "Hotel (nb)"}}
    by_label = {one["labels"]["en"]: one for one in asked}
    status, _ = await send(
        desk,
        {
            by_label["Where do you sleep?"]["id"]: "tent",
            by_label["How large is the tent?"]["id"]: 12.5,
            by_label["What would you see?"]["id"]: ["farm"],
            by_label["You may take photographs of us."]["id"]: by_label["You may take photographs of us."]["wording"],
        },
    )
    assert status == 202
    rows = await desk.world.rows(ANSWERS)
    assert [(row["value"], row["language"], row["given_through"]) for row in rows] == [
        (value, "nb", "api") for value in ("tent", 12.5, ["farm"], True)
    ]


async def test_a_program_is_told_which_answer_is_wrong(desk: Desk) -> None:
    await fair(desk)
    bed, pitch, photos, unknown = str(BED.id), str(PITCH.id), str(PHOTOS.id), str(UUID(int=7))
    for answers, field in (
        ({}, bed),
        ({bed: "moon"}, bed),
        ({bed: "tent", pitch: "x"}, pitch),
        ({bed: "hotel", photos: 2}, photos),
        ({bed: "hotel", unknown: "x"}, unknown),
    ):
        status, problem = await send(desk, answers)
        assert status == 422
        assert [one["field"] for one in problem["errors"]] == [f"answers.{field}"]
    for nothing in (True, None, {"a": 1}, [1], [["a"]]):
        status, problem = await send(desk, {bed: "hotel", photos: nothing})
        assert status == 422, "true does not say to which wording"
        assert problem["errors"][0]["field"].startswith(f"answers.{photos}")
    assert await desk.world.rows("SELECT 1 FROM bookings") == []


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
    await enter(desk, family.booking_id)
    data = json.loads((await desk.get("/en/my-booking/data")).text)
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
