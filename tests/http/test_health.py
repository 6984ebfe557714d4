"""Alive, ready, counted: what operators ask every process."""

from __future__ import annotations

import asyncio

from services import metrics
from services.health import HEALTH


async def test_it_is_alive_while_the_loop_turns(browser):
    response = await browser.get("/livez")
    assert response.status == 200
    assert (await response.json())["alive"] is True


async def test_it_is_not_alive_while_the_loop_is_late(browser, monkeypatch):
    health = browser.server.app[HEALTH]
    monkeypatch.setattr(health.lag, "_last", 3.0)
    response = await browser.get("/livez")
    assert response.status == 503
    assert (await response.json())["loop_lag_seconds"] == 3.0


async def test_the_lag_of_a_blocked_loop_is_seen_at_once():
    lag = metrics.LoopLag(every=0.01)
    async with lag.measured():
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        lag._due = loop.time() - 2
        assert lag.seconds >= 2


async def test_it_is_ready_with_its_pools_open_and_its_schema_new(housed):
    response = await housed.get("/readyz")
    assert response.status == 200
    body = await response.json()
    assert body["services"]["events"] == {
        "database": "ok",
        "migrations": "ok",
        "bus": body["services"]["events"]["bus"],
    }


async def test_it_says_which_part_is_down(browser):
    response = await browser.get("/readyz")
    assert response.status == 503
    assert (await response.json())["services"]["events"]["database"] == "away"


async def test_it_is_not_ready_while_the_schema_is_older_than_the_code(housed, monkeypatch):
    monkeypatch.setitem(housed.server.app[HEALTH]._newest, "events", "29990101000000")
    response = await housed.get("/readyz")
    assert response.status == 503
    assert (await response.json())["services"]["events"]["migrations"].endswith("the code needs 29990101000000")


async def test_a_bus_that_is_away_is_told_and_requests_are_answered_all_the_same(housed):
    await housed.contexts[1].bus.close()
    response = await housed.get("/readyz")
    assert response.status == 200
    assert (await response.json())["services"]["events"]["bus"] == "away"


async def test_what_was_seen_is_believed_for_five_seconds(housed, monkeypatch):
    assert (await housed.get("/readyz")).status == 200
    monkeypatch.setattr(housed.contexts[1].database, "_pools", {})
    assert (await housed.get("/readyz")).status == 200
    monkeypatch.setattr(housed.server.app[HEALTH], "_looked", float("-inf"))
    assert (await housed.get("/readyz")).status == 503
    monkeypatch.undo()


async def test_it_is_not_ready_while_it_stops(housed):
    housed.server.app[HEALTH].stopping = True
    response = await housed.get("/readyz")
    assert response.status == 503
    assert (await response.json())["stopping"] is True


async def test_through_a_proxy_it_says_yes_or_no_and_no_more(housed):
    response = await housed.get("/readyz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert await response.json() == {"ready": True, "stopping": False}


async def test_figures_are_for_scrapers_and_not_for_visitors(housed):
    assert (await housed.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status == 404
    response = await housed.get("/metrics")
    assert response.status == 200
    text = await response.text()
    assert 'blest_invariant_broken{check="no-house-without-roof",service="events"} 3.0' in text
    assert "blest_loop_lag_seconds" in text


async def test_requests_are_counted_by_template_and_never_by_path(housed):
    await housed.get("/nb/houses/secret-token-of-somebody")
    await housed.get("/nb/nowhere/secret-token-of-somebody")
    text = await (await housed.get("/metrics")).text()
    assert 'route="/{lang}/houses/{slug}"' in text
    assert 'route="unmatched"' in text
    assert "secret-token" not in text


async def test_an_invariant_that_cannot_be_counted_is_unknown_and_not_well(browser):
    text = await (await browser.get("/metrics")).text()
    assert 'blest_invariant_broken{check="no-house-without-roof",service="events"} NaN' in text
