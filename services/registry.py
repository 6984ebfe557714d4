"""Finds the installed services. The chassis names none of them: they announce themselves through entry points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points

from services.service import Service

GROUP = "blest.services"


class ServiceUnknown(Exception):
    """No installed service has that name, or two have the same one."""


@cache
def installed() -> tuple[Service, ...]:
    """All installed services in their order; raises `ServiceUnknown` where two share a name."""
    found: list[Service] = sorted(
        (entry.load() for entry in entry_points(group=GROUP)), key=lambda one: (one.order, one.name)
    )
    names = [service.name for service in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ServiceUnknown(f"two services are called {', '.join(twice)}; each needs a name of its own")
    return tuple(found)


def chosen(names: Sequence[str]) -> tuple[Service, ...]:
    """The services called `names`, in that order; raises `ServiceUnknown` with those there are."""
    by_name = {service.name: service for service in installed()}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ServiceUnknown(f"no service is called {', '.join(unknown)}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names)
