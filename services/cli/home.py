"""`.blest/`: what one checkout keeps, and the servers it runs for itself.

    home = Home.here()
    async with home.servers(accounts) as servers:
        settings = home.settings(servers)

One `blest run` at a time has the folder, by a lock that the kernel takes back when its process ends, however it ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.embedded import secret_files
from services.embedded.caddy import EmbeddedCaddy
from services.embedded.child import ServerFailed
from services.embedded.mailbox import Mailbox
from services.embedded.nats import ADMIN, EmbeddedNats
from services.embedded.postgres import EmbeddedPostgres
from services.migrate import secret_names
from services.service import Service
from services.settings import Settings

DATABASE = "blest"
SETUP_CODE = "setup-code"
"""The secret that whoever makes the first account must know."""


class HomeTaken(Exception):
    """Another process has this checkout's `.blest/`. The message says which."""


class HomeMissing(Exception):
    """There is nothing here yet. The message says what to do."""


@dataclass(slots=True)
class Servers:
    """What runs for the checkout; `front` only where people shall reach it over https."""

    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    mailbox: Mailbox
    front: EmbeddedCaddy | None = None

    @property
    def children(self) -> tuple[EmbeddedPostgres | EmbeddedNats | EmbeddedCaddy, ...]:
        return (self.postgres, self.nats, *([self.front] if self.front else []))

    async def start(self) -> None:
        """Start all; raises `ServerFailed` or OSError where one of them does not start (the others then run)."""
        await _all(self.mailbox.start(), *(child.start() for child in self.children))

    async def stop(self) -> None:
        await _all(self.mailbox.stop(), *(child.stop() for child in self.children))

    def end_at_once(self) -> None:
        """For when there is no time: PostgreSQL recovers from its log at the next start, NATS has all on the disk."""
        for child in self.children:
            child.end_at_once()

    def trouble(self) -> str | None:
        """One line about the first server that ended by itself or tells of a full disk; None where all seems well."""
        return next((line for child in self.children if (line := child.trouble())), None)

    async def ended(self) -> str:
        """Wait until one of them ends by itself, and return one line that tells of it."""
        watches = [asyncio.create_task(child.ended()) for child in self.children]
        try:
            done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for watch in watches:
                watch.cancel()


@dataclass(frozen=True, slots=True)
class Home:
    """The folder, which need not exist yet."""

    folder: Path

    @classmethod
    def here(cls) -> Home:
        """`.blest/` of the folder in which we were started."""
        return cls(Path.cwd() / ".blest")

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def exists(self) -> bool:
        return (self.folder / "postgres").is_dir()

    @contextmanager
    def taken(self, address: str = "") -> Iterator[None]:
        """Have the folder for ourselves; raises `HomeTaken` where another has it. `address` is told to who asks."""
        secret_files.private_folder(self.folder)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()} {address}".encode())
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid, _, where = os.read(descriptor, 200).decode().partition(" ")
            at = f" at {where}" if where else ""
            raise HomeTaken(f"Blest already runs from this folder{at} (process {pid}); end that one first") from error

    def ensure_secrets(self, services: Sequence[Service]) -> dict[str, str]:
        """Make what is missing of all secrets; returns the users of NATS with their passwords."""
        return ensure_secrets(self.secrets, services)

    def make(self, users: Mapping[str, str]) -> Servers:
        return Servers(EmbeddedPostgres(self.folder), EmbeddedNats(self.folder, users), Mailbox(self.folder))

    @asynccontextmanager
    async def running(self, users: Mapping[str, str]) -> AsyncIterator[Servers]:
        """PostgreSQL, NATS and the mailbox, ended with the block. Raises `ServerFailed`, OSError."""
        servers = self.make(users)
        try:
            await servers.start()
            yield servers
        finally:
            await servers.stop()

    def attached(self, users: Mapping[str, str]) -> Servers:
        """The servers that another process runs; raises `ServerFailed` where they are not ready."""
        servers = self.make(users)
        if not (servers.postgres.attach() and servers.nats.attach()):
            raise ServerFailed("Blest is starting or ending here; try again in a moment")
        return servers

    def settings(self, servers: Servers, environment: Mapping[str, str]) -> Settings:
        """`BLEST_*` from the environment, and our own servers, secrets and state."""
        port = environment.get("BLEST_PORT", "8080")
        return Settings.from_environment(
            {"BLEST_URL": f"http://127.0.0.1:{port}", **environment},
            database=servers.postgres.address(DATABASE),
            nats=servers.nats.url,
            smtp=servers.mailbox.address,
            secrets=self.secrets,
            state=self.folder / "state",
        )


def ensure_secrets(folder: Path, services: Sequence[Service]) -> dict[str, str]:
    """Make what is missing of the services' secrets; returns the users of NATS with their passwords."""
    for name in ("token-key", *secret_names(services)):
        secret_files.ensure(folder, name)
    secret_files.ensure(folder, SETUP_CODE, secret_files.typable)
    names = [ADMIN, *(service.name for service in services)]
    return {name: secret_files.ensure(folder, f"nats/{name}") for name in names}


async def _all(*work: Coroutine[Any, Any, None]) -> None:
    """Run all at once and, when all have ended, raise the first error among them."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
