"""`blest dead-letters`: facts that a service gave up on, kept until the cause is mended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click
from rich.table import Table

from services import dead_letters
from services.chassis import CHASSIS
from services.cli import reach
from services.cli.steps import Steps
from services.process import Running


@click.group("dead-letters", short_help="Facts that a service gave up on.")
def command() -> None:
    """Look at facts that a service gave up on, and hand them in again."""


@command.command("list", short_help="Show those that wait, oldest first.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
def listed(services: tuple[str, ...]) -> None:
    """Show the dead letters of SERVICE... (all) that wait, oldest first."""
    asyncio.run(_list(services, Steps()))


async def _list(names: Sequence[str], steps: Steps) -> None:
    table = Table("Letter", "Gave up", "Fact", "Failed", "Why", box=None, pad_edge=False)
    async with reach.running(names) as house:
        for context in house.contexts.values():
            if context.service is CHASSIS:
                continue
            for letter in await dead_letters.waiting(context):
                name = f"{context.service.name}:{letter.id}"
                why = letter.error.strip().splitlines()[-1] if letter.error.strip() else ""
                table.add_row(name, letter.consumer, letter.subject, f"{letter.failed_at:%Y-%m-%d %H:%M}", why)
    if table.row_count:
        steps.console.print(table)
        steps.say("\nWhen the cause is mended: blest dead-letters replay LETTER... (or --all)")
    else:
        steps.say("No dead letters.")


@command.command("replay", short_help="Hand some in again.")
@click.argument("letters", nargs=-1, metavar="LETTER...")
@click.option("--all", "every", is_flag=True, help="Replay all that wait.")
def replay(letters: tuple[str, ...], every: bool) -> None:
    """Hand LETTER... (such as notifications:7) to the consumer that failed, and to no other.

    What fails again goes on waiting.
    """
    if bool(letters) == every:
        raise click.UsageError("Name the letters as `blest dead-letters list` shows them, or give --all")
    wanted: list[tuple[str, int]] = []
    for letter in letters:
        service, _, number = letter.partition(":")
        if not number.isdigit():
            raise click.UsageError(f"{letter!r} is no letter; they are named as in notifications:7")
        wanted.append((service, int(number)))
    raise SystemExit(asyncio.run(_replay(wanted, Steps())))


async def _replay(wanted: list[tuple[str, int]], steps: Steps) -> int:
    """Replay these, or all where none is named; returns 1 where one failed again."""
    names = list(dict.fromkeys(service for service, _ in wanted))
    failed = 0
    async with reach.running(names) as house:
        for service, number in wanted or await _waiting(house):
            try:
                came = (await dead_letters.replay(house.contexts[service], number)).value
            except Exception as error:
                failed += 1
                came = f"failed again: {type(error).__name__}: {error}"
            steps.say(f"{service}:{number} {came}")
    return 1 if failed else 0


async def _waiting(house: Running) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for name, context in house.contexts.items():
        if context.service is not CHASSIS:
            found += [(name, letter.id) for letter in await dead_letters.waiting(context, largest=10_000)]
    return found
