"""`blest demo`: the demo's year in an installation that is still empty."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from services import demo
from services.cli import reach
from services.cli.demo import password
from services.cli.home import Home
from services.cli.steps import Steps
from services.identity import commands
from services.registry import installed


@click.command("demo", short_help="Play a year of three invented programmes.")
def command() -> None:
    """Play a year of three invented programmes, day by day, by the services' own commands.

    `blest run` does this at its first start. Only for an installation without programmes, with no service
    running: the clock of the demo is moved, theirs is not.
    """
    asyncio.run(_play(Steps()))


async def _play(steps: Steps) -> None:
    async with reach.chassis() as context, context.database.transaction(None) as tx:
        if await commands.programmes(tx):
            raise click.ClickException("There are programmes already; the demo is for an empty installation")
    async with reach.reached() as installation:
        with steps.bar("A year of the demo programmes") as report:
            handled = await demo.play(installation.settings, installed(), datetime.now(UTC).date(), report)
        steps.say(
            f"{handled} facts told. The demo's people have the password {password(installation.settings.secrets)}"
        )
        mark = Home.here().folder / "demo"
        if mark.parent.is_dir() and installation.settings.secrets.is_relative_to(mark.parent):
            mark.write_text("played")
