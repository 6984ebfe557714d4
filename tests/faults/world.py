"""The house under test: PostgreSQL, NATS and a mailbox of its own, a gate before each, and a fair to book at.

async with world(folder, HASTE) as made:
    made.gates.nats.away()
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.chassis import CHASSIS
from services.embedded.mailbox import Mailbox
from services.embedded.nats import ADMIN, EmbeddedNats
from services.embedded.postgres import EmbeddedPostgres
from services.keys import Keys
from services.migrate import migrate, secret_names
from services.process import started
from services.registry import installed
from services.settings import Settings
from tests.faults.cluster import Cluster
from tests.faults.fair import CAPACITY, Fair, open_the_fair
from tests.faults.gate import Gate
from tests.faults.houses import Houses
from tests.faults.nursery import Haste, open_nursery
from tests.house.people import quick_hashes

DATABASE = "blest"
WATCH = """
-- What no table keeps: each version a row took on, and each fact that a consumer took in, in the order of it.
CREATE SCHEMA watch;
CREATE TABLE watch.steps (id bigint GENERATED ALWAYS AS IDENTITY, place text, key text, version integer);
CREATE TABLE watch.taken (id bigint GENERATED ALWAYS AS IDENTITY, consumer text, message_id uuid);
CREATE FUNCTION watch.step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO watch.steps (place, key, version)
    VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, to_jsonb(NEW) ->> TG_ARGV[0], NEW.version);
    RETURN NULL;
END
$$;
CREATE FUNCTION watch.take() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO watch.taken (consumer, message_id) VALUES (NEW.consumer, NEW.message_id);
    RETURN NULL;
END
$$;
"""
WATCHED = {
    "registrations.bookings": "id",
    "registrations.pools": "id",
    "notifications.known_bookings": "booking_id",
    "events.places": "pool_id",
}
STEP = "CREATE TRIGGER watch AFTER INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION watch.step('{}')"
TAKE = "CREATE TRIGGER watch AFTER INSERT ON {}.inbox FOR EACH ROW EXECUTE FUNCTION watch.take()"


@dataclass(frozen=True, slots=True)
class Gates:
    postgres: Gate
    nats: Gate
    smtp: Gate

    @property
    def all(self) -> tuple[Gate, Gate, Gate]:
        return self.postgres, self.nats, self.smtp

    def heal(self) -> None:
        for gate in self.all:
            gate.heal()


class World:
    """The servers, the gates, the processes, and the ways around the gates for whoever looks."""

    def __init__(self, folder: Path, haste: Haste | None, *, durable: bool, nodes: int = 1) -> None:
        self.folder = folder
        self.haste = haste
        self.keys = _keys(folder / "secrets")
        self.users = {one: self.keys.secret(f"nats/{one}") for one in _names()}
        self.postgres = EmbeddedPostgres(folder, durable=durable, connections=300)
        self.nats = EmbeddedNats(folder, self.users) if nodes == 1 else Cluster(folder, self.users)
        self.replicas = nodes
        self.mailbox = Mailbox(folder)
        self.gates: Gates
        self.houses: Houses
        self.fair: Fair

    def settings(self, *, straight: bool = True) -> Settings:
        """A process's settings; `straight` past the gates."""
        given: dict[str, Any] = {"secrets": self.folder / "secrets", "state": self.folder / "state"}
        if straight:
            ways = {
                "database": self.postgres.address(DATABASE),
                "nats": self.nats.url,
                "smtp": self.mailbox.address,
            }
        else:
            ways = {
                "database": f"postgres://127.0.0.1:{self.gates.postgres.port}/{DATABASE}",
                "nats": f"nats://127.0.0.1:{self.gates.nats.port}",
                "smtp": f"smtp://127.0.0.1:{self.gates.smtp.port}",
            }
        return Settings(**given, **ways, nats_replicas=self.replicas, trusted_proxies=("127.0.0.1",))

    def environment(self) -> dict[str, str]:
        settings = self.settings(straight=False)
        return {
            "BLEST_DATABASE": settings.database,
            "BLEST_NATS": settings.nats,
            "BLEST_SMTP": settings.smtp,
            "BLEST_SECRETS": str(settings.secrets),
            "BLEST_STATE": str(settings.state),
            "BLEST_TRUSTED_PROXIES": "127.0.0.1",
            "BLEST_LINGER": "0.3",
            "BLEST_ATTACK": "1000000",
            "BLEST_NATS_REPLICAS": str(self.replicas),
        }

    async def admin(self) -> asyncpg.Connection:
        """A superuser's connection past the gate, to look and to set traps; whoever asks for it closes it."""
        return await asyncpg.connect(**{**self.postgres.admin_login(), "database": DATABASE})

    async def look(self, question: str, *given: Any) -> list[asyncpg.Record]:
        admin = await self.admin()
        try:
            return list(await admin.fetch(question, *given))
        finally:
            await admin.close()

    async def order(self, statement: str) -> None:
        admin = await self.admin()
        try:
            await admin.execute(statement)
        finally:
            await admin.close()

    async def kill_nats(self) -> None:
        """Kill the one nats-server outright and wait until it is gone."""
        assert isinstance(self.nats, EmbeddedNats)
        os.kill(self.nats.pid, signal.SIGKILL)
        while self.nats.alive:
            await asyncio.sleep(0.01)


def _socket(postgres: EmbeddedPostgres) -> str:
    login = postgres.admin_login()
    return f"{login['host']}/.s.PGSQL.{login['port']}"


def _nodes(nats: EmbeddedNats | Cluster) -> list[str]:
    urls = nats.urls if isinstance(nats, Cluster) else [nats.url]
    return [url.removeprefix("nats://") for url in urls]


def _names() -> list[str]:
    return [*(service.name for service in (CHASSIS, *installed())), ADMIN]


def _keys(folder: Path) -> Keys:
    for name in (*secret_names((CHASSIS, *installed())), *(f"nats/{one}" for one in _names()), "token-key"):
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(24))
    return Keys(folder)


@asynccontextmanager
async def world(
    folder: Path, haste: Haste | None, *, durable: bool = False, nodes: int = 1, capacity: int = CAPACITY
) -> AsyncIterator[World]:
    """Everything running, with a fair that can be booked. `durable` as PostgreSQL is in earnest; `nodes` of NATS."""
    open_nursery()
    made = World(folder, haste, durable=durable, nodes=nodes)
    try:
        await asyncio.gather(made.mailbox.start(), made.postgres.start(), made.nats.start())
        services = (CHASSIS, *installed())
        await migrate(made.postgres.admin_login(), DATABASE, services, made.keys)
        await _watch(made)
        with pytest.MonkeyPatch.context() as patch:
            quick_hashes(patch)
            async with started(made.settings(), installed(), background=False) as house:
                made.fair = await open_the_fair(house, capacity)
        async with (
            Gate(_socket(made.postgres)) as postgres,
            Gate(*_nodes(made.nats)) as nats,
            Gate(made.mailbox.address.removeprefix("unix:")) as smtp,
        ):
            made.gates = Gates(postgres, nats, smtp)
            made.houses = Houses(folder, made.environment(), haste)
            async with made.houses.running():
                yield made
    finally:
        await asyncio.gather(made.nats.stop(), made.postgres.stop(), made.mailbox.stop())


async def _watch(made: World) -> None:
    await made.order(WATCH)
    for table, key in WATCHED.items():
        await made.order(STEP.format(table, key))
    for service in installed():
        await made.order(TAKE.format(service.name))
