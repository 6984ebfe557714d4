"""What may be asked of slots and sessions: by rule, one by one, several at once. Times are as in `inputs`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from events.domain.inputs import Amount, Asked, Clock, CountedIn, Date, Line, Moment, Titles, moment_in
from events.domain.refusal import Refusal
from events.domain.zones import comes_twice
from events.facts import Unit
from services.pages.languages import Refused, msgid

MOST_TABLES = 20
Table = Annotated[int, Field(ge=1, le=MOST_TABLES)]


class Turn(StrEnum):
    """Which of the two is meant where clocks go back and the same time comes twice."""

    FIRST = "first"
    SECOND = "second"


class RuleInput(BaseModel):
    """Slots by rule, on the wall clock of the event's zone."""

    model_config = ConfigDict(extra="forbid")

    first_day: Date
    last_day: Date | None = None
    """Absent: the first day alone."""
    opens: Clock
    closes: Clock
    """00:00 is the day's end."""
    length: Annotated[int, Field(ge=5, le=1440)]
    """Minutes."""
    pause: Annotated[int, Field(ge=0, le=720)] = 0
    """Minutes after each slot."""
    desks: Table = 1
    """Tables that receive visitors at the same time: as many slots side by side."""
    capacity: Amount = 1
    unit: CountedIn = Unit.HOUSEHOLDS


class Times(Asked):
    """From when until when."""

    starts_at: Moment
    ends_at: Moment
    starts_turn: Turn | None = None
    """Needed only where clocks go back over `starts_at` and it is written without an offset."""
    ends_turn: Turn | None = None

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """(starts_at, ends_at) in UTC, each as a wall clock in `zone` shows it. Raises `Refusal` naming the field."""
        starts_at = moment_of(self.starts_at, self.starts_turn, zone, "starts_at", "starts_turn")
        ends_at = moment_of(self.ends_at, self.ends_turn, zone, "ends_at", "ends_turn")
        if ends_at <= starts_at:
            raise Refusal("ends-before-it-begins", msgid("This is not after the start."), field="ends_at")
        return starts_at, ends_at


class SlotTimes(Times):
    """Another time for a slot, longer or shorter, or at another table."""

    desk: Table | None = None
    """Absent: at the table where it is."""


class SlotInput(Times):
    """One more slot at a stand."""

    desk: Table = 1
    capacity: Amount = 1
    unit: CountedIn = Unit.HOUSEHOLDS


class HostInput(Times):
    """Somebody of the programme on a shift at a stand."""

    account_id: UUID


class ShiftInput(Asked):
    """All slots of a stand that are still to come, earlier or later by so many minutes of real time. `version` is the
    sum of the versions of all its slots, so that the same form sent twice shifts once."""

    minutes: Annotated[int, Field(ge=-1440, le=1440)]
    """Negative: earlier."""
    since: Moment | None = None
    """Only the slots that begin then or later; absent: all that are still to come."""

    @field_validator("minutes")
    @classmethod
    def _shifts(cls, value: int) -> int:
        if value == 0:
            raise Refused(msgid("Nothing moves by no minutes."))
        return value


class RangeInput(Asked):
    """A stretch of time in which a stand receives nobody; `version` is as in `ShiftInput`."""

    since: Moment
    until: Moment


class SessionChange(Times):
    """A session as its organiser describes it. Its places belong to registrations once it is there."""

    titles: Titles
    room: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Line] = ""
    """Empty: no room is named, so nobody can say that two sessions are in one."""


class SessionInput(SessionChange):
    """A new session."""

    capacity: Amount
    unit: CountedIn = Unit.PERSONS


def moment_of(value: datetime, turn: Turn | None, zone: str, field: str, turn_field: str) -> datetime:
    """The moment that was written, in UTC; raises `Refusal` on `field` for a time that clocks skip, and on `turn_field`
    for one that comes twice where nobody said which."""
    if value.tzinfo is None and comes_twice(value, zone):
        if turn is None:
            raise Refusal(
                "comes-twice",
                msgid("This time comes twice that night, as clocks go back. Say which of the two."),
                field=turn_field,
            )
        value = value.replace(fold=int(turn is Turn.SECOND))
    try:
        return moment_in(value, zone)
    except Refused as refused:
        raise Refusal("no-such-time", refused.sentence, field=field) from None
