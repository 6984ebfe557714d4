"""What one running service has at hand: its database, the bus, the clock, its keys and its resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from services.clock import Clock
from services.database import Database
from services.keys import Keys
from services.service import Resource, Service
from services.settings import Settings

if TYPE_CHECKING:
    from services.messages import Bus

T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """One service in one process. Handlers, reactions and tasks reach everything through it."""

    service: Service
    settings: Settings
    keys: Keys
    clock: Clock
    database: Database
    bus: Bus
    resources: dict[str, Any] = field(default_factory=dict)

    def resource(self, declared: Resource[T]) -> T:
        """The opened object of a declared resource; KeyError where the service does not declare it."""
        return cast(T, self.resources[declared.name])
