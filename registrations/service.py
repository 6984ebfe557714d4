"""registrations: who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="registrations",
    order=40,
    purpose="who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads",
    schemas=("people",),
)
