"""Every hot query is held to its index: as the service's own role asks, behind its fence, of tables with enough rows.

A statement that comes to be asked all the time joins `HOT`; what it must not do is read a table from end to end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from campaigns import commands as campaigns
from events.records import queries as events
from notifications import sending as notifications
from registrations.domain.searching import searched
from registrations.pages.attendees import NOBODY
from registrations.statements import queries as registrations
from services import inbox, outbox, relay
from services.clock import MovedClock
from services.database import Database
from services.keys import Keys
from tests.house import many_rows
from tests.registrations.conftest import PROGRAMME
from tests.registrations.crowds import nth

MOMENT = datetime(2026, 4, 13, 7, tzinfo=UTC)
EVENT, SLOT, SOMEONE, FAIR = UUID(int=7), UUID(int=1007), nth(7), UUID(int=0)
"""Of what `many_rows` put there; `FAIR` stands for the event with the crowd."""


@dataclass(frozen=True)
class Hot:
    """A statement that is asked all the time, and the indexes that it stands on."""

    what: str
    service: str
    statement: str
    """Its name among the service's statements, or its text where it is the chassis's."""
    indexes: frozenset[str]
    values: Mapping[str, Any]
    """By name, or in their order under the names 1, 2 …"""
    system: bool = False
    """Asked by the role for declared jobs."""


def hot(what: str, service: str, statement: str, *indexes: str, system: bool = False, **values: Any) -> Hot:
    return Hot(what, service, statement, frozenset(indexes), values, system)


def asked(what: str, service: str, text: str, *indexes: str, values: tuple[Any, ...], system: bool = False) -> Hot:
    """The same of a statement of the chassis, which numbers its parameters."""
    return Hot(what, service, text, frozenset(indexes), {str(n): one for n, one in enumerate(values)}, system)


LISTED = {
    "event_id": FAIR,
    "states": ["confirmed"],
    "after_key": "",
    "after_id": NOBODY,
    "many": 51,
    "to_approve": None,
}
WISH = {"slots": [SLOT], "events": [], "bookings": [], "attempts": [], "pools": []}
TOKEN = {"token_hash": b"x", "purpose": "ticket"}
DUE = {"moment": MOMENT, "claim": EVENT, "most": 50}

HOT = (
    hot("redirect: a link missed in memory", "campaigns", "find_link", "link_directory_pkey", slug="slug1007"),
    hot("event page: the address", "events", "find_slug", "events_directory_pkey", slug="slug-7"),
    hot("event page: the stands", "events", "stands_of_event", "stands_of_event", event_id=EVENT),
    hot("event page: the slots", "events", "slots_of_event", "slots_of_event", event_id=EVENT),
    hot("event page: the places left", "events", "places_of_event", "places_of_event", event_id=EVENT),
    hot("events list: how full they are", "events", "places_of_events", "places_of_event", events=[EVENT]),
    hot("booking: the address", "registrations", "events_of_slugs", "event_directory_slug", slugs=["slug-7"]),
    hot(
        "decision: lock the pools of a slot", "registrations", "lock_pools", "pools_slot_id_key", "pools_event", **WISH
    ),
    hot("decision: pools across", "registrations", "pools_across", "pools_across", events=[EVENT]),
    hot(
        "decision: a visitor's other bookings",
        "registrations",
        "bookings_of_wishes",
        "bookings_pkey",
        "bookings_visitor",
        bookings=[],
        visitors=[SOMEONE],
    ),
    hot(
        "decision: who waits for what was freed",
        "registrations",
        "bookings_in_line",
        "places_pool",
        "bookings_pkey",
        pools=[EVENT],
        freeing=[EVENT],
        moment=MOMENT,
    ),
    hot(
        "a ticket's or a link's token",
        "registrations",
        "booking_of_token",
        "token_directory_pkey",
        token_hash=b"x",
        purpose="ticket",
    ),
    hot(
        "attendees: a page of the list", "registrations", "attendees", "households_listed", **LISTED, **searched("anna")
    ),
    asked("relay: what is pending", "registrations", relay.NEXT, "outbox_pending", values=(500,), system=True),
    asked("relay: the backlog", "registrations", outbox.BACKLOG, "outbox_pending", values=(), system=True),
    asked("relay: mark", "registrations", relay.MARK, "outbox_pkey", values=([1, 2, 3], MOMENT), system=True),
    asked(
        "inbox: forget", "registrations", inbox.FORGET, "inbox_handled", "inbox_pkey", values=(MOMENT, 50), system=True
    ),
    hot(
        "notifications due",
        "notifications",
        "claim_due",
        "deliveries_due",
        "deliveries_pkey",
        system=True,
        moment=MOMENT,
        claim=EVENT,
        most=50,
    ),
)
SMALL = {"event_rules", "holds", "hold_places", "stands"}
"""Tables that hold a handful of rows at any time, here none at all."""
QUERIES = {
    "campaigns": campaigns.queries,
    "events": events,
    "registrations": registrations,
    "notifications": notifications.queries,
}


@pytest.fixture
async def filled(
    database: str, keys: Keys, clock: MovedClock, admin: asyncpg.Connection
) -> AsyncIterator[tuple[dict[str, Database], UUID]]:
    """Each service's database, with many rows, and the event that has the crowd."""
    opened = {name: Database(name, database, keys, clock) for name in QUERIES}
    for one in opened.values():
        await one.open()
    yield opened, await many_rows.fill(admin, opened["registrations"], keys, clock)
    for one in opened.values():
        await one.close()


async def nodes(databases: Mapping[str, Database], one: Hot, fair: UUID) -> list[dict[str, Any]]:
    """The plan of a statement, node by node, as the service itself would have it carried out."""
    statements = QUERIES[one.service]
    if "1" in one.values or one.statement.lstrip().startswith("--"):
        text, values = one.statement, list(one.values.values())
    else:
        names = statements.driver_adapter.var_sorted[one.statement]
        text, values = getattr(statements, one.statement).sql, [one.values[name] for name in names]
    database = databases[one.service]
    opened = database.system() if one.system else database.transaction(PROGRAMME)
    async with opened as tx:
        given = [fair if value == FAIR else value for value in values]
        plan = await tx.connection.fetchval(f"EXPLAIN (FORMAT JSON) {text}", *given)
    return list(_inside(json.loads(plan)[0]["Plan"]))


def _inside(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _inside(inner)


async def test_every_hot_query_stands_on_its_indexes_and_reads_no_table_whole(
    filled: tuple[dict[str, Database], UUID],
) -> None:
    databases, fair = filled
    wrong = {}
    for one in HOT:
        plan = await nodes(databases, one, fair)
        used = {node["Index Name"] for node in plan if "Index Name" in node}
        whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"} - SMALL
        if whole or not used >= one.indexes:
            wrong[one.what] = f"reads whole: {sorted(whole)}; uses {sorted(used)}, not {sorted(one.indexes - used)}"
    assert wrong == {}


async def test_a_query_without_its_index_is_found_out(
    filled: tuple[dict[str, Database], UUID], admin: asyncpg.Connection
) -> None:
    databases, fair = filled
    await admin.execute("DROP INDEX events.slots_of_event")
    (slots,) = (one for one in HOT if one.statement == "slots_of_event")
    plan = await nodes(databases, slots, fair)
    assert [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"] == ["slots"]
