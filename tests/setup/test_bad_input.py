"""What we say of servers, secrets and clocks that will not do: one line, and a safe stop."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner

from services import migrate, process, registry
from services.bus import NatsBus
from services.chassis import CHASSIS
from services.cli.failures import in_one_line
from services.cli.main import blest
from services.clock import ClockWrong, SystemClock
from services.database import Database, DatabaseUnfit
from services.embedded import postgres_programs, sockets
from services.keys import Keys, SecretMissing
from services.memory_bus import MemoryBus, MemoryServer
from services.messages import BusUnfit
from services.registry import ServiceUnknown, chosen, installed
from services.settings import Settings
from tests.servers import Where

ALL = (CHASSIS, *installed())


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """All that there are, in a folder of the test's own."""
    folder = tmp_path / "secrets"
    assert CliRunner().invoke(blest, ["secrets", str(folder)]).exit_code == 0
    return folder


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Runs a command with these variables; returns the one line of its failure."""

    def run(*arguments: str, **variables: str) -> str:
        monkeypatch.chdir(tmp_path)
        for name, value in variables.items():
            monkeypatch.setenv(f"BLEST_{name.upper()}", value)
        result = CliRunner().invoke(blest, list(arguments))
        assert result.exit_code == 1
        [line] = [one for one in result.output.strip().splitlines() if one.startswith("Error: ")]
        assert "Traceback" not in result.output
        return line.removeprefix("Error: ")

    return run


# PostgreSQL -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("serve", "events"), ("migrate",)])
@pytest.mark.parametrize("place", ["127.0.0.1:1", "postgres.invalid:5432"])
def test_a_postgres_that_is_not_there(
    said: Callable[..., str], secrets: Path, command: tuple[str, ...], place: str
) -> None:
    line = said(*command, database=f"postgres://{place}/blest", secrets=str(secrets))
    assert line.startswith("A server cannot be reached (") and line.endswith("BLEST_DATABASE and BLEST_NATS right?")


OLD = postgres_programs.binaries().parents[1] / "pginstall" / "bin"
"""PostgreSQL 16, which the wheel brings besides."""


@pytest.fixture
def old_postgres() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL 16 that lets everyone in."""
    runner = postgres_programs.runner()
    home = Path(tempfile.mkdtemp(prefix="blest-old-", dir="/tmp"))
    if runner.owner is not None:
        sockets.give(home, runner.owner)
    run = [*runner.prefix, str(OLD / "initdb"), f"--pgdata={home}/data", "--username=postgres", "--auth=trust"]
    environment = postgres_programs.environment()
    subprocess.run([*run, "--no-sync"], check=True, capture_output=True, env=environment)
    server = subprocess.Popen(
        [*runner.prefix, str(OLD / "postgres"), "-D", f"{home}/data", "-k", str(home), "-c", "listen_addresses="],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    status = home / "data" / "postmaster.pid"
    until = time.monotonic() + 30
    while not (status.exists() and "ready" in status.read_text()):
        assert server.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    yield home
    server.terminate()
    server.wait(10)
    shutil.rmtree(home, ignore_errors=True)


async def test_a_postgres_that_is_too_old(old_postgres: Path, secrets: Path) -> None:
    login = {"host": str(old_postgres), "port": 5432, "user": "postgres", "password": "x", "database": "postgres"}
    connection = await asyncpg.connect(**login)
    await connection.execute("CREATE ROLE events_app LOGIN; CREATE ROLE events_system LOGIN; CREATE SCHEMA events")
    database = Database("events", f"postgres:///postgres?host={old_postgres}", Keys(secrets), SystemClock())
    with pytest.raises(DatabaseUnfit) as caught:
        await database.open()
    assert in_one_line(caught.value) == "PostgreSQL 18 or newer is needed; this is 16"
    with pytest.raises(DatabaseUnfit, match="this is 16"):
        await migrate.migrate(login, "blest", ALL, Keys(secrets))
    assert not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'blest'"), "nothing was begun"
    assert not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = 'identity_owner'")
    await connection.close()


async def test_a_migration_that_fails_half_way_leaves_nothing_and_goes_in_when_it_is_mended(
    where: Where, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "half_way"
    services = chosen(["programmes"])
    mending = tmp_path / "99990101000000_mended.sql"
    table = "-- migrate:up\nCREATE TABLE half (id int);\n"
    mending.write_text(f"{table}INSERT INTO half VALUES (1 / 0);\n-- migrate:down\n")
    real = migrate.folders
    monkeypatch.setattr(migrate, "folders", lambda service: [*real(service), tmp_path])
    admin = await asyncpg.connect(**{**where.admin, "database": "postgres"})
    try:
        with pytest.raises(migrate.MigrationFailed) as caught:
            await migrate.migrate(where.admin, name, services, keys)
        line = in_one_line(caught.value)
        assert line is not None and line.startswith("programmes: ") and line.endswith("What failed was rolled back.")
        assert "division by zero" in line
        assert await tables(where, name) == (None, False)
        mending.write_text(f"{table}-- migrate:down\n")
        await migrate.migrate(where.admin, name, services, keys)
        assert await tables(where, name) == ("programmes.half", True)
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


async def tables(where: Where, name: str) -> tuple[str | None, bool]:
    """The half-made table, if it is there, and whether its migration is written down."""
    connection = await asyncpg.connect(**{**where.admin, "database": name})
    try:
        found = await connection.fetchval("SELECT to_regclass('programmes.half')::text")
        known = "SELECT count(*) FROM programmes.schema_migrations WHERE version = '99990101000000'"
        assert await connection.fetchval("SELECT count(*) FROM programmes.schema_migrations") > 1, "what went before"
        return found, bool(await connection.fetchval(known))
    finally:
        await connection.close()


# NATS -----------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def nats_of(version: str) -> AsyncIterator[str]:
    """Something that says it is a NATS of this version, and its address."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = {"server_id": "x", "server_name": "x", "version": version, "max_payload": 1048576, "headers": True}
        writer.write(f"INFO {json.dumps(told)}\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_nats_that_is_too_old() -> None:
    async with nats_of("2.10.4") as url:
        with pytest.raises(BusUnfit) as caught:
            await NatsBus(url, name="old").connect()
        assert in_one_line(caught.value) == f"NATS at {url} is 2.10; 2.12 or newer is needed"


async def test_a_nats_that_is_new_enough() -> None:
    async with nats_of("2.12.0") as url:
        bus = NatsBus(url, name="new")
        await bus.connect()
        assert bus.connected
        await bus.close()


# Secrets and names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["token-key", "postgres/identity_app", "postgres/events_system", "nats/events"])
async def test_a_secret_that_is_missing_or_short(settings: Settings, where: Where, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "secrets"
    await asyncio.to_thread(shutil.copytree, where.secrets, folder)
    given = settings.model_copy(update={"secrets": folder})
    (folder / name).write_text("short")
    assert "is shorter than" in await refusal(given)
    (folder / name).unlink()
    line = await refusal(given)
    assert line.startswith(f"secret '{name}': cannot read ") and line.endswith("see docs/how-to")


async def refusal(settings: Settings) -> str:
    """The line with which events does not start."""
    with pytest.raises(SecretMissing) as caught:
        async with process.started(settings, chosen(["events"]), background=False):
            pass
    return in_one_line(caught.value) or ""


def test_two_services_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, *_ = installed()
    twice = SimpleNamespace(load=lambda: one)
    monkeypatch.setattr(registry, "entry_points", lambda group: [twice, SimpleNamespace(load=lambda: other), twice])
    with pytest.raises(ServiceUnknown) as caught:
        registry.installed.__wrapped__()
    assert in_one_line(caught.value) == f"two services are called {one.name}; each needs a name of its own"


# Clocks ---------------------------------------------------------------------------------------------------------------


class Machine:
    """A machine whose time of day can be set."""

    def __init__(self) -> None:
        self.set_by = 0.0

    def clock(self) -> SystemClock:
        return SystemClock(lambda: time.time() + self.set_by, time.monotonic)


@pytest.mark.parametrize(("by", "says"), [(7200, "2:00:00 ahead"), (-7200, "2:00:00 behind")])
def test_a_clock_that_jumps_is_noticed_and_never_believed_again(by: float, says: str) -> None:
    machine = Machine()
    clock = machine.clock()
    clock.heed()
    machine.set_by = by
    with pytest.raises(ClockWrong, match=says):
        clock.heed()
    machine.set_by = 0
    for _ in range(2):
        with pytest.raises(ClockWrong):
            clock.heed()


def test_a_clock_that_ntp_moves_by_little_goes_on() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(20):
        machine.set_by += 5
        clock.heed()


async def test_a_machine_whose_clock_is_wrong_serves_nobody(settings: Settings) -> None:
    machine = Machine()
    machine.set_by = 3600
    with pytest.raises(ClockWrong) as caught:
        async with opened(settings, machine.clock()):
            pass
    line = in_one_line(caught.value)
    assert line is not None and line.startswith("The clock of this machine is ") and "ahead of PostgreSQL's" in line


async def test_a_process_whose_clock_jumps_runs_no_task_and_stops(settings: Settings) -> None:
    machine = Machine()
    async with opened(settings, machine.clock()) as house:
        database = house.contexts["programmes"].database
        before = await runs(database)
        machine.set_by = 400 * 86400
        async with asyncio.timeout(10):
            await house.failed.wait()
        assert await runs(database) == before, "whoever would be forgotten in a year is still here"


async def runs(database: Database) -> set[Any]:
    """The moments at which tasks of this service began, after the clock jumped."""
    async with database.system() as tx:
        later = "SELECT task FROM task_runs WHERE started_at > clock_timestamp() + interval '1 day'"
        return set(await tx.connection.fetch(later))


@asynccontextmanager
async def opened(settings: Settings, clock: SystemClock) -> AsyncIterator[process.Running]:
    """The programmes' service with its background, on a bus in memory."""
    memory = MemoryServer(clock)
    async with process.started(
        settings, chosen(["programmes"]), clock=clock, bus=lambda _: MemoryBus(memory)
    ) as running:
        yield running
