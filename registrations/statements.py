"""The service's named SQL, loaded once; every statement is prepared when the service starts."""

from __future__ import annotations

from services import sql

queries = sql.load("registrations")
