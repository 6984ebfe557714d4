"""`blest projections`: tables that a service fills from the facts of others, and how to fill them anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from services import repairs
from services.cli import reach
from services.cli.steps import Steps
from services.registry import installed
from services.service import Reaction
from services.streams import consumer_name


def projections() -> dict[str, tuple[str, Reaction]]:
    """Every projection by its name, with its service: those reactions that have no effect outside their tables."""
    return {
        consumer_name(service.name, reaction): (service.name, reaction)
        for service in installed()
        for reaction in service.reactions
        if reaction.projection
    }


@click.group("projections", short_help="What services keep of each other's facts.")
def command() -> None:
    """List or rebuild what services keep of each other's facts."""


@command.command("list", short_help="Name every projection with its tables.")
def listed() -> None:
    """Name every projection with its tables."""
    steps = Steps()
    for name, (_, reaction) in projections().items():
        steps.say(f"{name:<36} {', '.join(reaction.tables)}")


@command.command("rebuild", short_help="Empty projections and fill them anew.")
@click.argument("names", nargs=-1, metavar="PROJECTION...")
@click.option("--all", "every", is_flag=True, help="Rebuild every projection.")
def rebuild(names: tuple[str, ...], every: bool) -> None:
    """Empty PROJECTION... and fill them anew from all facts of the last 30 days.

    Pages that show them lag meanwhile; nothing is sent to anybody. For older facts, `blest facts restate` their
    service first.
    """
    known = projections()
    wanted = tuple(known) if every else names
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise click.UsageError(
            (f"There is no projection {', '.join(unknown)}. " if unknown else "Name a projection, or --all. ")
            + f"There are: {', '.join(known)}"
        )
    asyncio.run(_rebuild(wanted, Steps()))


async def _rebuild(names: Sequence[str], steps: Steps) -> None:
    known = projections()
    services = list(dict.fromkeys(known[name][0] for name in names))
    async with reach.running(services) as house:
        for name in names:
            service, reaction = known[name]
            with steps.step(name):
                count = await repairs.rebuild(house.contexts[service], reaction)
            steps.say(f"  {count} facts taken in")
