"""The demo's year in a checkout: played once, anew where a start was cut short in the middle of it.

Beside the data stand its people: an account per role in the programmes of the demo, with one password made by chance.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from services import demo
from services.chassis import CHASSIS
from services.cli.home import DATABASE, Home
from services.embedded.postgres import EmbeddedPostgres
from services.identity import commands
from services.process import Running
from services.routes import Role
from services.service import Service
from services.settings import Settings

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is taken for another."""
PASSWORD = "demo-password"  # noqa: S105 - the name of the secret's file
DOMAIN = "blest.example"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the demo's people."""

    email: str
    name: str
    role: Role
    can: str


PEOPLE = (
    Person(f"owner@{DOMAIN}", "Eli Eier", Role.OWNER, "owns every programme and runs the installation"),
    Person(f"organiser@{DOMAIN}", "Oda Arrangør", Role.ORGANISER, "plans events and stands"),
    Person(f"marketing@{DOMAIN}", "Mari Marked", Role.MARKETING, "runs campaigns"),
    Person(f"host@{DOMAIN}", "Stian Stand", Role.STAND_HOST, "meets people at a stand"),
    Person(f"door@{DOMAIN}", "Dina Dør", Role.CHECK_IN, "scans tickets"),
    Person(f"reader@{DOMAIN}", "Leo Leser", Role.READER, "reads"),
)


class DemoYear:
    """Where this checkout stands with its demo: not begun, cut short, or played."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._mark = home.folder / "demo"

    @property
    def played(self) -> bool:
        return self._mark.is_file() and self._mark.read_text() == "played"

    @property
    def cut_short(self) -> bool:
        return self._mark.is_file() and not self.played

    def forget_messages(self) -> None:
        """Remove what NATS, the mailbox and the journals hold of a year cut short; before the servers start."""
        for name in ("nats/jetstream", "mailbox", "state"):
            shutil.rmtree(self._home.folder / name, ignore_errors=True)

    async def forget_data(self, postgres: EmbeddedPostgres) -> None:
        """Remove the database of a year that was cut short."""
        connection = await asyncpg.connect(**postgres.admin_login())
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        finally:
            await connection.close()

    async def play(self, settings: Settings, services: Sequence[Service], report: Callable[[int, int], None]) -> int:
        """Play the year that ends today; returns how many facts were handled."""
        self._mark.write_text("playing")
        handled = await demo.play(settings, services, datetime.now(UTC).date(), report)
        self._mark.write_text("played")
        return handled


def password(folder: Path) -> str | None:
    """The password of the demo's people, where there are any."""
    path = folder / PASSWORD
    return path.read_text().strip() if path.exists() else None


async def people(house: Running, folder: Path) -> None:
    """Make the demo's accounts where they are missing, with their roles in every programme."""
    made = password(folder)
    if made is None:
        made = "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))
        path = folder / PASSWORD
        path.touch(mode=0o600)
        path.write_text(made + "\n")
    database = house.contexts[CHASSIS.name].database
    async with database.transaction(None) as tx:
        programmes = await commands.programmes(tx)
        for person in PEOPLE:
            account = await commands.create_account(
                tx,
                email=person.email,
                name=person.name,
                language="nb",
                password=made,
                operator=person.role is Role.OWNER,
            )
            for programme in programmes:
                await commands.grant(tx, None, programme.id, account, person.role)
