"""One checkout as people meet it: `blest` in processes of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from services.embedded.postgres import EmbeddedPostgres
from tests.ports import free_port

BLEST = "from services.cli.main import blest; blest(prog_name='blest')"
WITHIN = 60
"""Seconds that a start may take on a machine with much else to do; the aim is 5."""


class House:
    """The processes of one checkout."""

    def __init__(self, folder: Path, inside: Sequence[str] = ()) -> None:
        """`inside` is a command that starts the one that follows it, in surroundings of its own."""
        self.folder = folder
        self.inside = tuple(inside)
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BLEST_")},
            "BLEST_PORT": str(self.port),
            "PYTHONPATH": str(Path.cwd()),
        }
        self.process: subprocess.Popen[str] | None = None

    def blest(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*self.inside, sys.executable, "-c", BLEST, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN,
        )

    def start(self) -> None:
        """Start `blest run` and wait until it is ready."""
        self.process = subprocess.Popen(
            [*self.inside, sys.executable, "-c", BLEST, "run", "--no-demo"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until = time.monotonic() + WITHIN
        while not self.ready():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < until, "not ready in time"
            time.sleep(0.05)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(json.load(answer)["ready"])
        except (OSError, ValueError):
            return False

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal and wait; the exit code and all that was said."""
        assert self.process is not None
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=15)
        return self.process.returncode, said

    def leave_a_mark(self) -> None:
        ask(self.folder, "CREATE TABLE public.mark (i int)")

    def has_its_mark(self) -> bool:
        return ask(self.folder, "SELECT to_regclass('public.mark') IS NOT NULL")

    def servers(self) -> list[int]:
        """The ids of PostgreSQL and NATS."""
        home = self.folder / ".blest"
        files = (home / "postgres" / "postmaster.pid", home / "nats" / "nats.pid")
        return [int(path.read_text().splitlines()[0]) for path in files if path.exists()]


def ask(folder: Path, statement: str) -> bool:
    """What the database of a checkout answers, entered as superuser; raises asyncpg.PostgresError."""
    server = EmbeddedPostgres(folder / ".blest")
    assert server.attach()

    async def answer() -> bool:
        connection = await asyncpg.connect(**{**server.admin_login(), "database": "blest"})
        try:
            return bool(await connection.fetchval(statement))
        finally:
            await connection.close()

    return asyncio.run(answer())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.communicate()  # its servers end with it, or at the next start
