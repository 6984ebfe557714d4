"""Concurrent calls of one kind become one: a batch per programme, decided together in one transaction.

    batcher = Batcher(decide)                      # decide(programme_id, items) -> one result or Exception per item
    booking = await batcher.submit(programme_id, request)

1. The first call goes at once; those that come while it runs gather and go together next. Nobody waits for a timer.
2. Each caller gets its own result. An Exception in an item's place is raised to that caller alone.
3. Where `decide` itself raises, nothing was decided: each item is decided alone, so that only the guilty fail.
4. A caller that leaves takes its item along if it still waits; if it is being decided, the decision stands.
5. Each item's `origin()` goes with it: `origins()` says, inside `decide`, from which trace and message each item comes.
6. When `waiting` items wait, the next is refused at once with `Overloaded`: a queue without bound helps nobody.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from prometheus_client import Counter, Histogram

from services.outages import may_be_away
from services.outbox import origin

Item = TypeVar("Item")
Result = TypeVar("Result")
Decide = Callable[[UUID, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]

SIZE = Histogram(
    "blest_batch_items",
    "Items decided together.",
    ["batcher"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
REFUSED = Counter("blest_batch_refused_total", "Items refused because too many waited.", ["batcher"])


_ORIGINS: contextvars.ContextVar[Sequence[Mapping[str, str]]] = contextvars.ContextVar("origins", default=())


def origins() -> Sequence[Mapping[str, str]]:
    """Inside `decide`: where each item comes from, in the items' order, for `Transaction.publish`."""
    return _ORIGINS.get()


class Overloaded(Exception):
    """Too many wait already. Over HTTP: 503 with `retry_after` seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"too many requests wait; try again in {retry_after} s")
        self.retry_after = retry_after


class Closed(RuntimeError):
    """The batcher was closed; nothing of the item was decided."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    answer: asyncio.Future[Result]
    context: contextvars.Context
    """The caller's: an item that is decided alone is decided in it, so that its trace goes on."""
    origin: Mapping[str, str]


@dataclass(slots=True)
class Batcher(Generic[Item, Result]):
    """Coalesces calls. `decide` must be one transaction: when it raises, nothing has happened.

    `largest` is how many items are decided together, `waiting` how many may wait, over all programmes.
    """

    decide: Decide[Item, Result]
    largest: int = 200
    waiting: int = 2000
    name: str = "batcher"
    _queues: dict[UUID, deque[_Waiting[Item, Result]]] = field(default_factory=dict)
    _workers: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _count: int = 0
    _closed: bool = False

    async def submit(self, programme_id: UUID, item: Item) -> Result:
        """The item's own result. Raises what `decide` gave in its place, `Overloaded`, or `Closed`."""
        if self._closed:
            raise Closed(self.name)
        if self._count >= self.waiting:
            REFUSED.labels(self.name).inc()
            raise Overloaded
        answer = asyncio.get_running_loop().create_future()
        one = _Waiting[Item, Result](item, answer, contextvars.copy_context(), origin())
        self._queues.setdefault(programme_id, deque()).append(one)
        self._count += 1
        if programme_id not in self._workers:
            # It begins at the loop's next turn, so calls of this turn go together. Its own context: no caller's ends
            # it.
            worker = asyncio.create_task(
                self._work(programme_id), name=f"{self.name} {programme_id}", context=contextvars.Context()
            )
            self._workers[programme_id] = worker
        try:
            return await one.answer
        except asyncio.CancelledError:
            self._leave(programme_id, one)
            raise

    async def close(self) -> None:
        """Take nothing more, and wait until what was taken is decided."""
        self._closed = True
        while self._workers:
            await asyncio.wait(list(self._workers.values()))

    def _leave(self, programme_id: UUID, one: _Waiting[Item, Result]) -> None:
        """A caller went: its place is free at once, unless its item is being decided."""
        queue = self._queues.get(programme_id)
        if queue is not None and one in queue:
            queue.remove(one)
            self._count -= 1

    async def _work(self, programme_id: UUID) -> None:
        queue = self._queues[programme_id]
        try:
            while queue:
                batch = [queue.popleft() for _ in range(min(self.largest, len(queue)))]
                self._count -= len(batch)
                batch = [one for one in batch if not one.answer.done()]
                if batch:
                    await self._decide(programme_id, batch)
        finally:
            # No await between the last look at the queue and here: whoever comes next starts a new worker.
            del self._workers[programme_id], self._queues[programme_id]
            self._count -= len(queue)
            for one in queue:
                _fail(one, Closed(self.name))

    async def _decide(self, programme_id: UUID, batch: list[_Waiting[Item, Result]]) -> None:
        SIZE.labels(self.name).observe(len(batch))
        context = batch[0].context if len(batch) == 1 else contextvars.Context()
        context.run(_ORIGINS.set, [one.origin for one in batch])
        deciding = asyncio.create_task(
            _gathered(self.decide(programme_id, [one.item for one in batch])), context=context
        )
        try:
            results = await deciding
        except asyncio.CancelledError:
            deciding.cancel()
            for one in batch:
                _fail(one, Closed(self.name))
            raise
        except Exception as error:
            if len(batch) == 1 or may_be_away(error):
                # A connection that broke is no item's fault, and whether the transaction was committed is not known.
                for one in batch:
                    _fail(one, error)
                return
            for one in batch:
                if not one.answer.done():
                    await self._decide(programme_id, [one])
            return
        if len(results) != len(batch):
            for one in batch:
                _fail(one, RuntimeError(f"{self.name}: {len(results)} results for {len(batch)} items"))
            return
        for one, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                _fail(one, result)
            elif not one.answer.done():
                one.answer.set_result(result)


async def _gathered(decision: Awaitable[Sequence[Result | Exception]]) -> Sequence[Result | Exception]:
    return await decision


def _fail(one: _Waiting[Item, Result], error: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(error)


@asynccontextmanager
async def batching(
    decide: Decide[Item, Result], *, largest: int = 200, waiting: int = 2000, name: str = "batcher"
) -> AsyncIterator[Batcher[Item, Result]]:
    """A batcher for as long as the block lasts: what a `Resource` opens."""
    batcher = Batcher(decide, largest=largest, waiting=waiting, name=name)
    try:
        yield batcher
    finally:
        await batcher.close()
