"""What every process has besides its services: who people are. Declared like a service."""

from __future__ import annotations

from services.http import idempotency
from services.identity.access import HINTS
from services.identity.retention import CHECKS, RETENTION, TASKS
from services.identity.routes import NAVIGATION, ROUTES
from services.pages.routes import ROUTES as PAGES
from services.service import Service

CHASSIS = Service(
    name="identity",
    purpose="Knows who people are and what they may do, in every programme.",
    order=0,
    routes=(*ROUTES, *PAGES),
    tasks=TASKS,
    hints=HINTS,
    navigation=NAVIGATION,
    retention=(*RETENTION, idempotency.RETENTION),
    checks=CHECKS,
)
