"""`blest migrate`: brings the database to what this code needs."""

from __future__ import annotations

import asyncio

import click

from services.cli.reach import all_services, reached
from services.cli.steps import Steps
from services.database import address
from services.migrate import migrate


@click.command("migrate", short_help="Bring roles and schemas up to this code.")
def command() -> None:
    """Create roles and schemas where they are missing and apply new migrations.

    With BLEST_DATABASE set, as the role BLEST_ADMIN (postgres), which may create roles and databases; its
    password is the secret postgres/admin. Safe to run again, and beside running services.
    """
    asyncio.run(_migrate(Steps()))


async def _migrate(steps: Steps) -> None:
    async with reached(as_admin=True) as installation:
        database = str(address(installation.settings.database)["database"])
        with steps.step(f"Migrations of the database {database}"):
            await migrate(installation.admin, database, all_services(), installation.keys)
