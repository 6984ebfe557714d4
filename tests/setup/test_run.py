"""`blest run` as people meet it: a process of its own in an empty folder, started, ended, killed and started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from services.embedded.child import telling
from tests.setup.checkout import House, house

__all__ = ["house"]

PASSWORD = "tang tare flyndre 3"


def lives(pid: int) -> bool:
    """Whether a process works; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False


def test_its_data_outlives_an_orderly_end_a_kill_and_a_fallen_server(house: House) -> None:
    # From nothing; an orderly end leaves no process.
    house.start()
    house.leave_a_mark()
    servers = house.servers()
    code, said = house.end(signal.SIGTERM)
    assert code == 0, said
    assert f"http://127.0.0.1:{house.port}/en/setup" in said and "Traceback" not in said
    assert not any(lives(pid) for pid in servers)
    # Again; then everything is killed outright.
    house.start()
    assert house.has_its_mark()
    assert house.process is not None
    for pid in (house.process.pid, *house.servers()):
        os.kill(pid, signal.SIGKILL)
    house.process.communicate()
    # Again; a second one in the same folder is refused; then NATS alone falls.
    house.start()
    assert house.has_its_mark()
    assert house.blest("run").stderr.startswith("Error: Blest already runs from this folder")
    os.kill(house.servers()[1], signal.SIGKILL)
    said, _ = house.process.communicate(timeout=15)
    assert house.process.returncode == 1
    assert "NATS was ended by signal 9" in said and "start again" in said and "Traceback" not in said


@pytest.mark.all
@pytest.mark.timeout(300)
def test_commands_work_beside_a_running_house_and_without_one(house: House) -> None:
    house.start()
    made = house.blest(
        "account", "create", "ada@example.org", "--name", "Ada", "--password-stdin", given=f"{PASSWORD}\n"
    )
    assert made.returncode == 0, made.stderr
    healthy = house.blest("doctor")
    assert healthy.returncode == 0, healthy.stdout
    assert house.end(signal.SIGINT)[0] == 0
    again = house.blest("account", "create", "ada@example.org", "--name", "Ada")
    assert again.returncode == 1 and "There is an account with this address" in again.stderr


@pytest.mark.all
@pytest.mark.timeout(300)
def test_two_checkouts_run_beside_each_other_and_share_nothing(house: House, tmp_path: Path) -> None:
    neighbour = House(tmp_path / "neighbour")
    neighbour.folder.mkdir()
    house.start()
    try:
        neighbour.start()
        house.leave_a_mark()
        assert house.has_its_mark() and not neighbour.has_its_mark()
        assert set(house.servers()).isdisjoint(neighbour.servers())
        assert house.end(signal.SIGTERM)[0] == 0
        assert neighbour.ready()
    finally:
        code, said = neighbour.end(signal.SIGTERM)
    assert code == 0, said


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("starting\nFATAL: no\nPANIC: could not write: No space left on device\nFATAL: aborting", "No space left"),
        ("starting\n[FTL] cannot listen\nbye", "cannot listen"),
        ("starting\nbye\n\n", "bye"),
        ("", "it said nothing"),
    ],
)
def test_the_line_that_tells_is_found(said: str, line: str) -> None:
    assert line in telling(said)
