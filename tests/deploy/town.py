"""A whole installation from the wheels, as docker-compose.yml has it.

PostgreSQL and NATS with the files of deploy/, two processes of each service, Caddy in front.

    town = Town(folder)
    town.build("unix:/smtp.sock")           # servers, secrets, roles, migrations
    town.start(town.processes.values())
    town.front.start(town.pairs())
    town.front.url                          # https://localhost:40123
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from services.cli import secret_command
from services.cli.deployment import REPLICAS, process_name
from services.cli.reach import all_services
from services.embedded import nats, postgres, postgres_programs
from services.embedded.child import Child
from services.registry import installed
from services.settings import Settings
from tests.deploy.front import DEPLOY, Front
from tests.deploy.processes import BLEST, Process, wait_until
from tests.house.test_shape import ROOT
from tests.ports import free_port


class Town:
    """Everything of one installation below one folder."""

    def __init__(self, folder: Path, code: Path = ROOT) -> None:
        self.folder = folder
        self.code = code
        """The checkout whose services run."""
        self.secrets = folder / "run" / "secrets"
        self.front = Front(folder)
        self._smtp = f"unix:{folder}/none"
        self._postgres_port = free_port()
        self._nats_port = free_port()
        self._postgres = Child("PostgreSQL", folder / "logs" / "postgres.log")
        self._nats = Child("NATS", folder / "logs" / "nats.log")
        self.processes: dict[str, Process] = {}

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("BLEST_")},
            "PYTHONPATH": str(self.code),
            "BLEST_URL": self.front.url,
            "BLEST_DATABASE": f"postgres://127.0.0.1:{self._postgres_port}/blest",
            "BLEST_NATS": f"nats://127.0.0.1:{self._nats_port}",
            "BLEST_SMTP": self._smtp,
            "BLEST_SECRETS": str(self.secrets),
            "BLEST_TRUSTED_PROXIES": "127.0.0.1",
            "BLEST_ADMIN": postgres.ADMIN,
        }

    def settings(self) -> Settings:
        return Settings.from_environment({**self.environment, "BLEST_STATE": str(self.folder / "state" / "test")})

    def build(self, smtp: str) -> None:
        """Start the servers and migrate; `smtp` is where the mails go."""
        secret_command.make(self.secrets, all_services())
        self._smtp = smtp
        self._start_nats()
        self._start_postgres()
        self.migrate()
        self.processes = {
            name: Process(name, [service.name], self.environment, self.folder)
            for service in installed()
            for name in (process_name(service.name, number + 1) for number in range(REPLICAS))
        }

    def migrate(self) -> None:
        """Bring the database to the code."""
        self.tool("migrate")

    def tool(self, *command: str) -> str:
        """`blest COMMAND`, which has to go well; what it says."""
        done = subprocess.run(
            [sys.executable, "-c", BLEST, *command],
            env=self.environment,
            cwd=self.code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"blest {' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def upgrade(self, code: Path) -> None:
        """From now on migrations, tools, and processes that are started are of this checkout."""
        self.code = code
        for one in self.processes.values():
            one.environment["PYTHONPATH"] = str(code)

    def start(self, processes: Iterable[Process]) -> None:
        """Start them and wait until all are ready."""
        several = list(processes)
        for one in several:
            one.start()
        for one in several:
            wait_until(one.ready, 90, f"{one.name} is ready")

    def pairs(self) -> dict[str, list[Process]]:
        return {
            service.name: [one for name, one in self.processes.items() if name.rpartition("-")[0] == service.name]
            for service in installed()
        }

    def raze(self) -> None:
        """End everything."""
        for one in self.processes.values():
            if one.running:
                one.send(signal.SIGKILL)
                one.wait()

        async def end() -> None:
            await self._nats.end(*nats.ENDING)
            await self._postgres.end(*postgres.ENDING)

        self.front.stop()
        asyncio.run(end())

    def _start_nats(self) -> None:
        configuration = self.folder / "etc" / "nats"
        shutil.copytree(DEPLOY / "nats", configuration)
        ports = self.folder / "ports"
        ports.mkdir()
        self._nats.launch(
            [
                *(str(nats.binary()), "-c", str(configuration / "nats.conf"), "-a", "127.0.0.1"),
                *("-p", str(self._nats_port), "--ports_file_dir", str(ports)),
            ],
            on_parents_death="TERM",
            folder=self.folder,
            environment={**os.environ, "NATS_NAME": "nats-1", "NATS_DATA": str(self.folder / "nats")},
        )
        wait_until(lambda: any(ports.iterdir()), 20, "NATS is ready")

    def _start_postgres(self) -> None:
        """Its data made by initdb, then run with the files of deploy/, over TCP as in a network of containers."""
        home = self.folder / "run"

        async def make() -> None:
            server = postgres.EmbeddedPostgres(home)
            await server.start()
            await server.stop()

        asyncio.run(make())
        runner = postgres_programs.runner()
        configuration = self.folder / "etc" / "postgres"
        shutil.copytree(DEPLOY / "postgres", configuration)
        given = {
            "config_file": configuration / "postgresql.conf",
            "hba_file": configuration / "pg_hba.conf",
            "listen_addresses": "127.0.0.1",
            "port": self._postgres_port,
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
        }
        self._postgres.launch(
            [
                *(*runner.prefix, str(postgres_programs.binaries() / "postgres"), "-D", str(home / "postgres")),
                *(part for name, value in given.items() for part in ("-c", f"{name}={value}")),
            ],
            on_parents_death="INT",
            folder=Path("/"),
            environment=postgres_programs.environment(),
        )
        status = home / "postgres" / "postmaster.pid"
        wait_until(lambda: status.exists() and "ready" in status.read_text(), 30, "PostgreSQL is ready")
