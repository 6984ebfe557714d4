"""The ground that figures stand on: PostgreSQL and NATS as `blest run` starts them, durable, on the disk.

    async with opened(folder) as ground:
        async with ground.place("redirects") as place:
            place.settings            # a migrated database and a NATS server of its own, with the real roles

One PostgreSQL for the run; each figure gets a copy of a database that was migrated once, and a NATS server that holds
nothing of the figure before it.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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


Fill = Callable[[Place], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ground:
    home: Home
    servers: Servers
    users: Mapping[str, str]

    @asynccontextmanager
    async def place(self, name: str, like: Fill | None = None) -> AsyncIterator[Place]:
        """A migrated database and an empty NATS, gone with the block. The database is empty, or a copy of one that
        `like` filled: once in a run."""
        source = TEMPLATE if like is None else f"{like.__module__}_{like.__name__}".replace(".", "_")
        if like is not None and not await self._is_there(source):
            async with self.place("filling") as filling:
                await like(filling)
                await self.tidy(filling)
                await self._tell(f'CREATE DATABASE "{source}" TEMPLATE filling STRATEGY FILE_COPY')
        await self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
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

    async def _is_there(self, name: str) -> bool:
        connection = await asyncpg.connect(**self.servers.postgres.admin_login())
        try:
            return bool(await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name))
        finally:
            await connection.close()

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
