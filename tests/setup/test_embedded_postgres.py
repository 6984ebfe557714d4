"""The embedded PostgreSQL: fenced to its checkout, and its data outlives whatever happens to the processes."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from services.embedded import postgres as module
from services.embedded import postgres_programs, sockets
from services.embedded.child import ServerFailed
from services.embedded.postgres import EmbeddedPostgres

# A parent of its own that starts the server, writes a row and is then killed, as a machine's memory guard would do it.
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
import asyncpg
from services.embedded.postgres import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    await server.start()
    connection = await asyncpg.connect(**server.admin_login())
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (i int); INSERT INTO kept VALUES (1)")
    print(server.pid, flush=True)
    if sys.argv[2] == "all":
        os.kill(server.pid, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path / "home", durable=False)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def killed_parent(tmp_path: Path) -> Iterator[Callable[[str], int]]:
    """Runs the doomed parent on `tmp_path/home` and returns the id of the server it left behind."""

    def run(whom: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path / "home"), whom],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        return int(done.stdout)

    yield run


async def test_it_runs_version_18_with_the_builtin_locale(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(**server.admin_login())
    row = await connection.fetchrow("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'")
    assert connection.get_server_version().major == 18
    assert (row["datlocprovider"], row["datlocale"]) == (b"b", "C.UTF-8")
    await connection.close()


async def test_it_listens_on_no_port_and_takes_no_login_without_its_password(server: EmbeddedPostgres) -> None:
    login = server.admin_login()
    connection = await asyncpg.connect(**login)
    assert await connection.fetchval("SHOW listen_addresses") == ""
    assert await connection.fetchval("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(**{**login, "password": "not it"})


async def test_its_folders_and_secrets_are_closed_to_others(server: EmbeddedPostgres, tmp_path: Path) -> None:
    home = tmp_path / "home"
    socket_folder = Path(server.admin_login()["host"])
    for closed in (home, home / "postgres", home / "secrets", home / "secrets" / "postgres", socket_folder):
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700, closed
    assert stat.S_IMODE((home / "secrets" / "postgres" / "admin").stat().st_mode) == 0o600
    assert len(f"{socket_folder}/.s.PGSQL.5432") <= sockets.LONGEST


@pytest.mark.parametrize("whom", ["parent", "all"])
async def test_it_finds_its_data_after_kill_9(tmp_path: Path, killed_parent: Callable[[str], int], whom: str) -> None:
    for _ in range(2):
        killed_parent(whom)
    server = EmbeddedPostgres(tmp_path / "home")
    await server.start()
    connection = await asyncpg.connect(**server.admin_login())
    assert await connection.fetchval("SELECT count(*) FROM kept") == 2
    await connection.close()
    await server.stop()


async def test_it_ends_a_leftover_and_leaves_a_stranger_alone(tmp_path: Path) -> None:
    first = EmbeddedPostgres(tmp_path / "home", durable=False)
    await first.start()
    left = first.pid
    second = EmbeddedPostgres(tmp_path / "home", durable=False)
    await second.start()
    assert not first.alive and second.alive and second.pid != left
    await second.stop()
    # A stranger now has the id that a killed server left in its file.
    stranger = subprocess.Popen(["sleep", "60"])
    lines = f"{stranger.pid}\n{tmp_path}\n1\n5432\n/nowhere\n\n\nready\n"
    (tmp_path / "home" / "postgres" / "postmaster.pid").write_text(lines)
    assert not second.attach()
    await second.start()
    assert second.alive and stranger.poll() is None
    await second.stop()
    stranger.kill()
    stranger.wait()


async def test_two_checkouts_run_beside_each_other(server: EmbeddedPostgres, tmp_path: Path) -> None:
    other = EmbeddedPostgres(tmp_path / "other", durable=False)
    await other.start()
    assert other.address("blest") != server.address("blest")
    await other.stop()
    assert server.alive


async def test_another_process_finds_the_running_server(server: EmbeddedPostgres, tmp_path: Path) -> None:
    finder = EmbeddedPostgres(tmp_path / "home")
    assert finder.attach()
    assert finder.address("blest") == server.address("blest")


async def test_a_socket_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    wanted = sockets.own_folder(tmp_path / "home")
    wanted.rmdir()
    wanted.symlink_to(tmp_path)
    assert sockets.own_folder(tmp_path / "home") != wanted


async def test_it_says_in_one_line_why_it_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedPostgres(tmp_path / "home", durable=False)
    await server.start()
    await server.stop()
    monkeypatch.setattr(module, "SETTINGS", module.SETTINGS + "no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match=r"did not start.*contains errors") as refusal:
        await server.start()
    assert "\n" not in str(refusal.value)


async def test_data_of_another_version_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "home" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerFailed, match="made by PostgreSQL 17"):
        await EmbeddedPostgres(tmp_path / "home").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes who owns files")
async def test_without_namespaces_root_takes_an_ordinary_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which
    monkeypatch.setattr("shutil.which", lambda name: None if name == "unshare" else found(name))
    monkeypatch.setattr(postgres_programs, "runner", postgres_programs.runner.__wrapped__)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    server = EmbeddedPostgres(tmp_path / "home", durable=False)
    await server.start()
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    connection = await asyncpg.connect(**server.admin_login())
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    await server.stop()
    monkeypatch.undo()
    again = EmbeddedPostgres(tmp_path / "home", durable=False)  # namespaces are open again: root takes the data over
    await again.start()
    await again.stop()
