"""Spam held off beyond the page: by API, between processes, and for those who look after the house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registrations.commands import guarding
from registrations.commands.guarding import Lack, Unproved, Watch
from registrations.domain import proof
from registrations.upkeep import CHECKS
from services.clock import MovedClock
from services.settings import Settings
from tests.registrations.attacks import LIMIT, attack, book, fair, many, solved
from tests.registrations.conftest import PROGRAMME
from tests.registrations.desks import OURS, Desk
from tests.registrations.worlds import World

pytestmark = pytest.mark.usefixtures("small_sums")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"attack": LIMIT})


async def test_a_program_is_handed_the_challenge_and_books_with_its_solution(desk: Desk) -> None:
    event = await fair(desk)
    await attack(desk)
    body = {"name": "Sanne de Vries", "email": "sanne@example.org", "adults": 2}
    headers = {**OURS, "Idempotency-Key": "sanne-1"}
    response = await desk.client.post("/api/v1/events/fair/bookings", json=body, headers=headers)
    problem = await response.json()
    assert (response.status, problem["code"]) == (403, "proof-needed")
    asked = problem["proof"]
    assert asked["lack"] == "missing" and asked["pieces"] == proof.PIECES and str(event.event_id) in asked["challenge"]
    found = ",".join(map(str, proof.solve(asked["challenge"], asked["bits"])))
    again = await desk.client.post(
        "/api/v1/events/fair/bookings", json={**body, "proof": f"{asked['challenge']}:{found}"}, headers=headers
    )
    assert again.status == 202, "a refusal for want of a proof does not use the key up"
    assert await many(desk) == LIMIT + 1


async def test_two_processes_count_together_and_a_proof_is_spent_in_both(
    world: World, settings: Settings, clock: MovedClock
) -> None:
    contexts = [world.context(), world.context()]
    for context in contexts:
        context.settings = settings
        context.resources["watch"] = Watch(context)
    event_id = uuid4()

    async def ask(process: int, found: str = "", attempt: Any = None) -> None:
        await guarding.admit(contexts[process], PROGRAMME, event_id, attempt or uuid4(), found)

    for number in range(LIMIT):
        await ask(number % 2)
        clock.move(timedelta(seconds=1))
    with pytest.raises(Unproved):
        await ask(0)  # neither has had more than half of what is too many
    clock.move(timedelta(seconds=1))
    with pytest.raises(Unproved) as caught:
        await ask(1)
    signed = caught.value.signed
    found = f"{signed}:{','.join(map(str, proof.solve(signed, caught.value.challenge.bits)))}"
    await ask(0, found)
    for process in (0, 1):
        with pytest.raises(Unproved) as caught:
            await ask(process, found)
        assert caught.value.lack is Lack.SPENT


async def test_a_rush_is_told_to_those_who_look_after_the_house_and_forgotten_after(
    desk: Desk, clock: MovedClock
) -> None:
    await fair(desk)
    (check,) = (one for one in CHECKS if one.name == "under-attack")

    async def broken() -> int:
        async with desk.world.database.system() as tx:
            return await check.count(tx)

    assert await broken() == 0
    await attack(desk)
    page = await desk.get("/en/register/fair")
    await book(desk, page, proof=solved(page))
    assert await broken() == 1
    clock.move(timedelta(minutes=31))
    assert await broken() == 0
    assert len(await desk.world.rows("SELECT 1 FROM spent_proofs")) == 1
    clock.move(timedelta(days=1))
    await desk.world.run("forget-proofs")
    assert await desk.world.rows("SELECT 1 FROM spent_proofs") == []
    assert await desk.world.rows("SELECT 1 FROM rushes") == []
