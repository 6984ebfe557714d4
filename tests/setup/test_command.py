"""The command `blest`: reads well, and whatever goes wrong is one line that says what to do."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from click import ClickException, Command, Context, Group
from click.testing import CliRunner

from services.cli.failures import in_one_line, keep, port_taken
from services.cli.home import Home, HomeTaken
from services.cli.main import blest
from services.cli.projections import _refuse_to_lose, projections
from services.http.problems import Invalid
from services.process import Running
from services.streams import consumer_name


def _commands(group: Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    if isinstance(group, Group):
        for name in group.list_commands(Context(group)):
            command = group.get_command(Context(group), name)
            assert command is not None
            found += _commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", _commands(blest), ids=lambda path: " ".join(("blest", *path)))
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(blest, [*path, "--help"], prog_name="blest")
    assert done.exit_code == 0
    text = done.output
    assert text.startswith(f"Usage: {' '.join(('blest', *path))}")
    assert len(text.split("\n\n")[1].split()) > 2, "no sentence says what it does"


@pytest.mark.parametrize("path", _commands(blest), ids=lambda path: " ".join(("blest", *path)))
def test_a_line_in_a_list_of_commands_does_not_break_off(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(blest, [*path, "--help"], prog_name="blest", terminal_width=80)
    _, _, listed = done.output.partition("\nCommands:\n")
    listing = any(other[:-1] == path for other in _commands(blest) if other)
    assert bool(listed) is listing
    assert [line for line in listed.splitlines() if not line.endswith(".") or line.endswith("..")] == []


def test_all_wrong_settings_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(blest, ["run"], env={"BLEST_PORT": "lots", "BLEST_URL": "blest.example"})
    assert done.exit_code == 1
    assert "BLEST_PORT" in done.output and "BLEST_URL" in done.output
    assert "Traceback" not in done.output


def test_a_taken_port_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", "from services.cli.main import blest; blest()", "run"],
            cwd=tmp_path,
            env={**os.environ, "BLEST_PORT": str(port), "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr and "BLEST_PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".blest" / "postgres").exists()


def test_an_unknown_service_is_told_with_those_there_are() -> None:
    done = CliRunner().invoke(blest, ["serve", "evnets"])
    assert done.exit_code == 1
    assert "evnets" in done.output and "registrations" in done.output


def test_a_command_without_an_installation_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BLEST_DATABASE", raising=False)
    done = CliRunner().invoke(blest, ["dead-letters", "list"])
    assert done.exit_code == 1
    assert "make run" in done.output


def test_one_run_at_a_time_has_the_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / ".blest")
    with (
        home.taken("http://127.0.0.1:8080"),
        pytest.raises(
            HomeTaken, match=rf"already runs from this folder at http://127.0.0.1:8080 \(process {os.getpid()}\)"
        ),
        home.taken(),
    ):
        pass
    with home.taken():
        pass


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "The disk is full (/x). Make room and start again"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x"),
            "/x cannot be written (Permission denied). Give this user",
        ),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "/x cannot be written (Read-only file system)"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "A server cannot be reached"),
        (
            asyncpg.InvalidCatalogNameError('database "blest" does not exist'),
            'Database "blest" does not exist. Run `blest migrate`',
        ),
        (asyncpg.DiskFullError("could not extend file"), "The disk is full."),
        (Invalid({"email": "Write an address."}), "email: Write an address."),
        (ExceptionGroup("two", [PermissionError(errno.EACCES, "Permission denied", "/x")]), "/x cannot be written"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_it_says_what_to_do(error: BaseException, says: str) -> None:
    line = in_one_line(error)
    assert line is not None and says in line and "\n" not in line


def test_a_port_below_1024_and_a_foreign_address_are_told() -> None:
    assert "not open to this user" in str(port_taken("127.0.0.1", 80, PermissionError(errno.EACCES, "no")))
    assert "no address 203.0.113.9" in str(port_taken("203.0.113.9", 80, OSError(errno.EADDRNOTAVAIL, "no")))
    assert port_taken("127.0.0.1", 80, OSError(errno.EIO, "no")) is None


def test_the_unexpected_is_kept_in_a_file_and_told_in_a_line(tmp_path: Path) -> None:
    try:
        raise RuntimeError("ada@example.org did it")
    except RuntimeError as error:
        line = keep(error, tmp_path / "logs" / "errors.log")
    assert "\n" not in line and "ada@example.org" not in line and "errors.log" in line
    assert "test_command.py" in (tmp_path / "logs" / "errors.log").read_text()


async def test_a_projection_is_not_emptied_where_it_holds_more_than_the_streams(
    house: Running, admin: asyncpg.Connection
) -> None:
    name = next(iter(projections()))
    service, reaction = projections()[name]
    await _refuse_to_lose(house, [name])
    await admin.execute(
        f"INSERT INTO {service}.seen (consumer, aggregate, programme_id, version, seen_at) "
        "VALUES ($1, 'event:1', gen_random_uuid(), 1, clock_timestamp() - interval '31 days')",
        consumer_name(service, reaction),
    )
    with pytest.raises(ClickException, match=rf"{name} holds 1 things .* `blest facts restate \w+`.* or give --yes"):
        await _refuse_to_lose(house, [name])
