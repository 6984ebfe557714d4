"""The list of an event with very many bookings: found by its indexes. How fast, benchmarks/ tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from registrations.domain.searching import searched
from registrations.facts import BookingStatus
from registrations.pages.attendees import MANY, NOBODY, TABS, list_attendees
from registrations.statements import queries
from services.http.pagination import Cursor
from tests.registrations.crowds import crowd, nth
from tests.registrations.worlds import World

COMING = TABS["coming"][1]


async def scans(world: World, statement: str, **values: Any) -> dict[str, list[dict[str, Any]]]:
    """Table → how the service's own role would read it for a named statement, behind the fences.

    A small crowd is read fastest from end to end; that way is closed, so that what is seen is whether the statement's
    shape lets an index serve it, as in a large one."""
    numbered = [values[name] for name in queries.driver_adapter.var_sorted[statement]]
    async with world.database.transaction(world.programme_id) as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await tx.connection.fetchval(f"EXPLAIN (FORMAT JSON) {getattr(queries, statement).sql}", *numbered)
    found: dict[str, list[dict[str, Any]]] = {}
    for node in _nodes(json.loads(plan)[0]["Plan"]):
        if "Relation Name" in node:
            found.setdefault(node["Relation Name"], []).append(node)
    return found


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _asked(event_id: Any, search: str = "", to_approve: bool | None = None) -> dict[str, Any]:
    states = [str(state) for state in COMING]
    page = {"after_key": "", "after_id": NOBODY, "many": MANY + 1, "to_approve": to_approve}
    return {"event_id": event_id, "states": states, **page, **searched(search)}


@pytest.mark.parametrize("to_approve", [None, False])
async def test_the_list_is_read_from_its_index_in_its_order(
    world: World, admin: asyncpg.Connection, to_approve: bool | None
) -> None:
    event = await crowd(world, 2000)
    await admin.execute("ANALYZE")
    for search in ("", "anna", "bcd123"):
        found = await scans(world, "attendees", **_asked(event.event_id, search, to_approve))
        listed = [node for node in found["households"] if node.get("Index Name") == "households_listed"]
        assert any("sort_key" in node["Index Cond"] for node in listed), search
    by_address = [node["Index Cond"] for node in found["visitors"] if "email_key" in node.get("Index Cond", "")]
    assert len(by_address) == 1


async def test_states_are_counted_from_an_index_alone(world: World, admin: asyncpg.Connection) -> None:
    event, _ = await crowd(world, 2000), await crowd(world, 2000, "other", begin=2001)
    await admin.execute("VACUUM ANALYZE")
    found = await scans(world, "states_of_event", event_id=event.event_id, states=list(BookingStatus))
    assert [(one["Node Type"], one["Index Name"]) for one in found["bookings"]] == [
        ("Index Only Scan", "bookings_listed")
    ]


async def test_a_household_follows_its_booking_from_state_to_state(world: World) -> None:
    event = world.event("fair", households=1)
    await world.programme()
    await world.hear(event)
    first, second = world.household(event), world.household(event)
    await world.decide(first, second)
    statement = "SELECT booking_id AS id, event_id, status FROM people.households ORDER BY status"
    assert await world.rows(statement) == [
        {"id": first.booking_id, "event_id": event.event_id, "status": "confirmed"},
        {"id": second.booking_id, "event_id": event.event_id, "status": "waiting"},
    ]
    await world.rows("UPDATE bookings SET status = 'attended' WHERE id = $1 RETURNING id", first.booking_id)
    assert [row["status"] for row in await world.rows(statement)] == ["attended", "waiting"]


async def test_who_was_forgotten_stands_last_whatever_the_page(world: World) -> None:
    event = await crowd(world, 40)
    await world.rows("DELETE FROM people.households WHERE booking_id = ANY($1) RETURNING 1", [nth(2), nth(3)])
    seen: list[Any] = []
    cursor = Cursor.read(None, "key", "id")
    while True:
        async with world.database.transaction(world.programme_id) as tx:
            rows = await list_attendees(tx, event.event_id, COMING, "", cursor, 7)
        if not rows:
            break
        seen += rows
        cursor = Cursor.read(Cursor.at(key=rows[-1]["sort_key"], id=rows[-1]["id"]).text, "key", "id")
    assert [row["id"] for row in seen[-2:]] == [nth(2), nth(3)]
    assert len(seen) == len({row["id"] for row in seen}) == 36
    keys = [row["sort_key"] for row in seen]
    assert keys == sorted(keys)
