"""What the batcher promises: each caller gets its own answer, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.batcher import Batcher, Closed, Overloaded, batching, origins
from services.outbox import CAUSE

ONE, TWO = UUID(int=1), UUID(int=2)


class Office:
    """Decides items as their numbers tell: 13 is refused, 99 makes the whole decision fail; keeps what was decided."""

    def __init__(self) -> None:
        self.batches: list[tuple[UUID, list[int]]] = []
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def decide(self, programme_id: UUID, items: Sequence[int]) -> Sequence[str | Exception]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            self.batches.append((programme_id, list(items)))
            if any(item == 99 for item in items):
                raise ArithmeticError("99")
            return [ValueError("unlucky") if item == 13 else f"decided {item}" for item in items]
        finally:
            self.running -= 1


async def turn(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def submits(batcher: Batcher[int, str], programme: UUID, *items: int) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(batcher.submit(programme, item)) for item in items]


async def test_a_call_that_comes_alone_goes_at_once_and_those_that_come_meanwhile_go_together() -> None:
    office = Office()
    office.gate.clear()
    batcher = Batcher(office.decide)
    first = submits(batcher, ONE, 1)
    await turn()
    assert office.running == 1  # nobody waited for a timer
    others = submits(batcher, ONE, 2, 3, 4)
    await turn()
    office.gate.set()
    assert await asyncio.gather(*first, *others) == ["decided 1", "decided 2", "decided 3", "decided 4"]
    assert office.batches == [(ONE, [1]), (ONE, [2, 3, 4])]


async def test_programmes_are_decided_apart_and_beside_each_other() -> None:
    office = Office()
    office.gate.clear()
    batcher = Batcher(office.decide)
    tasks = [*submits(batcher, ONE, 1, 2), *submits(batcher, TWO, 3)]
    await turn()
    assert office.running == 2
    office.gate.set()
    await asyncio.gather(*tasks)
    assert sorted(office.batches) == [(ONE, [1, 2]), (TWO, [3])]


async def test_one_programme_is_decided_by_one_batch_at_a_time() -> None:
    office = Office()
    batcher = Batcher(office.decide, largest=3)
    await asyncio.gather(*submits(batcher, ONE, *range(1, 11)))
    assert office.most == 1
    assert [items for _, items in office.batches] == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]


async def test_an_item_that_is_refused_fails_alone() -> None:
    office = Office()
    batcher = Batcher(office.decide)
    results = await asyncio.gather(*submits(batcher, ONE, 1, 13, 3), return_exceptions=True)
    assert [str(one) for one in results] == ["decided 1", "unlucky", "decided 3"]
    assert len(office.batches) == 1


async def test_where_the_decision_itself_fails_each_item_is_decided_alone() -> None:
    office = Office()
    batcher = Batcher(office.decide)
    results = await asyncio.gather(*submits(batcher, ONE, 1, 99, 3), return_exceptions=True)
    assert [str(one) for one in results] == ["decided 1", "99", "decided 3"]
    assert isinstance(results[1], ArithmeticError)
    assert [items for _, items in office.batches] == [[1, 99, 3], [1], [99], [3]]


async def test_a_connection_that_breaks_is_nobodys_fault_and_nothing_is_tried_twice() -> None:
    calls = 0

    async def decide(programme_id: UUID, items: Sequence[int]) -> Sequence[str | Exception]:
        nonlocal calls
        calls += 1
        raise ConnectionResetError("while committing: it may be stored")

    batcher = Batcher(decide)
    results = await asyncio.gather(*submits(batcher, ONE, 1, 2), return_exceptions=True)
    assert [type(one) for one in results] == [ConnectionResetError, ConnectionResetError]
    assert calls == 1


async def test_a_caller_that_leaves_while_it_waits_takes_its_item_along() -> None:
    office = Office()
    office.gate.clear()
    batcher = Batcher(office.decide, waiting=3)
    first = submits(batcher, ONE, 1)
    await turn()
    waiting = submits(batcher, ONE, 2, 3, 4)
    await turn()
    with pytest.raises(Overloaded):
        await batcher.submit(ONE, 5)
    waiting[1].cancel()
    await turn()
    late = submits(batcher, ONE, 6)  # its place is free at once
    await turn()
    office.gate.set()
    results = await asyncio.gather(*first, *waiting, *late, return_exceptions=True)
    assert isinstance(results[2], asyncio.CancelledError)
    assert office.batches == [(ONE, [1]), (ONE, [2, 4, 6])]


async def test_a_caller_that_leaves_while_it_is_decided_harms_nobody() -> None:
    office = Office()
    office.gate.clear()
    batcher = Batcher(office.decide)
    tasks = submits(batcher, ONE, 1, 2, 3)
    await turn()
    tasks[0].cancel()  # the very caller whose call began the batch
    await turn()
    office.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == ["decided 2", "decided 3"]
    assert office.batches == [(ONE, [1, 2, 3])]  # its decision stands


async def test_too_many_are_refused_at_once_and_told_when_to_come_again() -> None:
    office = Office()
    office.gate.clear()
    batcher = Batcher(office.decide, waiting=2)
    first = submits(batcher, ONE, 1)
    await turn()
    waiting = submits(batcher, ONE, 2, 3)
    await turn()
    for programme in (ONE, TWO):
        with pytest.raises(Overloaded) as refusal:
            await batcher.submit(programme, 4)
        assert refusal.value.retry_after == 1
    office.gate.set()
    await asyncio.gather(*first, *waiting)
    assert await batcher.submit(ONE, 5) == "decided 5"


async def test_closing_decides_what_was_taken_and_takes_nothing_more() -> None:
    office = Office()
    office.gate.clear()
    async with batching(office.decide) as batcher:
        tasks = submits(batcher, ONE, 1, 2)
        await turn()
        office.gate.set()
    assert [task.result() for task in tasks] == ["decided 1", "decided 2"]
    with pytest.raises(Closed):
        await batcher.submit(ONE, 3)


async def test_answers_that_do_not_fit_their_questions_reach_nobody() -> None:
    async def decide(programme_id: UUID, items: Sequence[int]) -> Sequence[str | Exception]:
        return ["one too few"] * (len(items) - 1)

    batcher = Batcher(decide)
    results = await asyncio.gather(*submits(batcher, ONE, 1, 2), return_exceptions=True)
    assert [str(one) for one in results] == ["batcher: 1 results for 2 items"] * 2


async def test_a_call_that_is_decided_alone_keeps_its_trace_and_many_belong_to_none() -> None:
    asked: contextvars.ContextVar[str] = contextvars.ContextVar("asked", default="nobody")
    seen: list[str] = []

    async def decide(programme_id: UUID, items: Sequence[int]) -> Sequence[str | Exception]:
        seen.append(asked.get())
        return [""] * len(items)

    batcher = Batcher(decide)
    asked.set("me")
    await batcher.submit(ONE, 1)
    await asyncio.gather(*submits(batcher, ONE, 1, 2))
    assert seen == ["me", "nobody"]


async def test_each_item_says_from_where_it_comes_however_many_are_decided_together() -> None:
    seen: list[tuple[int, str]] = []

    async def decide(programme_id: UUID, items: Sequence[int]) -> Sequence[str | Exception]:
        found = [one["Blest-Causation"] for one in origins()]
        seen.extend(zip(items, found, strict=True))
        if len(items) > 1 and 13 in items:
            raise ValueError("unlucky together")
        return [""] * len(items)

    batcher = Batcher(decide)

    async def ask(item: int) -> None:
        CAUSE.set(UUID(int=item))
        await batcher.submit(ONE, item)

    await asyncio.gather(*(ask(item) for item in (1, 2, 3)))
    await asyncio.gather(*(ask(item) for item in (4, 13)))
    assert [item for item, _ in seen] == [1, 2, 3, 4, 13, 4, 13]
    assert all(UUID(cause) == UUID(int=item) for item, cause in seen)


async def test_nothing_is_kept_of_programmes_that_are_quiet() -> None:
    office = Office()
    batcher = Batcher(office.decide)
    await asyncio.gather(*submits(batcher, ONE, 1, 2), *submits(batcher, TWO, 3))
    await turn()
    assert (batcher._queues, batcher._workers, batcher._count) == ({}, {}, 0)


Step = tuple[str, int, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from([1, 2]), st.sampled_from([1, 2, 3, 13, 99])),
        st.tuples(st.just("cancel"), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("turn"), st.integers(1, 6), st.just(0)),
        st.tuples(st.just("gate"), st.integers(0, 1), st.just(0)),
    ),
    max_size=60,
)


@given(plan=steps, largest=st.integers(1, 8), waiting=st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_everyone_gets_the_answer_to_their_own_question(
    plan: list[Step], largest: int, waiting: int
) -> None:
    async def play() -> None:
        office = Office()
        batcher = Batcher(office.decide, largest=largest, waiting=waiting)
        asked: list[tuple[int, asyncio.Task[str], bool]] = []
        for kind, first, second in plan:
            if kind == "submit":
                asked.append((second, asyncio.create_task(batcher.submit(UUID(int=first), second)), False))
            elif kind == "cancel" and first < len(asked):
                item, task, left = asked[first]
                asked[first] = (item, task, task.cancel() or left)
            elif kind == "turn":
                await turn(first)
            elif kind == "gate":
                (office.gate.set if first else office.gate.clear)()
        office.gate.set()
        if asked:
            async with asyncio.timeout(5):
                await asyncio.wait([task for _, task, _ in asked])
        for item, task, left in asked:
            _is_right(item, task, left)
        await turn()
        assert batcher._count == 0
        assert all(len(items) <= largest for _, items in office.batches)

    asyncio.run(play())


def _is_right(item: int, task: asyncio.Task[str], left: bool) -> None:
    if task.cancelled():
        assert left
        return
    error = task.exception()
    if isinstance(error, Overloaded):
        return
    expected: dict[int, Callable[[], Any]] = {13: lambda: ValueError, 99: lambda: ArithmeticError}
    if item in expected:
        assert type(error) is expected[item]()
    else:
        assert error is None
        assert task.result() == f"decided {item}"
