"""events: what happens: events, venues, stands and their slots."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="events",
    order=20,
    purpose="what happens: events, venues, stands and their slots",
)
