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


async def test_a_question_refused_for_an_open_one_waits_and_is_asked_again_rather_than_answering_nothing() -> None:
    """Read as "nothing is there", it would be asked again at once, thousands of times a second, while the consumer has
    as many messages out as it may have."""
    asked = 0

    async def send(subject: str, data: bytes, reply: str) -> None:
        nonlocal asked
        asked += 1
        answer = Answer(reply, {"Status": "408", "Description": "Requests Pending"})
        if asked == 3:
            answer = Answer("events.event.moved.v1.one", None, "$JS.ACK.EVENTS.registrations-seats.1.1.1.1.0", b"now")
        asyncio.get_running_loop().create_task(made.receive(answer))

    made = PullSubscription(SPEC, "_INBOX.here", send, lambda: True)
    assert [one.data for one in await made.fetch(10, 5.0)] == [b"now"]
    assert asked == 3


async def test_a_reader_refused_for_another_s_open_question_comes_back_empty_only_when_its_time_is_over() -> None:
    asked: list[float] = []

    async def send(subject: str, data: bytes, reply: str) -> None:
        asked.append(asyncio.get_running_loop().time())
        answer = Answer(reply, {"Status": "408", "Description": "Requests Pending"})
        asyncio.get_running_loop().create_task(made.receive(answer))

    made = PullSubscription(SPEC, "_INBOX.here", send, lambda: True)
    began = asyncio.get_running_loop().time()
    assert await made.fetch(10, 0.2) == []
    assert asyncio.get_running_loop().time() - began >= 0.2
    assert len(asked) <= 5
