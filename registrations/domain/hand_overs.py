"""What became of asking somebody to come instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    OPEN = "open"  # they may still answer
    ACCEPTED = "accepted"  # they said yes: the booking is theirs
    DECLINED = "declined"  # they said no
    WITHDRAWN = "withdrawn"  # it was taken back, or somebody else was asked
    UNANSWERED = "unanswered"  # the time to answer is over


def answer(row: Mapping[str, Any], moment: datetime) -> Answer:
    """How a hand-over stands at `moment`, from its `accepted_at`, `ended` and `ends_by`."""
    if row["accepted_at"] is not None:
        return Answer.ACCEPTED
    if row["ended"] is not None:
        return Answer(row["ended"])
    return Answer.OPEN if row["ends_by"] > moment else Answer.UNANSWERED
