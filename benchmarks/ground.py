"""The ground that figures stand on: PostgreSQL and NATS as `blest run` starts them, durable, on the disk.

    async with opened(folder) as ground:
        async with ground.place("redirects") as place:
            place.settings            # a migrated database and a NATS server of its own, with the real roles

One PostgreSQL for the run; each figure gets a copy of a database that was migrated once, and a NATS server that holds
nothing of the figure before it.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.cli.home import Home, Servers
from services.cli.reach import all_services
from services.embedded.nats import EmbeddedNats
from services.keys import Keys
from services.migrate import migrate
from services.settings import Settings

TEMPLATE = "template_of_all"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one figure is taken."""

    settings: Settings
    folder: Path

    @property
    def keys(self) -> Keys:
        return Keys(self.settings.secrets)


@dataclass(frozen=True, slots=True)
class Ground:
    home: Home
    servers: Servers
    users: Mapping[str, str]

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[Place]:
        """An empty, migrated database and an empty NATS, gone with the block."""
        await self._tell(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
        folder = self.home.folder / "places" / name
        folder.mkdir(parents=True)
        nats = EmbeddedNats(folder, self.users)
        await nats.start()
        try:
            settings = Settings(
                database=self.servers.postgres.address(name),
                nats=nats.url,
                smtp=self.servers.mailbox.address,
                secrets=self.home.secrets,
                state=folder / "state",
                trusted_proxies=("127.0.0.1",),
            )
            yield Place(settings, folder)
        finally:
            await nats.stop()
            await self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')
            shutil.rmtree(folder, ignore_errors=True)

    async def _tell(self, statement: str) -> None:
        connection = await asyncpg.connect(**self.servers.postgres.admin_login())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def tidy(self, place: Place) -> None:
        """Statistics and visibility as autovacuum would have brought them about, so that figures do not wait for it."""
        name = place.settings.database.split("/")[3].partition("?")[0]
        connection = await asyncpg.connect(**{**self.servers.postgres.admin_login(), "database": name})
        try:
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Ground]:
    """Servers below an empty `folder`, which is removed with them."""
    home = Home(folder)
    try:
        users = home.ensure_secrets(all_services())
        async with home.running(users) as servers:
            await migrate(servers.postgres.admin_login(), TEMPLATE, all_services(), Keys(home.secrets))
            yield Ground(home, servers, users)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
