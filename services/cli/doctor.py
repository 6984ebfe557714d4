"""`blest doctor`: looks at every part of an installation and says what is wrong and what to do about it.

Each check says one thing. A part that cannot be looked at because another is away says so and blames nobody else.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
import asyncpg
import click

from services import condition, dead_letters
from services.bus import NatsBus
from services.chassis import CHASSIS
from services.cli import reach
from services.cli.failures import in_one_line
from services.cli.home import Home
from services.cli.reach import Reached
from services.cli.steps import Steps
from services.clock import SystemClock
from services.context import Context
from services.database import Database
from services.migrate import newest
from services.process import nats_bus
from services.registry import installed
from services.streams import declare

ROOM = 512 * 1024 * 1024
"""Bytes free on the disk, below which PostgreSQL and JetStream are in danger."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `do` says what to do where it is not well."""

    part: str
    says: str
    well: bool = True
    do: str = ""


@click.command("doctor", short_help="Say what is wrong, and what to do.")
def command() -> None:
    """Check every component, and say what is wrong and what to do. Ends with 1 where something is."""
    raise SystemExit(asyncio.run(examine(Steps())))


async def examine(steps: Steps) -> int:
    """Run all checks and show what they find; returns 1 where something is not well."""
    ill = 0
    for finding in machine():
        ill += _show(steps, finding)
    try:
        async with reach.reached() as installation:
            for check in (postgres, nats, smtp, services, tasks, invariants):
                try:
                    async for finding in check(installation):
                        ill += _show(steps, finding)
                except Exception as error:
                    says = in_one_line(error) or f"{type(error).__name__}: {error}"
                    ill += _show(
                        steps,
                        Finding(check.__name__, says, False, "mend this first; what builds on it was not checked"),
                    )
    except Exception as error:
        ill += _show(steps, Finding("servers", in_one_line(error) or repr(error), False))
    steps.say("\nAll is well." if not ill else f"\n{ill} of these need you.")
    return 1 if ill else 0


def _show(steps: Steps, finding: Finding) -> int:
    mark = "[green]✓[/green]" if finding.well else "[red]✗[/red]"
    steps.say(
        f"{mark} {finding.part:<14} {finding.says}" + (f"\n  → {finding.do}" if finding.do and not finding.well else "")
    )
    return 0 if finding.well else 1


def machine() -> list[Finding]:
    """Python, the disk, the front-end packages."""
    version = ".".join(map(str, sys.version_info[:3]))
    folder = Home.here().folder  # it may be a disk of its own, and need not be there yet
    free = shutil.disk_usage(folder if folder.is_dir() else folder.parent).free
    static = Path(__file__).parents[2] / "node_modules" / "htmx.org"
    return [
        Finding(
            "Python", version, sys.version_info >= (3, 11), "Blest needs 3.11 or newer: make run PYTHON=python3.12"
        ),
        Finding("disk", f"{free // 2**20} MiB free", free > ROOM, "make room: servers stop where the disk is full"),
        Finding(
            "front end",
            "npm packages are there" if static.is_dir() else "npm packages are missing",
            static.is_dir(),
            "make run",
        ),
    ]


async def postgres(installation: Reached) -> AsyncIterator[Finding]:
    """The server, each role's login, and whether the migrations are those of this code."""
    for service in reach.all_services():
        database = Database(service.name, installation.settings.database, installation.keys, SystemClock())
        for kind in ("app", "system"):
            connection = await asyncpg.connect(**database.login(kind), timeout=5)
            try:
                if kind == "app" and service is reach.all_services()[0]:
                    version = connection.get_server_version()
                    known = await connection.fetchval("SHOW server_version")
                    yield Finding(
                        "PostgreSQL",
                        f"version {known}",
                        version.major >= 18,
                        "18 or newer is needed",
                    )
                if kind == "system":
                    there = await connection.fetchval("SELECT max(version) FROM schema_migrations")
                    wanted = newest(service)
                    yield Finding(
                        service.name,
                        f"migrated to {there}",
                        there == wanted,
                        f"this code needs {wanted}: blest migrate",
                    )
            finally:
                await connection.close()


async def nats(installation: Reached) -> AsyncIterator[Finding]:
    """The server, and each service's login with its own user."""
    refused = []
    for service in reach.all_services():
        bus = nats_bus(installation.settings, installation.keys)(service.name)
        assert isinstance(bus, NatsBus)
        await bus.connect()
        if not bus.connected:
            refused.append(service.name)
        await bus.close()
    where = installation.settings.nats
    yield Finding(
        "NATS",
        f"{where} lets every service in",
        not refused,
        f"{', '.join(refused)} cannot connect: is it running at {where}?",
    )


async def smtp(installation: Reached) -> AsyncIterator[Finding]:
    """Whether mails would be taken."""
    address = installation.settings.smtp
    client = _smtp(address)
    try:
        await client.connect()
        await client.noop()
        yield Finding("SMTP", f"{address} takes mails")
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as error:
        do = "mails wait and are sent later; set BLEST_SMTP, or look at the mail server"
        if address.startswith("unix:") and "BLEST_DATABASE" not in os.environ:
            do = "start it with `make run`"
        yield Finding("SMTP", f"{address}: {error}", False, do)


def _smtp(address: str) -> aiosmtplib.SMTP:
    if address.startswith("unix:"):
        return aiosmtplib.SMTP(socket_path=address.removeprefix("unix:"), timeout=5)
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    return aiosmtplib.SMTP(hostname=host.rpartition("@")[2], port=int(port), use_tls=scheme == "smtps", timeout=5)


async def services(installation: Reached) -> AsyncIterator[Finding]:
    """Of each service that tells or hears of facts: streams and consumers, what waits in the outbox, dead letters."""
    for service in installed():
        database = Database(service.name, installation.settings.database, installation.keys, SystemClock())
        bus = nats_bus(installation.settings, installation.keys)(service.name)
        await database.open()
        await bus.connect()
        try:
            context = Context(service, installation.settings, installation.keys, SystemClock(), database, bus)
            for examine_one in (_streams, _outbox, _letters):
                yield await examine_one(context)
        finally:
            await bus.close()
            await database.close()


async def _streams(context: Context) -> Finding:
    there = await declare(context)
    return Finding(
        context.service.name,
        "stream and consumers are there",
        there,
        "start every service once: a consumer waits for a stream",
    )


async def _outbox(context: Context) -> Finding:
    found = await condition.outbox_of(context)
    do = f"the oldest for {found.age.total_seconds():.0f} s: is a process with {context.service.name} running?"
    return Finding(context.service.name, f"{found.facts} facts wait to be sent", not found.late, do)


async def _letters(context: Context) -> Finding:
    count = sum((await dead_letters.count(context)).values())
    do = f"blest dead-letters list {context.service.name}; mend the cause, then replay them"
    return Finding(context.service.name, f"{count} dead letters", not count, do)


async def tasks(installation: Reached) -> AsyncIterator[Finding]:
    """The tasks whose last run failed, and projections that were emptied and not filled again."""
    for service in reach.all_services():
        database = Database(service.name, installation.settings.database, installation.keys, SystemClock())
        await database.open()
        try:
            for one in await condition.failed_of(database):
                do = "a task is tried again when it is due, and the log says more; what was cut off must be begun again"
                yield Finding(service.name, f"{one.task}: {one.error}", False, do)
        finally:
            await database.close()


async def invariants(installation: Reached) -> AsyncIterator[Finding]:
    """The declared invariants of the chassis and of every service."""
    for service in reach.all_services():
        database = Database(service.name, installation.settings.database, installation.keys, SystemClock())
        room = "services/identity" if service is CHASSIS else service.name
        await database.open()
        try:
            for check in service.checks:
                async with database.system() as tx:
                    count = await check.count(tx)
                says = check.says if not count else f"{count} times not so: {check.says}"
                yield Finding(service.name, says, not count, f"see the invariants in {room}/README.md ({check.name})")
        finally:
            await database.close()
