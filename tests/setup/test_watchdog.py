"""A process whose loop stands still is ended, and says where it stood; one whose loop turns is left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, re, time
from services.watchdog import watched

def spins():
    # In C, with the interpreter's lock held, and for longer than anybody waits.
    re.match(r"(a|a)*b", "a" * 60)

async def main():
    async with watched(1.0):
        {work}
    time.sleep(1.5)
    print("ended in order")

asyncio.run(main())
"""


def run(work: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(work=work)], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("work", ["spins()", "time.sleep(20)"])
def test_a_loop_that_stands_still_ends_its_process_and_says_where(work: str) -> None:
    ended = run(work)
    assert ended.returncode == 1
    assert "ended in order" not in ended.stdout
    assert "Timeout" in ended.stderr
    assert "in main" in ended.stderr


def test_a_loop_that_turns_may_go_on_and_afterwards_nobody_watches() -> None:
    ended = run("await asyncio.sleep(1.5)")
    assert (ended.returncode, ended.stdout) == (0, "ended in order\n")
