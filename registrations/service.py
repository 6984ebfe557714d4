"""registrations: who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="registrations",
    purpose="who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads",
)
