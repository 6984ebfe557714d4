"""programmes: who recruits: programmes, municipalities, working groups, partners, target groups, selling points, the catalogue."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="programmes",
    order=10,
    purpose="who recruits: programmes, municipalities, working groups, partners, target groups, selling points, the catalogue",
)
