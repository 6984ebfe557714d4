"""Who may do what, and what the database itself forbids: other programmes' rows, overlapping slots, taken addresses."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.commands import slots
from events.domain.refusal import Refusal
from events.domain.slot_inputs import RuleInput
from events.records import queries
from services.routes import Role
from tests.events.conftest import RULE, STAND, Person, Village, described, published

OTHERS = [role for role in Role if role not in {Role.OWNER, Role.ORGANISER}]


async def attempts(person: Person, event: str, stand: str, slot: str) -> dict[str, int]:
    """What happens when somebody tries each thing that changes an event."""
    calls: list[tuple[str, str, Any]] = [
        ("POST", "events", described()),
        ("PUT", f"events/{event}", described(titles={"nb": "Nytt", "en": "New"})),
        ("POST", f"events/{event}/publish", {}),
        ("POST", f"events/{event}/cancel", {"reasons": {"nb": "Nei"}}),
        ("POST", f"events/{event}/copies", {"starts_at": "2026-07-01T10:00"}),
        ("POST", f"events/{event}/stands", STAND),
        ("PUT", f"stands/{stand}", STAND),
        ("DELETE", f"stands/{stand}", None),
        ("POST", f"stands/{stand}/slots", RULE),
        ("PUT", f"slots/{slot}", {"starts_at": "2026-06-06T13:00", "ends_at": "2026-06-06T13:30"}),
        ("DELETE", f"slots/{slot}", None),
    ]
    return {
        f"{method} {path.split('/')[0]}": (await person.api(method, path, body)).status for method, path, body in calls
    }


async def test_other_roles_read_events_and_change_nothing(village: Village, organiser: Person) -> None:
    event, stand, made = await published(organiser)
    said = await village.outbox()
    for role in OTHERS:
        person = await village.person("blest", role)
        assert (await person.api("GET", "events")).status == 200
        assert (await person.get("/nb/console/blest/events")).status == 200
        assert (await person.get(f"/nb/console/blest/events/{event['event_id']}")).status == 403
        found = await attempts(person, event["event_id"], stand["stand_id"], made[0]["slot_id"])
        assert set(found.values()) == {403}, role
    assert await village.outbox() == said


async def test_an_owner_may_do_what_an_organiser_may(village: Village) -> None:
    owner = await village.person("blest", Role.OWNER)
    assert (await owner.api("POST", "events", described())).status == 201


async def test_guests_are_sent_to_log_in(village: Village, organiser: Person) -> None:
    event, stand, made = await published(organiser)
    guest = Person(village.client, "blest", {})
    assert set((await attempts(guest, event["event_id"], stand["stand_id"], made[0]["slot_id"])).values()) == {401}
    page = await guest.get("/nb/console/blest/events")
    assert (page.status, page.headers["Location"].partition("?")[0]) == (303, "/nb/login")


async def test_a_neighbour_finds_nothing_of_ours_behind_their_own_address(village: Village, organiser: Person) -> None:
    """The neighbour's own programme in the path, our ids behind it: rows of another programme do not exist."""
    event, stand, made = await published(organiser)
    said = await village.outbox()
    neighbour = await village.person("fjord", Role.OWNER)
    found = await attempts(neighbour, event["event_id"], stand["stand_id"], made[0]["slot_id"])
    del found["POST events"]
    assert set(found.values()) == {404}
    assert (await neighbour.get(f"/nb/console/fjord/events/{event['event_id']}/preview")).status == 404
    assert await village.outbox() == said


async def test_a_neighbour_does_not_even_learn_that_our_programme_exists(village: Village) -> None:
    neighbour = await village.person("fjord", Role.OWNER)
    assert (await neighbour.api("GET", "/api/v1/programmes/blest/events")).status == 404
    assert (await neighbour.get("/nb/console/blest/events")).status == 404


async def test_rows_of_another_programme_are_not_there(village: Village, organiser: Person) -> None:
    await published(organiser)
    for programme, expected in (("blest", 1), ("fjord", 0)):
        async with village.transaction(programme) as tx:
            assert await tx.connection.fetchval("SELECT count(*) FROM events") == expected
    async with village.context.database.transaction(None) as tx:
        for table in ("events", "stands", "slots", "places", "outbox"):
            assert await tx.connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_nobody_writes_a_row_for_another_programme(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    async with village.transaction("blest") as tx:
        row = dict(await queries.find_event(tx.connection, event_id=UUID(event["event_id"])))
    for table, values in (
        ("events_directory", {"slug": "stolen", "event_id": row["cover"]}),
        ("programmes_directory", None),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with village.transaction("fjord") as tx:
                if values is None:
                    await tx.connection.execute(
                        "INSERT INTO programmes_directory SELECT * FROM programmes_directory WHERE programme_id = $1",
                        row["programme_id"],
                    )
                else:
                    await tx.connection.execute(
                        f"INSERT INTO {table} (slug, event_id, programme_id) VALUES ($1, $2, $3)",
                        values["slug"],
                        values["event_id"],
                        row["programme_id"],
                    )
    async with village.transaction("fjord") as tx:
        assert await tx.connection.execute("UPDATE calendar_directory SET titles = '{}'") == "UPDATE 0"


# What the database itself forbids -------------------------------------------------------------------------------------


async def insert(village: Village, slot: UUID, starts: str, ends: str, desk: int = 1, status: str = "open") -> None:
    async with village.transaction("blest") as tx:
        await tx.connection.execute(
            """
            INSERT INTO slots (slot_id, programme_id, event_id, stand_id, version, status, starts_at, ends_at, desk,
                               first_amount, first_unit, created_at, updated_at)
            SELECT gen_random_uuid(), programme_id, event_id, stand_id, 1, $5, $2::text::timestamptz,
                   $3::text::timestamptz, $4, 1, 'households', created_at, updated_at
            FROM slots WHERE slot_id = $1
            """,
            slot,
            starts,
            ends,
            desk,
            status,
        )


async def test_the_table_refuses_slots_that_overlap_at_one_table_of_a_stand(
    village: Village, organiser: Person
) -> None:
    """The guard behind the commands, tried past them: slots stand from 08:00 to 10:00 UTC."""
    _, _, made = await published(organiser)
    slot = UUID(made[0]["slot_id"])
    for starts, ends in (
        ("08:00", "08:30"),
        ("07:00", "08:01"),
        ("09:59", "11:00"),
        ("07:00", "12:00"),
        ("08:10", "08:20"),
    ):
        with pytest.raises(asyncpg.ExclusionViolationError):
            await insert(village, slot, f"2026-06-06 {starts}Z", f"2026-06-06 {ends}Z")
    await insert(village, slot, "2026-06-06 07:00Z", "2026-06-06 08:00Z")  # ends as the next begins
    await insert(village, slot, "2026-06-06 08:00Z", "2026-06-06 10:00Z", desk=2)
    await insert(village, slot, "2026-06-06 08:00Z", "2026-06-06 10:00Z", status="closed")


async def test_two_stands_may_receive_at_the_same_time(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    other = await organiser.asked("POST", f"events/{event['event_id']}/stands", {**STAND, "number": "A13"}, 201)
    assert len((await organiser.asked("POST", f"stands/{other['stand_id']}/slots", RULE, 201))["slots"]) == 8


async def test_of_two_rules_at_once_for_one_stand_one_is_made_and_one_refused(
    village: Village, organiser: Person
) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)

    async def open_one() -> str:
        try:
            async with village.transaction() as tx:
                await slots.open_slots(tx, UUID(stand["stand_id"]), RuleInput(**RULE))
        except Refusal as refused:
            return refused.code
        return "made"

    assert sorted(await asyncio.gather(*(open_one() for _ in range(5)))) == ["made", *["overlap"] * 4]
    whole = await organiser.asked("GET", f"events/{event['event_id']}")
    assert len(whole["slots"]) == 8


async def test_without_the_stand_s_lock_the_table_still_lets_only_one_through(
    village: Village, organiser: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the lock and the look at what is taken switched off, two rules race; the constraint is what remains."""
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    monkeypatch.setattr(slots, "first_clash", lambda *_: None)
    monkeypatch.setattr(queries, "lock_stand", queries.find_stand)

    async def open_one() -> str:
        try:
            async with village.transaction() as tx:
                await slots.open_slots(tx, UUID(stand["stand_id"]), RuleInput(**RULE))
        except (Refusal, asyncpg.DeadlockDetectedError) as refused:
            return getattr(refused, "code", "overlap")
        return "made"

    assert sorted(await asyncio.gather(open_one(), open_one())) == ["made", "overlap"]
    assert len((await organiser.asked("GET", f"events/{event['event_id']}"))["slots"]) == 8


async def test_an_address_belongs_to_one_event_in_the_whole_installation(village: Village, organiser: Person) -> None:
    await organiser.asked("POST", "events", described(slug="dagen"), 201)
    neighbour = await village.person("fjord", Role.ORGANISER)
    answer = await neighbour.api("POST", "events", described(slug="dagen"))
    assert (answer.status, (await answer.json())["errors"][0]["field"]) == (422, "slug")
    theirs = await neighbour.asked("POST", "events", described(titles={"nb": "Dagen", "en": "The day"}), 201)
    assert theirs["slug"] == "dagen-2"


async def test_events_drafted_at_once_under_one_title_get_addresses_of_their_own(
    village: Village, organiser: Person
) -> None:
    made = await asyncio.gather(*(organiser.asked("POST", "events", described(), 201) for _ in range(5)))
    assert sorted(one["slug"] for one in made) == [
        "apen-bygdehelg", "apen-bygdehelg-2", "apen-bygdehelg-3", "apen-bygdehelg-4", "apen-bygdehelg-5",
    ]  # fmt: skip
