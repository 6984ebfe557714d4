"""How long personal data are kept. The columns name their rule (`COMMENT ON COLUMN … retention=<name>`)."""

from __future__ import annotations

from datetime import timedelta

HOUSEHOLD_KEPT = timedelta(days=120)
"""After the event: questions, lost property, the report to those who paid for it."""
VISITOR_KEPT = timedelta(days=120)
"""After the last event, for who gave no consent to be contacted later and is no lead."""
CONSENT_KEPT = timedelta(days=3 * 365)
"""After the last sign of life, for who did: moving takes years, and we ask who is still here after two."""
INTEREST_KEPT = timedelta(days=2 * 365)
DRAFT_KEPT = timedelta(hours=1)
"""A file that was read to be imported: long enough to look at what would come of it, and to fetch a coffee."""
SELECTION_KEPT = timedelta(days=1)
"""Bookings that were chosen from a list, by ids alone: as long as somebody may come back to the page."""
