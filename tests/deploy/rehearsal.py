"""An upgrade rehearsed on this machine: `make rehearse-upgrade FROM=<revision>`.

1. A whole installation of the version before stands behind Caddy, and the story passes.
2. The database is migrated beside it, as `docs/how-to/upgrade.md` says.
3. Process by process it becomes this version, while the story passes again and again and people look at pages.
4. The story passes once more; every answer was counted, and `blest doctor` finds the house well.

No test of one version alone sees what two have of each other: a column that is gone, a fact that is read no more.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

import uvloop

from services import logs
from services.embedded.mailbox import Mailbox
from tests.deploy.passers import in_turn, passing
from tests.deploy.story import live_through
from tests.deploy.town import Town
from tests.house.test_shape import ROOT


def checkout(revision: str, folder: Path) -> Path:
    """The files of a revision. Raises CalledProcessError where git knows none of that name."""
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")  # which git does not keep
    return folder


async def rehearse(town: Town, mailbox: Mailbox) -> None:
    """The four steps. AssertionError says what went wrong."""
    await live_through(town.settings(), town.front, mailbox, "foer")
    print("the story passed in the version before")
    town.upgrade(ROOT)
    await asyncio.to_thread(town.migrate)
    await live_through(town.settings(), town.front, mailbox, "mellom")
    print("it passed in the version before on the migrated database")
    stories = 0
    async with passing(town.front) as passers:
        upgrade = asyncio.create_task(in_turn(town))
        try:
            while not upgrade.done():
                stories += 1
                await live_through(town.settings(), town.front, mailbox, f"skifte-{stories}")
        finally:
            await upgrade
    assert passers.broken == [], passers.broken
    assert passers.failed == {}, passers.failed
    print(f"it passed {stories} times meanwhile; {sum(passers.answers.values())} pages looked at, none failed")
    await live_through(town.settings(), town.front, mailbox, "etter")
    print(await asyncio.to_thread(town.tool, "doctor"))


async def run(revision: str, logs_to: Path | None) -> None:
    folder = Path(tempfile.mkdtemp(prefix="blest-rehearsal-"))
    mailbox = Mailbox(folder)
    town = Town(folder, checkout(revision, folder / "before"))
    await mailbox.start()
    try:
        await asyncio.to_thread(town.build, mailbox.address)
        await asyncio.to_thread(town.start, town.processes.values())
        await asyncio.to_thread(town.front.start, town.pairs())
        await rehearse(town, mailbox)
    finally:
        await asyncio.to_thread(town.raze)
        await mailbox.stop()
        if logs_to is not None:
            shutil.copytree(folder / "logs", logs_to, dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", help="the version before, as git knows it")
    parser.add_argument("--logs", type=Path, help="where to leave what all processes wrote")
    given = parser.parse_args()
    logs.configure("plain", level=logging.WARNING)
    uvloop.run(run(given.revision, given.logs))


if __name__ == "__main__":
    main()
