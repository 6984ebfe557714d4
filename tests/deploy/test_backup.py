"""A backup is one that was restored: on another server, into another NATS, row by row (docs/how-to/back-up.md).

The commands are those of the how-to, with the programs of the wheel.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from aiohttp.test_utils import TestClient
from rich.console import Console

from services import repairs
from services.chassis import CHASSIS
from services.cli import doctor
from services.cli.steps import Steps
from services.clock import MovedClock
from services.database import address
from services.embedded.mailbox import Mailbox
from services.embedded.nats import ADMIN, EmbeddedNats
from services.embedded.postgres import EmbeddedPostgres
from services.embedded.postgres_programs import binaries
from services.identity import access
from services.keys import Keys
from services.migrate import migrate
from services.process import Running, started
from services.registry import installed
from services.routes import Role
from services.settings import Settings
from tests.house.people import quick_hashes, sign_in
from tests.house.test_shape import ROOT
from tests.journeys.actors import Family, Staff
from tests.journeys.conftest import PROGRAMME
from tests.journeys.plans import plan_the_homecoming
from tests.servers import Where

pytestmark = [pytest.mark.all, pytest.mark.timeout(300)]

SERVICES = (CHASSIS, *installed())
FAMILIES = ("Anneke", "Bram", "Els", "Kari", "Ola")
TABLES = """
-- Every table of ours.
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
HOW_TO = (ROOT / "docs/how-to/back-up.md").read_text(encoding="utf-8")


@dataclass
class Elsewhere:
    """A new machine: its own PostgreSQL, NATS and mail server, with nothing in them."""

    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    settings: Settings


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime(2026, 10, 1, 7, 0, tzinfo=UTC))


@pytest.fixture
async def lived_in(house: Running, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Running:
    """The programmes of the seed, a homecoming day, and families who booked it."""
    quick_hashes(monkeypatch)
    programmes = house.contexts["programmes"]
    assert programmes.service.demo is not None
    await programmes.service.demo(programmes, programmes.clock.now().date())
    await house.drain()
    found = await access.find_programme(house.contexts["identity"], PROGRAMME)
    assert found is not None
    organiser = Staff(house, client, await sign_in(house, "keeper", found.id, Role.ORGANISER), PROGRAMME)
    await plan_the_homecoming(organiser)
    await house.drain()
    for name in FAMILIES:
        family = Family(house, client.server, None, name, f"{name.lower()}@example.org", "nb")  # type: ignore[arg-type]
        async with family:
            await family.register("hjemkomstdag", "event")
    await house.drain()
    return house


@pytest.fixture
async def elsewhere(folder: Path, keys: Keys, where: Where) -> AsyncIterator[Elsewhere]:
    users = {name: keys.secret(f"nats/{name}") for name in (ADMIN, *(service.name for service in SERVICES))}
    server, bus = EmbeddedPostgres(folder / "new", durable=False), EmbeddedNats(folder / "new", users)
    mailbox = Mailbox(folder / "new")
    await asyncio.gather(server.start(), bus.start(), mailbox.start())
    settings = Settings(
        database=server.address("blest"), nats=bus.url, smtp=mailbox.address, secrets=where.secrets, state=folder
    )
    yield Elsewhere(server, bus, settings)
    await asyncio.gather(server.stop(), bus.stop(), mailbox.stop())


async def run(login: dict[str, Any], command: list[str | Path]) -> None:
    """A program of PostgreSQL's as the administrator; fails with what it said."""

    def work() -> None:
        environment = {
            **os.environ,
            "PGHOST": login["host"],
            "PGPORT": str(login["port"]),
            "PGUSER": login["user"],
            "PGPASSWORD": login["password"],
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr.lower(), done.stderr

    await asyncio.to_thread(work)


def told(program: str) -> list[str]:
    """The arguments with which the how-to calls a program, without those that name container and file."""
    [line] = re.findall(rf"postgres {program} (.+?)(?: [<>].*)?$", HOW_TO, re.MULTILINE)
    return [word for word in line.split() if not word.startswith("--username")]


async def rows(login: dict[str, Any], database: str) -> dict[str, list[str]]:
    """Table → its rows as text, sorted."""
    connection = await asyncpg.connect(**{**login, "database": database})
    try:
        return {
            table: [row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")]
            for (table,) in await connection.fetch(TABLES)
        }
    finally:
        await connection.close()


async def test_a_backup_restored_elsewhere_is_what_was_and_its_streams_are_filled_again(
    lived_in: Running,
    elsewhere: Elsewhere,
    where: Where,
    database: str,
    keys: Keys,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backup = folder / "blest.dump"
    name = str(address(database)["database"])
    there = elsewhere.postgres.admin_login()
    before = await rows(where.admin, name)
    assert len(before["registrations.bookings"]) == len(before["people.visitors"]) == len(FAMILIES)

    # Dump; on the new machine make the roles, restore, and bring the rest to this code.
    dump = [word if word != "blest" else name for word in told("pg_dump")]
    await run(where.admin, [binaries() / "pg_dump", *dump, "--file", backup])
    await migrate(there, "blest", SERVICES, keys)
    await run(there, [binaries() / "dropdb", *told("dropdb")])
    connection = await asyncpg.connect(**there)
    await connection.execute(
        "CREATE DATABASE blest TEMPLATE template0 ENCODING UTF8 LOCALE_PROVIDER builtin"
        " BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    await connection.close()
    await run(there, [binaries() / "pg_restore", *told("pg_restore"), backup])
    await migrate(there, "blest", SERVICES, keys)
    after = await rows(there, "blest")
    assert {table: len(found) for table, found in after.items()} == {
        table: len(found) for table, found in before.items()
    }
    assert [table for table in before if before[table] != after[table]] == []

    # The services open on it, and their streams, empty here, are filled again from the outbox.
    async with started(elsewhere.settings, installed(), background=False) as house:
        for context in house.contexts.values():
            if context.service is not CHASSIS:
                await repairs.republish(context, datetime.now(UTC) - timedelta(days=30))
        await house.drain()
        again = await rows(there, "blest")
        await house.run_due()  # what was due goes out from here
    admin = await nats.connect(elsewhere.nats.url, user=ADMIN, password=keys.secret(f"nats/{ADMIN}"))
    for service in installed():
        held = (await admin.jetstream().stream_info(service.name.upper())).state.messages
        assert held == len(before[f"{service.name}.outbox"]), service.name
    await admin.close()

    # Whoever had heard them does nothing a second time.
    quiet = {"registrations.bookings", "campaigns.credits", "people.visitors", "notifications.deliveries"}
    assert [table for table in quiet & set(before) if before[table] != again[table]] == []

    for variable, value in elsewhere.settings.model_dump().items():
        if variable in {"database", "nats", "smtp", "secrets", "state"}:
            monkeypatch.setenv(f"BLEST_{variable.upper()}", str(value))
    said = StringIO()
    ill = await doctor.examine(Steps(Console(file=said, width=200)))
    assert ill == 0, said.getvalue()
