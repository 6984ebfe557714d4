"""The declaration from which the chassis builds everything of a service. Read a service's `service.py` first.

From it come the HTTP app, OpenAPI and AsyncAPI, the JetStream consumers, `$SRV` discovery, health, metrics, the
console's navigation and the organiser's home. Nothing is listed twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from services.facts import Envelope, Fact
from services.routes import Role, Route

if TYPE_CHECKING:
    from services.context import Context
    from services.database import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a service does when facts arrive, in one transaction with its inbox row.

    `name` is the purpose: the durable consumer is `<service>-<name>`. `handle` decides from the fact's state and its
    own rows, never from the order of arrival: deliveries of one aggregate come one at a time, an older version than
    one seen is acknowledged without a call. `projection` says that its tables (`tables`) may be emptied and refilled by
    `blest projections rebuild`: it has no effect outside them.
    """

    name: str
    facts: tuple[type[Fact], ...]
    handle: Callable[[Transaction, Any, Envelope], Awaitable[None]]
    projection: bool = False
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What a service does by the clock: one run at a time across all replicas. `run` opens its own transactions."""

    name: str
    every: timedelta
    run: Callable[[Context], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Resource(Generic[T]):
    """Something long-lived that requests of one service share: a batcher, a link table in memory.

    `open` is an async context manager made at start; handlers find the object with `call.context.resource(RESOURCE)`.
    """

    name: str
    open: Callable[[Context], AbstractAsyncContextManager[T]]


@dataclass(frozen=True, slots=True)
class Hint:
    """A core NATS message that tells every replica something at once; it may be lost, so a look-up stands behind it."""

    subject: str
    handle: Callable[[Context, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A line in the console's navigation. `path` is below /{lang}/console/{programme}/; `title` is an English msgid.
    `also` are further paths whose pages belong under it."""

    title: str
    path: str
    icon: str
    roles: frozenset[Role]
    order: int = 50
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteItem:
    """A line in the navigation of the public pages. `path` is below /{lang}/; `title` is an English msgid."""

    title: str
    path: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the organiser's home, rendered by its own service at /{lang}/console/{programme}/panels/<name>."""

    name: str
    title: str
    roles: frozenset[Role]
    order: int = 50


@dataclass(frozen=True, slots=True)
class Retention:
    """A rule that personal columns name in their comment: `COMMENT ON COLUMN … IS 'personal; retention=<name>'`.

    `keep` says in one English sentence how long and why; `task` is the name of the Task that erases, or None where the
    row goes together with its visitor.
    """

    name: str
    keep: str
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant that must hold at any moment: shown by `blest doctor`, the system page and /metrics.

    `count` returns how many rows break it, across all programmes; 0 is well.
    """

    name: str
    says: str
    count: Callable[[Transaction], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Service:
    """Everything one service is. `name` is its package, its schema, its stream (upper case) and its first subject
    token."""

    name: str
    purpose: str
    order: int = 50
    """Its place where services are listed and where the demo plays them: who recruits, what happens, what brings
    them, who comes."""
    routes: tuple[Route, ...] = ()
    facts: tuple[type[Fact], ...] = ()
    reactions: tuple[Reaction, ...] = ()
    tasks: tuple[Task, ...] = ()
    resources: tuple[Resource[Any], ...] = ()
    hints: tuple[Hint, ...] = ()
    navigation: tuple[NavigationItem, ...] = ()
    site: tuple[SiteItem, ...] = ()
    panels: tuple[Panel, ...] = ()
    retention: tuple[Retention, ...] = ()
    checks: tuple[Check, ...] = ()
    schemas: tuple[str, ...] = ()
    """Further schemas its owner keeps (registrations: people)."""
    restate: Callable[[Transaction], AsyncIterator[Fact]] | None = None
    """Yields the current state of every aggregate of the transaction's programme, for a new consumer."""
    subjects: Mapping[str, str] = field(default_factory=dict)
    """What the audit names, and the page that shows it below the console: `event` → `events/{id}`."""
    demo: Callable[[Context, date], Awaitable[None]] | None = None
    """Plays one day of the demo's year by the service's own commands; the clock stands on that day, the bus is
    drained after."""
