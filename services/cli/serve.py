"""`blest serve`: some services, or all, in this process, against the PostgreSQL and NATS that the environment names."""

from __future__ import annotations

import os

import click

from services import logs, process
from services.cli.ending import Ending, run
from services.cli.failures import port_taken
from services.embedded.child import ServerFailed
from services.registry import chosen, installed
from services.settings import Settings
from services.watchdog import watched


@click.command("serve", short_help="Run services on servers of yours.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
def command(services: tuple[str, ...]) -> None:
    """Run SERVICE... (all, where none is named) against BLEST_DATABASE and BLEST_NATS.

    Any number of these may run beside each other. The servers are yours; `blest migrate` prepares the database.
    """
    raise SystemExit(run(lambda ending: serve(services, ending)))


async def serve(names: tuple[str, ...], ending: Ending) -> int:
    """Open the services, listen until asked to end, and return the exit code."""
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log)
    async with watched(), process.started(settings, chosen(names) if names else installed()) as house:
        ending.orderly = True
        try:
            await process.serve(house, ending.asked)
        except OSError as error:
            raise ServerFailed(port_taken(settings.host, settings.port, error) or str(error)) from error
        return 1 if house.failed.is_set() else 0
