"""What becomes of a lead: steps that can only be logged once they can have happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dateutil.relativedelta import relativedelta

from registrations.domain.refusals import Reason, Refused
from registrations.facts import OutcomeKind

STAYED_MONTHS = {OutcomeKind.STILL_HERE_12: 12, OutcomeKind.STILL_HERE_24: 24}
"""Still here: so many months after the move."""


def check_outcome(kind: OutcomeKind, on: date, today: date, logged: Mapping[OutcomeKind, date]) -> None:
    """Raise `Refused` where the step lies in the future, is logged already, or says "still here" too early."""
    if kind in logged:
        raise Refused(Reason.ALREADY_LOGGED)
    if on > today:
        raise Refused(Reason.TOO_EARLY)
    months = STAYED_MONTHS.get(kind)
    if months is not None:
        moved = logged.get(OutcomeKind.MOVED)
        if moved is None or on < moved + relativedelta(months=months):
            raise Refused(Reason.TOO_EARLY, months=months)
