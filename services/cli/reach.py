"""Which installation a command is about: the one that the environment names, else this checkout's own.

With `BLEST_DATABASE` set, its PostgreSQL and `BLEST_NATS`. Without, `.blest/`: the servers of the `blest run` that is
under way here, or the same servers started for the length of this command.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.chassis import CHASSIS
from services.cli.home import Home, HomeMissing, HomeTaken
from services.context import Context
from services.database import address
from services.keys import Keys
from services.process import Running, started
from services.registry import chosen, installed
from services.service import Service
from services.settings import Settings


@dataclass(frozen=True, slots=True)
class Reached:
    """An installation whose servers answer."""

    settings: Settings
    admin: dict[str, Any]
    """asyncpg's arguments of the role that may create roles and databases; for migrations alone."""

    @property
    def keys(self) -> Keys:
        return Keys(self.settings.secrets)


def all_services() -> tuple[Service, ...]:
    """The chassis's own and every installed service."""
    return (CHASSIS, *installed())


@asynccontextmanager
async def reached(*, as_admin: bool = False) -> AsyncIterator[Reached]:
    """The installation of the environment or of this checkout; `as_admin` where the command migrates."""
    if "BLEST_DATABASE" in os.environ:
        settings = Settings.from_environment(os.environ)
        yield Reached(settings, _admin(settings) if as_admin else {})
        return
    home = Home.here()
    if not home.exists:
        raise HomeMissing(
            "Nothing is set up in this folder yet: start with `make run`, or name your servers in BLEST_DATABASE"
        )
    users = home.ensure_secrets(all_services())
    try:
        with home.taken():
            async with home.running(users) as servers:
                yield Reached(home.settings(servers, os.environ), servers.postgres.admin_login())
    except HomeTaken:
        servers = home.attached(users)
        yield Reached(home.settings(servers, os.environ), servers.postgres.admin_login())


def _admin(settings: Settings) -> dict[str, Any]:
    """The administrator named by `BLEST_ADMIN` ("postgres"), whose password is the secret `postgres/admin`."""
    return {
        **address(settings.database),
        "user": os.environ.get("BLEST_ADMIN", "postgres"),
        "password": Keys(settings.secrets).secret("postgres/admin"),
    }


@asynccontextmanager
async def running(names: Sequence[str] = ()) -> AsyncIterator[Running]:
    """The named services (all, where none is named) opened in this process, without their background work."""
    services = chosen(names) if names else installed()
    async with reached() as installation, started(installation.settings, services, background=False) as house:
        yield house


@asynccontextmanager
async def chassis() -> AsyncIterator[Context]:
    """The chassis's own context (accounts, roles, programmes' directory), opened for this command."""
    async with reached() as installation, started(installation.settings, (), background=False) as house:
        yield house.contexts[CHASSIS.name]
