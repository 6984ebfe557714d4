"""programmes: who recruits: programmes, municipalities, working groups, partners, target groups, selling points, the catalogue."""

from __future__ import annotations

from services.service import Service

SERVICE = Service(
    name="programmes",
    purpose="who recruits: programmes, municipalities, working groups, partners, target groups, selling points, the catalogue",
)
