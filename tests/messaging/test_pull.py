"""Reading by asking, before a server of the test's own that answers or is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from services import pull
from services.messages import BusAway, ConsumerSpec
from services.pull import PullSubscription

SPEC = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.>",))


@dataclass
class Answer:
    subject: str
    headers: dict[str, str] | None
    reply: str = ""
    data: bytes = b""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], PullSubscription]:
    """Makes a reader whose server answers each question with a status, or not at all."""
    monkeypatch.setattr(pull, "GRACE", 0.05)

    def make(status: str | None) -> PullSubscription:
        async def send(subject: str, data: bytes, reply: str) -> None:
            if status is not None:
                asyncio.get_running_loop().create_task(made.receive(Answer(reply, {"Status": status})))

        made = PullSubscription(SPEC, "_INBOX.here", send, lambda: True)
        return made

    return make


@pytest.mark.parametrize("timeout", [0.0, 0.05])
async def test_silence_is_not_taken_for_the_end(
    reader: Callable[[str | None], PullSubscription], timeout: float
) -> None:
    with pytest.raises(BusAway):
        await reader(None).fetch(10, timeout)


@pytest.mark.parametrize("status", ["404", "408"])
async def test_a_server_that_has_nothing_says_so(reader: Callable[[str | None], PullSubscription], status: str) -> None:
    assert await reader(status).fetch(10, 0.0) == []
