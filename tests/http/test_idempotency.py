"""The same unsafe call twice: one effect, one answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.http import idempotency
from services.http.problems import Conflict, TooMany

BUILD = "/api/v1/programmes/havlandet/houses"
HOUSES = "/api/v1/houses"
BODY = {"name": "Fyret", "rooms": 2}


def under(key: str, token: str = "writes") -> dict[str, str]:
    return {"Idempotency-Key": key, "Authorization": f"Bearer {token}"}


async def test_the_second_call_gets_the_first_ones_answer(housed):
    first = await housed.post(HOUSES, json=BODY, headers={"Idempotency-Key": "k-1"})
    again = await housed.post(HOUSES, json=BODY, headers={"Idempotency-Key": "k-1"})
    assert first.status == again.status == 201
    assert await first.json() == await again.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.content_type == "application/json"
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert len(housed.village.built) == 1


async def test_without_a_key_each_call_is_its_own(housed):
    for _ in range(2):
        assert (await housed.post(HOUSES, json=BODY)).status == 201
    assert len(housed.village.built) == 2


@pytest.mark.parametrize("change", ["body", "path", "query"])
async def test_a_key_used_for_another_request_is_refused(housed, change):
    assert (await housed.post(HOUSES, json=BODY, headers=under("k-1"))).status == 201
    path = {"body": HOUSES, "path": BUILD, "query": f"{HOUSES}?x=1"}[change]
    body = {**BODY, "rooms": 3} if change == "body" else BODY
    response = await housed.post(path, json=body, headers=under("k-1"))
    assert response.status == 409
    assert (await response.json())["code"] == "idempotency-key-used"
    assert len(housed.village.built) == 1


async def test_a_key_is_its_callers_own(housed):
    for headers in (
        under("k-1"),
        {"Idempotency-Key": "k-1"},
        {"Idempotency-Key": "k-1", "Cookie": "who=owner", "X-CSRF-Token": "csrf-1"},
    ):
        assert (await housed.post(HOUSES, json=BODY, headers=headers)).status == 201
    assert len(housed.village.built) == 3


async def test_a_second_call_while_the_first_is_running_is_told_to_wait(housed):
    first = asyncio.create_task(housed.post("/api/v1/slow", json=BODY, headers={"Idempotency-Key": "k-1"}))
    await housed.village.entered.wait()
    second = await housed.post("/api/v1/slow", json=BODY, headers={"Idempotency-Key": "k-1"})
    assert second.status == 409
    assert (await second.json())["code"] == "idempotency-running"
    assert second.headers["Retry-After"] == "1"
    housed.village.gate.set()
    assert (await first).status == 201
    third = await housed.post("/api/v1/slow", json=BODY, headers={"Idempotency-Key": "k-1"})
    assert third.status == 201
    assert len(housed.village.built) == 1


async def test_of_many_at_once_one_runs(housed):
    housed.village.gate.set()
    answers = await asyncio.gather(
        *(housed.post("/api/v1/slow", json=BODY, headers={"Idempotency-Key": "k-1"}) for _ in range(20))
    )
    assert {one.status for one in answers} <= {201, 409}
    assert len(housed.village.built) == 1


async def test_a_refusal_is_replayed_too(housed):
    housed.village.fail_with = Conflict("no-site", "There is no site left.")
    first = await housed.post(BUILD, json=BODY, headers=under("k-1"))
    housed.village.fail_with = None
    again = await housed.post(BUILD, json=BODY, headers=under("k-1"))
    assert first.status == again.status == 409
    assert (await again.json())["code"] == "no-site"
    assert again.content_type == "application/problem+json"


async def test_a_wrong_body_leaves_the_key_free(housed):
    assert (await housed.post(HOUSES, json={"name": "F"}, headers=under("k-1"))).status == 422
    assert (await housed.post(HOUSES, json=BODY, headers=under("k-1"))).status == 201


@pytest.mark.parametrize("error", [ConnectionRefusedError("away"), TooMany(1)])
async def test_a_call_that_had_no_effect_may_be_tried_again(housed, error):
    housed.village.fail_with = error
    headers = under("k-1")
    response = await housed.post("/api/v1/raise-on-post", json=BODY, headers=headers)
    assert response.status in {429, 503}
    housed.village.fail_with = None
    response = await housed.post("/api/v1/raise-on-post", json=BODY, headers=headers)
    assert response.status == 201


async def test_a_call_that_failed_after_its_effect_is_not_repeated(housed, clock):
    housed.village.fail_with = RuntimeError("after the commit")
    assert (await housed.post(BUILD, json=BODY, headers=under("k-1"))).status == 500
    housed.village.fail_with = None
    assert (await (await housed.post(BUILD, json=BODY, headers=under("k-1"))).json())["code"] == "idempotency-running"
    clock.move(timedelta(minutes=2))
    response = await housed.post(BUILD, json=BODY, headers=under("k-1"))
    assert response.status == 409
    assert (await response.json())["code"] == "idempotency-answer-lost"
    assert len(housed.village.built) == 1


async def test_what_was_written_without_a_fact_is_not_repeated_either(housed, clock):
    housed.village.fail_with = RuntimeError("after the commit")
    assert (await housed.post("/api/v1/paint", headers=under("k-1"))).status == 500
    housed.village.fail_with = None
    clock.move(timedelta(minutes=2))
    response = await housed.post("/api/v1/paint", headers=under("k-1"))
    assert (response.status, (await response.json())["code"]) == (409, "idempotency-answer-lost")
    assert housed.village.built == ["painted"]


async def test_a_call_that_had_only_looked_may_be_tried_again(housed):
    housed.village.fail_with = ConnectionRefusedError("away")
    assert (await housed.post("/api/v1/paint", headers=under("k-1"))).status == 503
    housed.village.fail_with = None
    assert (await housed.post("/api/v1/paint", headers=under("k-1"))).status == 200
    assert housed.village.built == ["painted"]


async def test_a_claim_whose_process_died_is_taken_over(housed, clock):
    context = housed.contexts[1]
    async with context.database.transaction(None) as tx:
        await tx.connection.execute(
            "INSERT INTO idempotency_keys (caller, key, request_hash, created_at) VALUES ($1, $2, $3, $4)",
            "token:00000000-0000-0000-0000-0000000007d0",
            "k-1",
            b"of the dead",
            tx.moment,
        )
    assert (await housed.post(HOUSES, json=BODY, headers=under("k-1"))).status == 409
    clock.move(timedelta(seconds=41))
    assert (await housed.post(HOUSES, json=BODY, headers=under("k-1"))).status == 201


async def test_a_call_cut_off_by_its_time_limit_may_be_tried_again(housed):
    for _ in range(2):
        response = await housed.post("/api/v1/never", headers=under("k-1"))
        assert response.status == 503


async def test_a_call_cut_off_just_after_its_claim_may_be_tried_again(housed, monkeypatch):
    database = housed.contexts[1].database
    real, cuts = database.transaction, iter([True])

    @asynccontextmanager
    async def cut_off(programme_id):
        async with real(programme_id) as tx:
            yield tx
        if next(cuts, False):
            await asyncio.Event().wait()

    monkeypatch.setattr(database, "transaction", cut_off)
    for _ in range(2):
        response = await housed.post("/api/v1/never", headers=under("k-1"))
        assert response.status == 503


async def test_an_answer_is_kept_for_a_day(housed, clock):
    await housed.post(HOUSES, json=BODY, headers=under("k-1"))
    clock.move(timedelta(hours=23, minutes=59))
    await housed.post(HOUSES, json=BODY, headers=under("k-1"))
    assert len(housed.village.built) == 1
    clock.move(timedelta(minutes=1))
    await housed.post(HOUSES, json=BODY, headers=under("k-1"))
    assert len(housed.village.built) == 2


async def test_old_answers_are_forgotten(housed, clock):
    context = housed.contexts[1]
    await housed.post(HOUSES, json=BODY, headers=under("k-1"))
    clock.move(timedelta(hours=12))
    await housed.post(HOUSES, json=BODY, headers=under("k-2"))
    clock.move(timedelta(hours=12))
    await idempotency.forget(context)
    async with context.database.system() as tx:
        assert await tx.connection.fetch("SELECT key FROM idempotency_keys") == [("k-2",)]


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "with space", "ø"])
async def test_a_key_that_is_none_is_refused(housed, key):
    response = await housed.post(HOUSES, json=BODY, headers={"Idempotency-Key": key})
    assert response.status == 400
    assert (await response.json())["code"] == "idempotency-key"


async def test_an_answer_is_sealed_and_opens_only_in_its_own_row(housed):
    await housed.post(HOUSES, json=BODY, headers=under("k-1"))
    await housed.post(HOUSES, json={**BODY, "name": "Naustet"}, headers=under("k-2"))
    async with housed.contexts[1].database.system() as tx:
        rows = await tx.connection.fetch("SELECT * FROM idempotency_keys ORDER BY key")
        assert all(b"application/json" not in row["answer"] and "Fyret" not in str(row) for row in rows)
        await tx.connection.execute("UPDATE idempotency_keys SET answer = $1 WHERE key = 'k-2'", rows[0]["answer"])
    response = await housed.post(HOUSES, json={**BODY, "name": "Naustet"}, headers=under("k-2"))
    assert (response.status, (await response.json())["code"]) == (409, "idempotency-answer-lost")


async def test_nothing_of_a_guests_address_is_stored(housed):
    await housed.post(HOUSES, json=BODY, headers={"Idempotency-Key": "k-1"})
    async with housed.contexts[1].database.system() as tx:
        caller = await tx.connection.fetchval("SELECT caller FROM idempotency_keys")
    assert caller.startswith("guest:")
    assert "127.0.0.1" not in caller
