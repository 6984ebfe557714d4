"""A disk that may not be written and one that is full: a line that says so, and with room everything is there again.

The disk is memory that only the process under test sees: a mount in a namespace of its own, as root or without.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.setup.checkout import House

HOLDING = 'mkdir -p .blest && mount -t tmpfs -o "$0" tmpfs .blest && echo mounted && exec sleep infinity'
MUCH = "CREATE TABLE public.much AS SELECT repeat(md5(i::text), 99) AS words FROM generate_series(1, 90000) i"
LARGEST = 512 * 1024**2
APART, INTO = ("unshare", "--mount"), ("nsenter", "--mount", "--wd={folder}", "--target")
if os.getuid() != 0:
    APART, INTO = (*APART, "--map-root-user"), (*INTO[:-1], "--user", "--preserve-credentials", "--target")


@contextmanager
def on_a_disk(folder: Path, options: str) -> Iterator[House]:
    """A checkout whose `.blest` is a disk of its own, mounted with these options while the block runs."""
    holder = subprocess.Popen((*APART, "sh", "-c", HOLDING, options), cwd=folder, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mounted\n"
        yield House(folder, inside=(*(part.format(folder=folder) for part in INTO), str(holder.pid), "--"))
    finally:
        holder.kill()
        holder.communicate()


def fill(filler: Path) -> None:
    """Write until nothing more fits."""
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        for _ in range(LARGEST // 4096):
            file.write(bytes(4096))


def test_a_disk_that_may_not_be_written_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with on_a_disk(tmp_path, "ro") as house:
        done = house.blest("run", "--no-demo")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "cannot be written (Read-only file system)" in line and "start from another folder" in line


@pytest.mark.parametrize("size", ["1m", "60m"])
def test_a_disk_that_fills_up_during_the_first_start_is_told(tmp_path: Path, size: str) -> None:
    with on_a_disk(tmp_path, f"size={size}") as house:
        done = house.blest("run", "--no-demo")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: The disk is full") and "Make room and start again" in line


@pytest.mark.all
@pytest.mark.timeout(400)
def test_a_disk_that_fills_up_later_is_told_and_what_was_saved_is_there_with_room(tmp_path: Path) -> None:
    with on_a_disk(tmp_path, "size=200m") as house:
        house.start()
        assert asked_there(house, "CREATE TABLE public.mark (i int)").returncode == 0
        assert house.process is not None
        filler = Path(f"/proc/{house.process.pid}/root{tmp_path}/.blest/filler")  # nobody else has that disk
        fill(filler)
        assert "No space left on device" in asked_there(house, MUCH).stderr
        told = house.blest("doctor")
        assert told.returncode == 1
        assert "✗ disk           0 MiB free" in told.stdout
        filler.unlink()
        code, said = house.end(signal.SIGTERM)
        assert (code, "Traceback" in said) == (0, False), said
        house.start()
        assert asked_there(house, "SELECT i FROM public.mark").returncode == 0
        house.end(signal.SIGTERM)


def asked_there(house: House, statement: str) -> subprocess.CompletedProcess[str]:
    """Ask its database from where its disk is."""
    asking = f"from pathlib import Path; from tests.setup.checkout import ask; ask(Path.cwd(), {statement!r})"
    command = [*house.inside, sys.executable, "-c", asking]
    return subprocess.run(
        command, cwd=house.folder, env=house.environment, capture_output=True, text=True, check=False, timeout=60
    )
