"""The run's PostgreSQL and NATS, started once on a thread with a loop of its own, for tests in whatever process."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.chassis import CHASSIS
from services.embedded.nats import ADMIN, EmbeddedNats
from services.embedded.postgres import EmbeddedPostgres
from services.keys import Keys
from services.migrate import migrate, secret_names
from services.registry import installed

TEMPLATE = "blest_template"


@dataclass(frozen=True, slots=True)
class Where:
    """Where the servers are and how to enter, in words that another process can be told."""

    admin: dict[str, Any]
    address: str
    """A database's address with {name} in its place."""
    nats: str
    folder: str

    @property
    def secrets(self) -> Path:
        return Path(self.folder) / "secrets"

    def database(self, name: str) -> str:
        return self.address.replace("{name}", name)

    def packed(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def unpacked(cls, text: str) -> Where:
        return cls(**json.loads(text))


MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3


def in_memory() -> Path | None:
    """Where files live in memory, if there is room: a database is copied there eight times as fast as on a disk."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


class Servers:
    """Starts both servers below a folder of their own and migrates the template."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="test servers")
        self._folder = Path(tempfile.mkdtemp(prefix="blest-run-", dir=in_memory()))
        self.where: Where

    def start(self) -> None:
        self._thread.start()
        self._wait(self._start())

    def stop(self) -> None:
        self._wait(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=90)

    async def _start(self) -> None:
        services = (CHASSIS, *installed())
        folder = self._folder / "secrets"
        users = [*(service.name for service in services), ADMIN]
        for name in [*secret_names(services), *(f"nats/{user}" for user in users), "token-key"]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(24))
        keys = Keys(folder)
        self._postgres = EmbeddedPostgres(self._folder / "postgres", durable=False)
        self._nats = EmbeddedNats(self._folder / "nats", {user: keys.secret(f"nats/{user}") for user in users})
        await asyncio.gather(self._postgres.start(), self._nats.start())
        admin = self._postgres.admin_login()
        self.where = Where(admin, self._postgres.address("{name}"), self._nats.url, str(self._folder))
        await migrate(admin, TEMPLATE, services, keys)

    async def _stop(self) -> None:
        await asyncio.gather(self._postgres.stop(), self._nats.stop())
