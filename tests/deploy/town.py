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
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.cli import secret_command
from services.cli.deployment import REPLICAS, process_name, upstreams_variable
from services.cli.reach import all_services
from services.embedded import nats, postgres, postgres_programs
from services.embedded.child import Child, command_that_dies_with_us
from services.registry import installed
from services.settings import Settings
from tests.house.test_shape import ROOT
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
BLEST = "from services.cli.main import blest; blest(prog_name='blest')"
STARTER = ThreadPoolExecutor(1, "starter")
"""A child dies with the thread that started it, and a test's own threads end with the test."""
LINGER = 3.0
"""Seconds, as in docker-compose.yml: Caddy asks every second, and believes the second answer."""


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class Process:
    """One `blest serve`."""

    def __init__(self, name: str, services: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.port = free_port()
        self.log = folder / "logs" / f"{name}.log"
        self._services = services
        self.environment = {
            **environment,
            "BLEST_PORT": str(self.port),
            "BLEST_LINGER": str(LINGER),
            "BLEST_STATE": str(folder / "state" / name),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(exist_ok=True, parents=True)
        with self.log.open("ab") as log:
            self._process = STARTER.submit(
                subprocess.Popen[bytes],
                command_that_dies_with_us([sys.executable, "-c", BLEST, "serve", *self._services], "TERM"),
                env=self.environment,
                cwd=self.environment["PYTHONPATH"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            ).result()

    def ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(json.load(answer)["ready"])
        except (OSError, ValueError):
            return False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """The exit code; an orderly end takes at most 15 s."""
        assert self._process is not None
        return self._process.wait(15)

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()


class Front:
    """Caddy with the Caddyfile of deploy/, before any processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "caddy"
        self._port = free_port()
        self._child = Child("Caddy", folder / "logs" / "caddy.log")

    @property
    def url(self) -> str:
        return f"https://localhost:{self._port}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(
            cafile=str(self._folder / "caddy" / "pki" / "authorities" / "local" / "root.crt")
        )

    def start(self, upstreams: Mapping[str, Sequence[Process]]) -> None:
        """Start it before `upstreams` (service → its processes) and wait until it answers."""
        self._folder.mkdir()
        names = {
            upstreams_variable(service): " ".join(f"127.0.0.1:{one.port}" for one in processes)
            for service, processes in upstreams.items()
        }
        self._child.launch(
            [
                str(Path(sysconfig.get_path("scripts")) / "caddy"),
                *("run", "--adapter", "caddyfile", "--config", str(DEPLOY / "caddy" / "Caddyfile")),
            ],
            on_parents_death="TERM",
            folder=self._folder,
            environment={
                **os.environ,
                **names,
                "XDG_DATA_HOME": str(self._folder),
                "XDG_CONFIG_HOME": str(self._folder),
                "CADDY_ADMIN": "off",
                "CADDY_SITE": self.url,
                "CADDY_HTTP_PORT": str(free_port()),
                "CADDY_HTTPS_PORT": str(self._port),
                "CADDY_PAGES": str(DEPLOY / "caddy"),
            },
        )
        wait_until(self._answers, 20, "Caddy answers")

    def stop(self) -> None:
        asyncio.run(self._child.end((signal.SIGTERM, 5.0)))

    def _answers(self) -> bool:
        assert self._child.alive, self._child.last_words()
        try:
            with urllib.request.urlopen(f"{self.url}/robots.txt", timeout=5, context=self.trust) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


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
