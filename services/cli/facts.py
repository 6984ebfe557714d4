"""`blest facts`: the two repairs that say again what was said, or say what is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from services import repairs
from services.chassis import CHASSIS
from services.cli import reach
from services.cli.steps import Steps
from services.identity import commands

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601, or how long ago: 90m, 6h, 3d, 2w."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> datetime:
        text = str(value)
        if ago := re.fullmatch(r"(\d{1,5})([mhdw])", text):
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is no moment; write 2026-04-13T09:00+02:00, or how long ago: 6h, 3d", param, context)
        return moment if moment.tzinfo else moment.astimezone()


@click.group("facts", short_help="Send facts again, or state what is.")
def command() -> None:
    """Send facts again after a loss, or state what is for a new reader."""


@command.command("republish", short_help="Send again what was said since a moment.")
@click.option("--since", type=Moment(), required=True, help="From when: 2026-04-13T09:00, or how long ago: 6h, 3d.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
def republish(since: datetime, services: tuple[str, ...]) -> None:
    """Send again what SERVICE... (all) said since then: refills streams that NATS lost.

    Whoever had a fact already knows it and does nothing. Facts are kept for 30 days.
    """
    asyncio.run(_republish(services, since, Steps()))


async def _republish(names: Sequence[str], since: datetime, steps: Steps) -> None:
    async with reach.running(names) as house:
        for context in house.contexts.values():
            if context.service is not CHASSIS:
                count = await repairs.republish(context, since)
                steps.say(
                    f"{context.service.name}: {count} facts since {since:%Y-%m-%d %H:%M %Z} wait to be sent again"
                )
    steps.say("Running services send them within moments.")


@command.command("restate", short_help="State all that a service has.")
@click.argument("service")
def restate(service: str) -> None:
    """Say the current state of everything SERVICE has: for a reader that is new, or was away for long."""
    asyncio.run(_restate(service, Steps()))


async def _restate(name: str, steps: Steps) -> None:
    async with reach.running([name]) as house:
        async with house.contexts[CHASSIS.name].database.transaction(None) as tx:
            programmes: list[UUID] = [one.id for one in await commands.programmes(tx)]
        try:
            count = await repairs.restate(house.contexts[name], programmes)
        except LookupError as error:
            raise click.ClickException(f"{name} has nothing to restate") from error
    steps.say(f"{name}: {count} facts of {len(programmes)} programmes wait to be sent.")
    steps.say("Running services send them within moments.")
