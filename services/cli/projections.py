"""`blest projections`: tables that a service fills from the facts of others, and how to fill them anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from services import repairs
from services.cli import reach
from services.cli.steps import Steps
from services.process import Running
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
@click.option("--yes", is_flag=True, help="Also where something would be missing afterwards.")
def rebuild(names: tuple[str, ...], every: bool, yes: bool) -> None:
    """Empty PROJECTION... and fill them anew from all facts of the last 30 days.

    Pages that show them lag meanwhile; nothing is sent to anybody. Where older facts would be missing nothing is
    touched: `blest facts restate` their service first, and let it be taken in.
    """
    known = projections()
    wanted = tuple(known) if every else names
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise click.UsageError(
            (f"There is no projection {', '.join(unknown)}. " if unknown else "Name a projection, or --all. ")
            + f"There are: {', '.join(known)}"
        )
    asyncio.run(_rebuild(wanted, yes, Steps()))


async def _rebuild(names: Sequence[str], yes: bool, steps: Steps) -> None:
    known = projections()
    services = list(dict.fromkeys(known[name][0] for name in names))
    async with reach.running(services) as house:
        if not yes:
            await _refuse_to_lose(house, names)
        for name in names:
            service, reaction = known[name]
            with steps.step(name):
                count = await repairs.rebuild(house.contexts[service], reaction)
            steps.say(f"  {count} facts taken in")


async def _refuse_to_lose(house: Running, names: Sequence[str]) -> None:
    """Raises where one of the projections holds what the streams no longer do."""
    for name in names:
        service, reaction = projections()[name]
        lost = await repairs.out_of_reach(house.contexts[service], reaction)
        if lost:
            sources = sorted({fact.subject.split(".")[0] for fact in reaction.facts})
            restate = " and ".join(f"`blest facts restate {source}`" for source in sources)
            raise click.ClickException(
                f"{name} holds {lost} things whose facts are older than the streams keep. First {restate}, with the "
                "services running; or give --yes to do without them"
            )
