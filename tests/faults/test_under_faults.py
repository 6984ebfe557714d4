"""The house under load while everything beneath it fails: what it acknowledged is there, and happened once.

A minute of faults at random moments. The seed is printed; `BLEST_SEED=17 pytest tests/faults` begins with the same.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.faults.history import Kind, Outcome
from tests.faults.story import KILLS, short
from tests.servers import in_memory

SLOWEST_END = 15.0


@pytest.mark.timeout(600)
async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(subtests: pytest.Subtests) -> None:
    seed = int(os.environ.get("BLEST_SEED") or random.randrange(1_000_000))
    print(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="blest-faults-", dir=in_memory()))
    try:
        told = await short(folder, seed, print)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(told.asked, told.statuses, told.seconds, told.fell, told.remains, sep="\n")

    with subtests.test("every invariant holds"):
        assert told.findings == []
    with subtests.test("no fact was given up on but the one that was poison"):
        assert told.dead == []
    with subtests.test("everything was inflicted that was to be"):
        assert told.inflicted["kill -9 of a process"] == KILLS
        assert told.inflicted["kill -9 of nats-server"] == 3
        assert told.inflicted["SIGTERM under load"] == 3
        assert len(told.inflicted) == 16
    with subtests.test("whoever was asked to end did so in time"):
        assert max(told.seconds["SIGTERM to exit"]) < SLOWEST_END
    with subtests.test("there was enough to lose"):
        assert told.asked[Kind.BOOKING, Outcome.ACKNOWLEDGED] > 30
        assert told.asked[Kind.BOOKING, Outcome.REFUSED] > 3
        assert told.asked[Kind.CANCELLATION, Outcome.ACKNOWLEDGED] > 5
        assert told.asked[Kind.CLICK, Outcome.ACKNOWLEDGED] > 50
        assert told.statuses["sent"] > 15
        assert told.statuses["unknown"] >= 1, "a mail whose answer was lost"
