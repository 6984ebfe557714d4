"""The demo's year in a checkout: played once, anew where a start was cut short in the middle of it.

Its people, an account per role, come with it; their one password was made by chance and lies among the secrets.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from services import demo
from services.cli.home import DATABASE, Home
from services.context import Context
from services.embedded.postgres import EmbeddedPostgres
from services.identity import commands
from services.routes import Role
from services.service import Service
from services.settings import Settings

PASSWORD = "demo-password"  # noqa: S105 - the name of the secret's file
DOMAIN = "@blest.example"
"""Where the demo's people have their addresses; nobody else has one there."""


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
        (self._home.secrets / PASSWORD).unlink(missing_ok=True)

    async def forget_data(self, postgres: EmbeddedPostgres) -> None:
        """Remove the database of a year that was cut short."""
        await _tell(postgres, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")

    async def play(
        self,
        postgres: EmbeddedPostgres,
        settings: Settings,
        services: Sequence[Service],
        report: Callable[[int, int], None],
    ) -> int:
        """Play the year that ends today; returns how many facts were handled.

        Meanwhile commits do not wait for the disk: a year that was cut short is played anew.
        """
        self._mark.write_text("playing")
        await _tell(postgres, f"ALTER DATABASE {DATABASE} SET synchronous_commit = off")
        handled = await demo.play(settings, services, datetime.now(UTC).date(), report)
        await _tell(postgres, f"ALTER DATABASE {DATABASE} RESET synchronous_commit", "CHECKPOINT")
        self._mark.write_text("played")
        return handled


async def _tell(postgres: EmbeddedPostgres, *statements: str) -> None:
    connection = await asyncpg.connect(**postgres.admin_login())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Login:
    """One of the demo's people, and what they may do where."""

    email: str
    roles: str


async def logins(context: Context) -> list[Login]:
    """The demo's people, those who may do most first."""
    found: dict[str, list[tuple[Role, str]]] = {}
    async with context.database.transaction(None) as tx:
        for programme in await commands.programmes(tx):
            for member in await commands.members(tx, programme.id):
                if member.email.endswith(DOMAIN):
                    found.setdefault(member.email, []).extend((role, programme.name) for role in member.roles)
    order = list(Role)
    rows = sorted(found.items(), key=lambda one: min(order.index(role) for role, _ in one[1]))
    return [Login(email, _in_words(held)) for email, held in rows]


def _in_words(held: list[tuple[Role, str]]) -> str:
    """`organiser, marketing of Heim, Rom`."""
    roles = dict.fromkeys(role.value.replace("_", " ") for role, _ in held)
    places = dict.fromkeys(name for _, name in held)
    return f"{', '.join(roles)} of {', '.join(places)}"


def password(folder: Path) -> str | None:
    """The one password of the demo's people, where there are any."""
    path = folder / PASSWORD
    return path.read_text(encoding="utf-8").strip() if path.exists() else None
