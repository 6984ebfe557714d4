"""The JSON API of "Hear more from us": one answer for everybody, and the same defence as the form's."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from registrations.domain import proof
from services.routes import Role
from services.settings import Settings
from tests.registrations.attacks import LIMIT, figure, stranger
from tests.registrations.desks import Desk
from tests.registrations.test_api import ask

PATH = "/api/v1/programmes/havlandet/interests"
OLA = {"name": "Ola Nordmann", "email": "ola@example.org", "language": "nb", "message": "Is there a school?"}

pytestmark = pytest.mark.usefixtures("small_sums")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"attack": LIMIT})


async def programme(desk: Desk) -> None:
    """Published, and known to the directory; nobody is signed in."""
    await desk.world.programme()
    await desk.sign_in(Role.READER)
    desk.client.session.cookie_jar.clear()


async def kept(desk: Desk) -> list[dict[str, Any]]:
    return await desk.world.rows(
        "SELECT v.name, v.email, v.language, i.message, i.lives_in, i.looking_for FROM interests i"
        " JOIN people.visitors v ON v.id = i.visitor_id ORDER BY i.id"
    )


async def test_whoever_wants_to_hear_more_is_kept_with_their_consents_and_told_of(desk: Desk) -> None:
    await programme(desk)
    via = desk.world.keys.sign("via", str(UUID(int=5)))
    body = {**OLA, "lives_in": "Utrecht", "looking_for": ["school"], "follow_up": True, "via": via}
    status, receipt = await ask(desk, "POST", PATH, body)
    assert (status, set(receipt)) == (202, {"received_at"})
    (row,) = await kept(desk)
    assert row == {**OLA, "lives_in": "Utrecht", "looking_for": ["school"]}
    assert await desk.world.rows("SELECT purpose, given_through, language FROM people.consents") == [
        {"purpose": "follow_up", "given_through": "api", "language": "nb"}
    ]
    ((what, fact),) = await desk.world.told()
    assert (what, fact["via"]) == ("interest.registered", str(UUID(int=5)))
    assert "Ola" not in str(fact)


async def test_the_answer_is_the_same_for_who_is_known_and_who_is_not_and_a_key_is_one_interest(desk: Desk) -> None:
    await programme(desk)
    first = await ask(desk, "POST", PATH, OLA)
    known = await ask(desk, "POST", PATH, {**OLA, "message": "And a job?"})
    assert first[0] == known[0] == 202 and set(first[1]) == set(known[1])
    attempt = {"attempt": str(uuid4())}
    for _ in range(2):
        assert (await ask(desk, "POST", PATH, {**OLA, **attempt}))[0] == 202
    assert len(await kept(desk)) == 3


async def test_two_guests_who_send_the_same_key_are_two(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await programme(desk)
    for number, email in enumerate(("a@example.org", "b@example.org")):
        monkeypatch.setattr("services.http.idempotency.network", lambda _, number=number: f"192.0.2.{number}")
        assert (await ask(desk, "POST", PATH, {**OLA, "email": email}, key="1"))[0] == 202
    assert sorted(one["email"] for one in await kept(desk)) == ["a@example.org", "b@example.org"]


async def test_a_machine_that_fills_everything_in_gets_the_usual_answer_and_nothing_is_stored(desk: Desk) -> None:
    await programme(desk)
    before = figure("blest_registrations_trapped_total", form="interest")
    status, receipt = await ask(desk, "POST", PATH, {**OLA, "website": "https://spam.example"})
    assert (status, set(receipt)) == (202, {"received_at"})
    assert figure("blest_registrations_trapped_total", form="interest") == before + 1
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []


async def test_in_a_rush_a_solved_challenge_is_asked_for(desk: Desk) -> None:
    await programme(desk)
    for _ in range(3 * LIMIT):
        assert (await ask(desk, "POST", PATH, {**OLA, "email": stranger()}))[0] == 202
    status, problem = await ask(desk, "POST", PATH, OLA)
    assert (status, problem["code"]) == (403, "proof-needed")
    challenge = problem["proof"]["challenge"]
    numbers = proof.solve(challenge, problem["proof"]["bits"])
    solved = {**OLA, "proof": f"{challenge}:{','.join(map(str, numbers))}"}
    assert (await ask(desk, "POST", PATH, solved))[0] == 202
    assert (await ask(desk, "POST", PATH, solved))[0] == 403, "a proof is one interest"
    assert len(await kept(desk)) == 3 * LIMIT + 1


async def test_one_address_sends_no_flood(desk: Desk) -> None:
    await programme(desk)
    body = {**OLA, "website": "trapped, so that nothing is counted but calls"}
    answers = [(await ask(desk, "POST", PATH, body))[0] for _ in range(31)]
    assert (set(answers[:30]), answers[30]) == ({202}, 429)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "x"}, "email"),
        ({"language": "de"}, "language"),
        ({"target_groups": [str(UUID(int=9))]}, "target_groups"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_what_is_wrong_names_the_field_and_keeps_nothing(desk: Desk, changed: dict[str, Any], field: str) -> None:
    await programme(desk)
    status, answer = await ask(desk, "POST", PATH, {**OLA, **changed})
    assert (status, [one["field"] for one in answer["errors"]]) == (422, [field])
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []


async def test_a_programme_that_is_not_published_takes_no_interest(desk: Desk) -> None:
    await programme(desk)
    await desk.world.rows("UPDATE programmes SET status = 'draft' RETURNING 1")
    assert (await ask(desk, "POST", PATH, OLA))[0] == 404
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []
