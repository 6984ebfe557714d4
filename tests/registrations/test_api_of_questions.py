"""The JSON API for what an event asks: the same command and the same checks as the editor's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from registrations.commands.answers import questions_of
from registrations.domain.questions import Question
from services.identity import audit
from services.routes import Role
from tests.house.people import Person
from tests.registrations.asked import BED, EVERY, PITCH, anew, ask_for
from tests.registrations.desks import Desk
from tests.registrations.test_api import PROGRAMME, ask

ASKED = f"{PROGRAMME}/attendees/fair/questions"
WHERE = {
    "kind": "choice",
    "labels": {"en": "Where do you sleep?", "nb": "Hvor sover dere?"},
    "options": [{"labels": {"en": "Hotel", "nb": "Hotell"}}, {"labels": {"en": "Tent", "nb": "Telt"}}],
    "required": True,
}


async def fair(desk: Desk, *wanted: Question) -> tuple[UUID, Person]:
    event = desk.world.event("fair", households=9)
    await desk.world.programme()
    await desk.world.hear(event)
    await ask_for(desk.world, event.event_id, *wanted)
    return event.event_id, await desk.sign_in(Role.ORGANISER)


def body_of(shown: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What was read of a question, as it is sent back."""
    names = ("labels", "hints", "options", "required", "least", "most", "shown_when", "shown_for", "version")
    return {**{name: shown[name] for name in names}, **changed}


async def test_a_question_is_asked_changed_moved_withdrawn_and_asked_again(desk: Desk) -> None:
    _, person = await fair(desk)
    status, answer = await ask(desk, "POST", ASKED, WHERE, person=person)
    assert status == 201
    (where,) = answer["items"]
    assert (where["required"], [one["key"] for one in where["options"]]) == (True, ["hotel", "tent"])
    size = {"kind": "number", "labels": {"en": "How large?"}, "least": 1, "most": 2.5, "required": True}
    condition = {"shown_when": where["id"], "shown_for": ["tent"]}
    _, answer = await ask(desk, "POST", ASKED, {**size, **condition}, person=person)
    _, size = answer["items"]
    assert (size["shown_when"], size["shown_for"], size["most"]) == (where["id"], ["tent"], 2.5)
    (shown, _) = (await ask(desk, "GET", "/api/v1/events/fair/places"))[1]["questions"]
    assert shown["labels"]["nb"] == "Hvor sover dere?"

    changed = body_of(where, labels={"en": "Your bed?"}, hints={"nb": "Skriv kort"}, required=False)
    _, answer = await ask(desk, "PUT", f"{ASKED}/{where['id']}", changed, person=person)
    new = answer["items"][0]
    assert (new["labels"], new["hints"], new["required"]) == ({"en": "Your bed?"}, {"nb": "Skriv kort"}, False)
    assert (new["wording"], new["version"], new["options"]) == (2, 2, where["options"])
    status, late = await ask(desk, "PUT", f"{ASKED}/{where['id']}", changed, person=person)
    assert (status, late["code"]) == (409, "changed-meanwhile")

    up = {"to": "up", "position": size["position"]}
    status, refused = await ask(desk, "POST", f"{ASKED}/{size['id']}/move", up, person=person)
    assert (status, refused["code"], refused["flaw"]) == (409, "cannot-be-asked", "not_before")
    assert refused["question_id"] == size["id"] and "How large?" in refused["detail"]
    status, refused = await ask(desk, "POST", f"{ASKED}/{where['id']}/retire", {"version": 2}, person=person)
    assert (status, refused["flaw"]) == (409, "unknown")
    free = body_of(size, shown_when=None, shown_for=[])
    await ask(desk, "PUT", f"{ASKED}/{size['id']}", free, person=person)
    _, answer = await ask(desk, "POST", f"{ASKED}/{size['id']}/move", up, person=person)
    assert [one["id"] for one in answer["items"]] == [size["id"], where["id"]]
    _, answer = await ask(desk, "POST", f"{ASKED}/{size['id']}/retire", {"version": 2}, person=person)
    assert [(one["id"], one["retired"]) for one in answer["items"]] == [(where["id"], False), (size["id"], True)]
    again = {"version": 3, "again": True}
    _, answer = await ask(desk, "POST", f"{ASKED}/{size['id']}/retire", again, person=person)
    assert [(one["id"], one["retired"]) for one in answer["items"]] == [(where["id"], False), (size["id"], False)]


async def test_what_another_event_asks_is_asked_here_once(desk: Desk) -> None:
    event_id, person = await fair(desk)
    other = desk.world.event("other", households=9)
    await desk.world.hear(other)
    await ask_for(desk.world, other.event_id, *anew(*EVERY))
    for _ in range(2):
        status, answer = await ask(desk, "POST", f"{ASKED}/copy", {"event": str(other.event_id)}, person=person)
        assert (status, answer["event_id"], len(answer["items"])) == (200, str(event_id), len(EVERY))
    bed, pitch, *_ = answer["items"]
    assert (pitch["shown_when"], pitch["shown_for"]) == (bed["id"], ["tent"])
    assert (await ask(desk, "POST", f"{ASKED}/copy", {"event": str(uuid4())}, person=person))[0] == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"labels": {}}, "labels"),
        ({"labels": {"xx": "Where?"}}, "labels"),
        ({"options": [{"labels": {"en": "Hotel"}}]}, "options"),
        ({"kind": "guess"}, "kind"),
        ({"kind": "number", "least": 3, "most": 2}, "most"),
        ({"kind": "date", "earliest": "2027-05-02", "latest": "2027-05-01"}, "latest"),
        ({"shown_for": ["tent"]}, "shown_for"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_what_cannot_be_asked_names_the_field_and_asks_nothing(
    desk: Desk, changed: dict[str, Any], field: str
) -> None:
    _, person = await fair(desk)
    status, answer = await ask(desk, "POST", ASKED, {**WHERE, **changed}, person=person)
    assert (status, [one["field"] for one in answer["errors"]]) == (422, [field])
    assert await desk.world.rows("SELECT 1 FROM questions") == []


async def test_a_condition_must_be_one_that_can_come_true(desk: Desk) -> None:
    bed, _ = anew(BED, PITCH)
    _, person = await fair(desk, bed)
    for shown_when, key, flaw in ((str(bed.id), "castle", "no_keys"), (str(uuid4()), "tent", "unknown")):
        text = {"kind": "text", "labels": {"en": "Why?"}, "shown_when": shown_when, "shown_for": [key]}
        status, refused = await ask(desk, "POST", ASKED, text, person=person)
        assert (status, refused["code"], refused["flaw"]) == (409, "cannot-be-asked", flaw)


async def test_only_organisers_of_the_programme_change_what_is_asked(desk: Desk) -> None:
    bed, pitch = anew(BED, PITCH)
    event_id, _ = await fair(desk, bed, pitch)
    body = {"labels": {"en": "Other words"}, "version": 1}
    for role in (Role.CHECK_IN, Role.STAND_HOST, Role.READER, None):
        person = await desk.sign_in(role) if role else None
        if person is None:
            desk.client.session.cookie_jar.clear()
        for method, path, sent in (
            ("GET", ASKED, None),
            ("POST", ASKED, WHERE),
            ("PUT", f"{ASKED}/{pitch.id}", body),
            ("POST", f"{ASKED}/{pitch.id}/retire", {"version": 1}),
        ):
            assert (await ask(desk, method, path, sent, person=person))[0] in {401, 403}
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        assert [one.version for one in await questions_of(tx, event_id)] == [1, 1]


async def test_changes_by_api_are_in_the_log_as_those_of_the_page_are(desk: Desk) -> None:
    _, person = await fair(desk)
    await ask(desk, "POST", ASKED, WHERE, person=person)
    async with desk.running.contexts["identity"].database.transaction(None) as tx:
        entries = await audit.listed(tx, desk.world.programme_id, 5)
    assert [one.action for one in entries if one.action.startswith("question.")] == ["question.added"]
