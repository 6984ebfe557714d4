"""`blest demo`: the demo's year in an installation that is still empty."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import click

from services import demo
from services.cli import reach
from services.cli.demo import DemoYear, password
from services.cli.home import DATABASE, Home, HomeMissing
from services.cli.steps import Steps
from services.identity import commands
from services.keys import Keys
from services.migrate import migrate
from services.process import started
from services.registry import installed
from services.settings import Settings

TITLE = "A year of the demo programmes"


@click.command("demo", short_help="Play a year of three invented programmes.")
def command() -> None:
    """Play a year of three invented programmes, day by day, by the services' own commands.

    `blest run` does this at its first start. Only for an installation without programmes, with no service
    running: the clock of the demo is moved, theirs is not. In this folder a year that was cut short is
    played anew; on servers of your own, empty the database first.
    """
    play = _elsewhere if "BLEST_DATABASE" in os.environ else _here
    asyncio.run(play(Steps()))


async def _here(steps: Steps) -> None:
    """In this checkout, which nobody else may have meanwhile: raises `HomeTaken` where one runs from here."""
    home = Home.here()
    if not home.exists:
        raise HomeMissing("Nothing is set up in this folder yet: start with `make run`, which plays the demo itself")
    year = DemoYear(home)
    with home.taken():
        if year.cut_short:
            year.forget_messages()
        async with home.running(home.ensure_secrets(reach.all_services())) as servers:
            settings = home.settings(servers, os.environ)
            if year.cut_short:
                await year.forget_data(servers.postgres)
                await migrate(servers.postgres.admin_login(), DATABASE, reach.all_services(), Keys(settings.secrets))
            await _refuse_where_programmes_are(settings)
            with steps.bar(TITLE) as report:
                handled = await year.play(servers.postgres, settings, installed(), report)
            _tell(steps, handled, settings)


async def _elsewhere(steps: Steps) -> None:
    """On the servers that the environment names."""
    async with reach.reached() as installation:
        settings = installation.settings
        await _refuse_where_programmes_are(settings)
        with steps.bar(TITLE) as report:
            handled = await demo.play(settings, installed(), datetime.now(UTC).date(), report)
        _tell(steps, handled, settings)


async def _refuse_where_programmes_are(settings: Settings) -> None:
    async with started(settings, (), background=False) as house:
        for context in house.contexts.values():
            async with context.database.transaction(None) as tx:
                if await commands.programmes(tx):
                    raise click.ClickException("There are programmes already; the demo is for an empty installation")


def _tell(steps: Steps, handled: int, settings: Settings) -> None:
    steps.say(f"{handled} facts told. The demo's people have the password {password(settings.secrets)}")
