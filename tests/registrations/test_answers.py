"""Questions in the booking form and by API, and their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from events.facts import EventPublished
from registrations.commands import people
from registrations.domain.questions import Kind
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
