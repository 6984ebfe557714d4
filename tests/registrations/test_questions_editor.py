"""The editor of an event's questions, as an organiser's browser without scripts sends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from registrations.commands import questions
from registrations.commands.answers import questions_of
from registrations.commands.rules import rules_for, set_rules
from registrations.domain.questions import Kind, Question, asked_in_order
from registrations.domain.records import EventRules, LinePolicy
from services.identity import audit
from services.routes import Role
from tests.registrations.asked import BED, EVERY, PHOTOS, PITCH, SIGHTS, anew, ask_for, question
from tests.registrations.desks import Desk, Page
from tests.registrations.worlds import World

EDITOR = "/en/console/havlandet/attendees/fair/questions"


async def fair(desk: Desk, *wanted: Question) -> UUID:
    event = desk.world.event("fair", households=9)
    await desk.world.programme()
    await desk.world.hear(event)
    await ask_for(desk.world, event.event_id, *wanted)
    await desk.sign_in(Role.ORGANISER)
    return event.event_id


async def asked(world: World, event_id: UUID) -> list[Question]:
    async with world.database.transaction(world.programme_id) as tx:
        return asked_in_order(await questions_of(tx, event_id))


async def write(desk: Desk, kind: str, **fields: Any) -> Page:
    page = await desk.get(f"{EDITOR}/new?kind={kind}")
    return await desk.fill_in(page, "questions/new", **{name.replace("__", "."): text for name, text in fields.items()})


async def test_questions_of_every_kind_are_written_and_asked_in_that_order(desk: Desk) -> None:
    event_id = await fair(desk)
    empty = await desk.get(EDITOR)
    assert "Nothing is asked yet" in empty.text
    options = {
        "options__0__labels__en": "Hotel",
        "options__2__labels__en": "In a tent!",
        "options__2__labels__nb": "Telt",
    }
    for kind, fields in (
        ("choice", {"labels__en": "Where do you sleep?", "required": "on", **options}),
        ("choices", {"labels__nb": "Kva vil de sjå?", **options}),
        ("text", {"labels__en": "Which?", "hints__en": "In a word", "longest": "400"}),
        ("number", {"labels__en": "How many?", "least": "1", "most": "2,5"}),
        ("date", {"labels__en": "When?", "earliest": "2027-05-01"}),
        ("consent", {"labels__en": "You may take photographs."}),
    ):
        saved = await write(desk, kind, **fields)
        assert saved.status == 303, saved.text
    found = await asked(desk.world, event_id)
    assert [one.kind for one in found] == ["choice", "choices", "text", "number", "date", "consent"]
    assert found[0].required and found[0].keys == ("hotel", "telt")
    assert found[0].options[1].labels == {"en": "In a tent!", "nb": "Telt"}
    assert (found[2].longest, str(found[3].most), str(found[4].earliest)) == (400, "2.5", "2027-05-01")
    shown = await desk.get(EDITOR)
    assert shown.text.index("Where do you sleep?") < shown.text.index("Which?")
    assert "missing" in shown.text
    public = await desk.get("/en/register/fair")
    assert "You may take photographs." in public.text
    preview = await desk.get(f"{EDITOR}/preview")
    assert "In a tent!" in preview.text and 'type="submit"' not in preview.text.split("<main")[1].split("</main")[0]
    rows = await desk.world.rows("SELECT wording FROM question_wordings")
    assert len(rows) == 6


async def test_what_cannot_be_asked_is_said_and_nothing_typed_is_lost(desk: Desk) -> None:
    event_id = await fair(desk)
    for kind, fields, field in (
        ("text", {"hints__en": "Help"}, "labels"),
        ("choice", {"labels__en": "Which?", "options__0__labels__en": "One"}, "options"),
        ("number", {"labels__en": "How many?", "least": "3", "most": "2"}, "most"),
        ("date", {"labels__en": "When?", "earliest": "2027-05-02", "latest": "2027-05-01"}, "latest"),
        ("number", {"labels__en": "How many?", "least": "x"}, "least"),
        ("text", {"labels__en": "x" * 501}, "labels"),
        ("text", {"labels__en": "Why?", "shown_for": [f"{uuid4()}/a"]}, "shown_for"),
        ("text", {"labels__en": "Why?", "shown_for": [f"{uuid4()}/a", f"{uuid4()}/b"]}, "shown_for"),
    ):
        refused = await write(desk, kind, **fields)
        assert refused.status in {409, 422} and "to mend" in refused.text, (kind, fields)
        text = str(fields.get("labels__en", "Help"))
        assert text in refused.text, field
    assert await asked(desk.world, event_id) == []


async def test_a_new_wording_has_a_new_number_and_options_keep_their_keys(desk: Desk) -> None:
    event_id = await fair(desk, BED)
    page = await desk.get(f"{EDITOR}/{BED.id}")
    fields = {"options.0.labels.en": "Inn", "options.2.labels.en": "", "options.2.labels.nb": ""}
    assert (await desk.fill_in(page, f"questions/{BED.id}", **fields)).status == 303
    (found,) = await asked(desk.world, event_id)
    assert [(one.key, one.labels["en"], one.gone) for one in found.options] == [
        ("hotel", "Inn", False),
        ("tent", "Tent", False),
        ("friends", "Friends", True),
    ]
    assert (found.wording, found.version, found.kind) == (2, 2, Kind.CHOICE)
    page = await desk.get(f"{EDITOR}/{BED.id}")
    assert (await desk.fill_in(page, f"questions/{BED.id}", required=None)).status == 303
    (found,) = await asked(desk.world, event_id)
    assert (found.wording, found.version, found.required) == (2, 3, False), "no other words: the same wording"


async def test_two_who_change_one_question_are_told_apart(desk: Desk) -> None:
    event_id = await fair(desk, PHOTOS)
    pages = [await desk.get(f"{EDITOR}/{PHOTOS.id}") for _ in range(2)]
    first, second = [
        await desk.fill_in(page, f"questions/{PHOTOS.id}", **{"labels.en": words})
        for page, words in zip(pages, ("First words", "Second words"), strict=True)
    ]
    assert (first.status, second.status) == (303, 409)
    assert "Somebody else changed this meanwhile" in second.text and "Second words" in second.text
    assert (await asked(desk.world, event_id))[0].labels["en"] == "First words"


async def test_a_question_is_made_to_depend_on_an_earlier_one(desk: Desk) -> None:
    event_id = await fair(desk, BED, SIGHTS)
    page = await desk.get(f"{EDITOR}/new?kind=number")
    assert "Where do you sleep? – Tent" in page.text
    fields = {"labels.en": "How large?", "shown_for": [f"{BED.id}/tent", f"{BED.id}/friends"]}
    assert (await desk.fill_in(page, "questions/new", **fields)).status == 303
    last = (await asked(desk.world, event_id))[-1]
    assert (last.shown_when, last.shown_for) == (BED.id, ("tent", "friends"))
    _, fields = (await desk.get(f"{EDITOR}/{last.id}")).form(f"questions/{last.id}")
    assert fields["shown_for"] == [f"{BED.id}/tent", f"{BED.id}/friends"]
    fields["shown_for"] = [f"{BED.id}/tent", f"{SIGHTS.id}/farm"]
    refused = await desk.send(f"{EDITOR}/{last.id}", fields)
    assert refused.status == 422 and "Choose answers to one question only" in refused.text
    first = await desk.get(f"{EDITOR}/{BED.id}")
    assert "Ask only after" not in first.text, "nothing comes before it"
    without = {"options.1.labels.en": "", "options.1.labels.nb": ""}
    refused = await desk.fill_in(first, f"questions/{BED.id}", **without)
    assert refused.status == 409 and "“How large?” is asked only after an answer" in refused.text


async def test_questions_change_places_and_never_before_what_they_depend_on(desk: Desk) -> None:
    event_id = await fair(desk, BED, PITCH, SIGHTS)
    page = await desk.get(EDITOR)
    moves = [(target, fields) for target, fields in page.forms() if target.endswith("/move")]
    assert len(moves) == 4, "the first goes no higher, the last no lower"
    refused = await desk.fill_in(page, f"{PITCH.id}/move", follow=True)
    assert "must come after the question that it depends on" in refused.text
    moved = await desk.fill_in(page, f"{SIGHTS.id}/move", follow=True)
    assert "The order is changed" in moved.text
    assert [one.id for one in await asked(desk.world, event_id)] == [BED.id, SIGHTS.id, PITCH.id]
    async with desk.running.contexts["identity"].database.transaction(None) as tx:
        audited = await audit.listed(tx, desk.world.programme_id, 5)
    done = [(one.action, one.subject) for one in audited if one.action.startswith("question.")]
    assert done == [("question.moved", f"question:{SIGHTS.id}")], "what was refused is not written down"
    late = await desk.fill_in(page, f"{SIGHTS.id}/move", follow=True)
    assert "Somebody else changed the questions meanwhile" in late.text
    assert [one.id for one in await asked(desk.world, event_id)] == [BED.id, SIGHTS.id, PITCH.id]


async def test_a_question_is_taken_away_and_its_answers_stay(desk: Desk) -> None:
    event_id = await fair(desk, BED, PITCH)
    (event,) = await desk.world.rows("SELECT id FROM events")
    family = desk.world.household(desk.world.event("fair", event_id=event["id"]), answers={BED.id: ["hotel"]})
    await desk.world.decide(family)
    page = await desk.get(EDITOR)
    assert "1 answer" in page.text
    refused = await desk.fill_in(page, f"{BED.id}/retire", follow=True)
    assert "“How large is the tent?” is asked only after a question" in refused.text
    await desk.fill_in(page, f"{PITCH.id}/retire", follow=True)
    done = await desk.fill_in(page, f"{BED.id}/retire", follow=True)
    assert "It is no longer asked" in done.text and await asked(desk.world, event_id) == []
    assert "Where do you sleep?" not in (await desk.get("/en/register/fair")).text
    booking = await desk.get(f"/en/console/havlandet/attendees/fair/{family.booking_id}")
    assert "Where do you sleep?" in booking.text and "Hotel" in booking.text
    assert (await desk.get(f"{EDITOR}/{BED.id}")).status == 404
    again = await desk.fill_in(done, f"{BED.id}/retire", follow=True)
    assert "It is asked again" in again.text
    assert [one.id for one in await asked(desk.world, event_id)] == [BED.id]


async def test_what_another_event_asks_is_asked_here_in_one_go_and_once(desk: Desk) -> None:
    event_id = await fair(desk, SIGHTS)
    other = desk.world.event("home", households=3)
    await desk.world.hear(other)
    await ask_for(desk.world, other.event_id, *anew(*EVERY))
    for _ in range(2):
        page = await desk.get(EDITOR)
        done = await desk.fill_in(page, "questions/copy", event=other.event_id, follow=True)
        assert "asked here too" in done.text
    found = {one.labels["en"]: one for one in await asked(desk.world, event_id)}
    assert list(found) == [
        "What would you see?",
        "Where do you sleep?",
        "How large is the tent?",
        "What would you grow?",
        "You may take photographs of us.",
    ]
    assert found["How large is the tent?"].shown_when == found["Where do you sleep?"].id
    assert found["What would you grow?"].shown_when == SIGHTS.id, "that one was asked here already"


async def test_only_organisers_of_the_programme_touch_its_questions(desk: Desk) -> None:
    await fair(desk, BED)
    for role in (Role.STAND_HOST, Role.READER):
        await desk.sign_in(role)
        for path in ("", "/new?kind=text", f"/{BED.id}", "/preview"):
            assert (await desk.get(f"{EDITOR}{path}")).status == 403
        assert (await desk.send(f"{EDITOR}/{BED.id}/retire", {"version": 1})).status == 403


async def test_questions_are_changed_one_after_the_other(world: World) -> None:
    event = world.event("fair", households=3)
    await world.hear(event)
    await ask_for(world, event.event_id, BED)
    async with world.database.transaction(world.programme_id) as tx:
        await questions.add(tx, event.event_id, SIGHTS)
        async with world.database.transaction(world.programme_id) as other:
            locked = await other.connection.fetchval(
                "SELECT id FROM events WHERE id = $1 FOR UPDATE SKIP LOCKED", event.event_id
            )
        assert locked is None, "whoever comes second waits for the first"


async def test_a_copied_event_asks_what_the_first_one_asks_once_whatever_is_changed_of_it_then(desk: Desk) -> None:
    first = await fair(desk, *EVERY)
    again = desk.world.event("again", households=9, copied_from=first)
    await desk.world.hear(again)
    carried = await asked(desk.world, again.event_id)
    assert [one.labels for one in carried] == [one.labels for one in EVERY]
    bed, pitch, *_ = carried
    assert (pitch.shown_when, pitch.shown_for) == (bed.id, ("tent",)) and bed.id != BED.id
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        for one in reversed(carried):
            await questions.retire(tx, again.event_id, one.id, one.version)
    await ask_for(desk.world, first, question(Kind.TEXT, "Anything else?", position=6))
    await desk.world.hear(again.model_copy(update={"version": 2}))
    assert await asked(desk.world, again.event_id) == [], "what was taken away does not come back"
    assert len(await asked(desk.world, first)) == len(EVERY) + 1


async def test_a_copied_event_gives_its_places_out_as_the_first_one_does(desk: Desk) -> None:
    first = await fair(desk)
    own = EventRules(line=LinePolicy.OFFER, approval=True, largest_group=40, cancel_until=timedelta(hours=48))
    drawn = replace(own, draw_at=desk.world.clock.now() + timedelta(days=1))
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, first, drawn)
    again = desk.world.event("again", households=9, copied_from=first)
    await desk.world.hear(again)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        assert await rules_for(tx, again.event_id) == own, "all but the moment of its lots"
        await set_rules(tx, again.event_id, EventRules())
    await desk.world.hear(again.model_copy(update={"version": 2}))
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        assert await rules_for(tx, again.event_id) == EventRules(), "what was changed of it stays"
    usual = desk.world.event("usual", households=9, copied_from=(await plain(desk)))
    await desk.world.hear(usual)
    assert len(await desk.world.rows("SELECT event_id FROM event_rules")) == 2, "no rules of its own to carry"


async def plain(desk: Desk) -> UUID:
    """An event without rules of its own."""
    event = desk.world.event("plain", households=9)
    await desk.world.hear(event)
    return event.event_id


async def test_the_questions_of_another_programmes_event_are_not_carried_over(desk: Desk) -> None:
    event_id = await fair(desk, *EVERY)
    stranger = desk.world.event("theirs", households=9, copied_from=event_id, programme_id=uuid4())
    await desk.world.hear(stranger)
    async with desk.world.database.transaction(stranger.programme_id) as tx:
        assert await questions_of(tx, stranger.event_id) == []
