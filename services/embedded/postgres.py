"""PostgreSQL 18 from the wheel, for one checkout: no system package, no TCP port, no other user of the machine gets in.

    server = EmbeddedPostgres(Path(".blest"))
    await server.start()
    server.address("blest")      # postgres:///blest?host=/tmp/blest-0-4f1c…

The data lies in `<folder>/postgres` (0700), the superuser's password in `<folder>/secrets/postgres/admin`. PostgreSQL
refuses to run as root: there it runs in a user namespace in which root has an ordinary id, so that no folder need be
opened to anybody; where the machine forbids namespaces, `setpriv` gives it an ordinary id and the data that owner.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from services.embedded import postgres_programs, secret_files, sockets
from services.embedded.child import Child, ServerFailed, command_of, end_leftovers, leftovers, telling
from services.embedded.postgres_programs import VERSION, Runner

ADMIN = "admin"
ENDING = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0))
"""Fast shutdown, which rolls back and writes a checkpoint; then immediate, after which the next start recovers."""

SETTINGS = """\
# Written at every start; changes made here are lost.
listen_addresses = ''                        # the socket alone: no port is taken, no other user reaches it
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = {connections}
shared_buffers = '64MB'
huge_pages = off
io_method = sync                             # no worker processes for a database that fits in memory
max_parallel_workers_per_gather = 0          # needs no /dev/shm, which containers keep small
max_wal_size = '512MB'
wal_level = minimal
max_wal_senders = 0
jit = off                                    # compiling costs more than these queries take
idle_in_transaction_session_timeout = '60s'  # a stuck request lets go of its row locks
client_connection_check_interval = '5s'      # a query whose asker died ends
tcp_keepalives_idle = 30                     # where a proxy stands between
tcp_keepalives_interval = 10
tcp_keepalives_count = 3
random_page_cost = 1.1                       # an SSD finds any page about as quickly as the next one
autovacuum_naptime = '{naptime}'             # plans follow soon where a table fills up within a minute
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = off                      # stderr is the log file
log_line_prefix = '%m %u '
log_checkpoints = off
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""
ACCESS = """\
# Written at every start. Every login needs its role's password; nothing comes over TCP.
local all all scram-sha-256
"""


class EmbeddedPostgres:
    """One PostgreSQL 18 for one folder. `durable=False` gives up safety for speed: for tests alone."""

    def __init__(self, folder: Path, *, durable: bool = True, connections: int = 150) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "postgres"
        self._durable = durable
        self._connections = connections
        self._child = Child("PostgreSQL", self._folder / "logs" / "postgres.log")
        self._sockets: Path | None = None

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.alive

    def address(self, dbname: str) -> str:
        """`postgres:///NAME?host=/short/socket/folder`, as `BLEST_DATABASE` takes it."""
        return f"postgres:///{dbname}?host={self._socket_folder()}"

    def admin_login(self) -> dict[str, Any]:
        """asyncpg's arguments for the superuser in the database `postgres`."""
        password = secret_files.ensure(self._folder / "secrets", f"postgres/{ADMIN}")
        return {
            "host": str(self._socket_folder()),
            "port": 5432,
            "user": ADMIN,
            "password": password,
            "database": "postgres",
        }

    async def start(self) -> None:
        """Start the server and wait until it takes connections, after a crash too. Raises `ServerFailed`, OSError."""
        secret_files.private_folder(self._folder)
        runner = await asyncio.to_thread(postgres_programs.runner)
        if runner.owner is not None:
            # That user must pass through our folder to its data; it can neither list the folder nor read the secrets.
            os.chown(self._folder, -1, pwd.getpwuid(runner.owner).pw_gid)
            self._folder.chmod(0o710)
        self._refuse_foreign_data(runner)
        await end_leftovers(self._leftovers, "PostgreSQL", *ENDING)
        self._sockets = sockets.own_folder(self._folder, runner.owner)
        self._forget_the_dead()
        if not self._data.exists():
            await self._initialise(runner)
        self._configure(runner)
        self._child.launch(
            [*runner.prefix, str(postgres_programs.binaries() / "postgres"), "-D", str(self._data)],
            on_parents_death="INT",
            folder=self._data if runner.owner is None else Path("/"),
            environment=postgres_programs.environment(),
        )
        await self._child.ready(self._is_ready, 120)

    async def stop(self) -> None:
        """End the server: within a moment as a rule, within 12 s at worst."""
        await self._child.end(*ENDING)

    def end_at_once(self) -> None:
        self._child.end_at_once(signal.SIGQUIT)

    def trouble(self) -> str | None:
        """One line where the server has ended by itself or tells of a full disk."""
        return self._child.trouble()

    async def ended(self) -> str:
        """Wait until the server ends by itself and return one line that tells of it."""
        return await self._child.ended()

    def attach(self) -> bool:
        """Point at the server that another process runs for this folder; False where none runs."""
        status = self._status()
        if len(status) < 8 or status[7].strip() != "ready":
            return False
        self._sockets = Path(status[4].strip())
        return self._is_running(int(status[0]))

    def _socket_folder(self) -> Path:
        if self._sockets is None:
            raise LookupError("PostgreSQL is not started")
        return self._sockets

    def _refuse_foreign_data(self, runner: Runner) -> None:
        if not self._data.exists():
            return
        owner = self._data.stat().st_uid
        if owner not in {os.geteuid(), runner.owner} and os.geteuid() != 0:
            name = pwd.getpwuid(owner).pw_name if owner in {one.pw_uid for one in pwd.getpwall()} else str(owner)
            raise ServerFailed(f"{self._data} belongs to the user {name}: start as {name}, or use another checkout")
        if os.geteuid() == 0 and owner != (runner.owner or 0):
            sockets.give(self._data, runner.owner or 0)  # an earlier start ran as somebody else; root may hand it over
        found = (self._data / "PG_VERSION").read_text().strip() if (self._data / "PG_VERSION").exists() else "?"
        if found != VERSION:
            raise ServerFailed(
                f"{self._data} was made by PostgreSQL {found}, this is {VERSION}: move {self._folder} away, start anew"
            )

    async def _initialise(self, runner: Runner) -> None:
        """Make the data folder beside its place and move it there when complete: a kill half-way harms nothing."""
        draft = self._folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = self._socket_folder() / "password"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret_files.ensure(self._folder / "secrets", f"postgres/{ADMIN}"))
        if runner.owner is not None:
            sockets.give(draft, runner.owner)
            sockets.give(password, runner.owner)
        command = [
            *runner.prefix,
            str(postgres_programs.binaries() / "initdb"),
            f"--pgdata={draft}",
            f"--username={ADMIN}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=postgres_programs.environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        finally:
            password.unlink(missing_ok=True)
        if process.returncode != 0:
            raise ServerFailed(f"PostgreSQL's data cannot be made in {draft}: {telling(said.decode(errors='replace'))}")
        draft.rename(self._data)

    def _configure(self, runner: Runner) -> None:
        settings = SETTINGS.format(
            sockets=self._socket_folder(),
            connections=self._connections,
            durable="on" if self._durable else "off",
            naptime="10s" if self._durable else "1min",
        )
        for name, text in (("postgresql.conf", settings), ("pg_hba.conf", ACCESS)):
            (self._data / name).write_text(text, encoding="utf-8")
            if runner.owner is not None:
                sockets.give(self._data / name, runner.owner)

    def _status(self) -> list[str]:
        """The lines of postmaster.pid: id, data folder, start, port, socket folder, address, shared memory, state."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _is_ready(self) -> bool:
        status = self._status()
        return len(status) >= 8 and status[0].strip() == str(self._child.pid) and status[7].strip() == "ready"

    def _is_running(self, pid: int) -> bool:
        """Whether process `pid` is a PostgreSQL on our data: it works in its data folder (Linux), or is so called."""
        process = Path("/proc") / str(pid)
        if Path("/proc/self").exists():
            try:
                return (process / "cwd").readlink() == self._data
            except OSError:
                return False
        return f"-D {self._data}" in command_of(pid)

    def _leftovers(self) -> list[int]:
        """The leftover server and, should it have been killed, its own children, which end by themselves soon."""
        status = self._status()
        if status and self._is_running(int(status[0])):
            return [int(status[0])]
        return leftovers(lambda process: (process / "cwd").readlink() == self._data and _is_postgres(process))

    def _forget_the_dead(self) -> None:
        """Remove the lock files of a killed server, where PostgreSQL would take another process for it.

        Small ids come again after a restart of the machine, and a container may never bury its dead. Only called once
        no process works in the data folder; the socket folder is this checkout's alone.
        """
        status = self._status()
        if status and not self._is_running(int(status[0])):
            (self._data / "postmaster.pid").unlink()
        for name in (".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
            (self._socket_folder() / name).unlink(missing_ok=True)


def _is_postgres(process: Path) -> bool:
    return (process / "exe").readlink().name.split(" ")[0] == "postgres"
