"""What a service process reads before it starts, read once for all: `nursery` forks its children from here."""

from __future__ import annotations

from services.pages import templating
from services.registry import installed
from tests.faults import nursery

__all__ = ["nursery"]

installed()
templating.prepare()
