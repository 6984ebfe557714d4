"""notifications: what we tell them: templates, schedules, deliveries, preferences."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="notifications",
    order=50,
    purpose="what we tell them: templates, schedules, deliveries, preferences",
)
