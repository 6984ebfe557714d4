"""The public calendar, read: what is coming, filtered by programme, municipality, target group and activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from events.domain.months import month_after
from events.domain.state import Programme
from events.domain.zones import local_days
from events.ics import Listed, listed
from events.records import all_programmes, queries
from programmes.facts import Term
from services.database import Transaction
from services.http.pagination import Cursor

Key = Annotated[str, StringConstraints(strip_whitespace=True, max_length=96, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""A slug, a code of the vocabulary, or an id."""
MOST_IN_A_MONTH = 400


class Filters(BaseModel):
    """The query string by which the calendar, its feed and its API are narrowed. Unknown names are left alone."""

    programme: Key | None = None
    place: Key | None = None
    """A municipality's slug."""
    target: Key | None = None
    """A target group's code, or its id where it has none."""
    activity: Key | None = None
    """An activity type's code, or its id where it has none."""

    def given(self) -> dict[str, str]:
        """What is asked for, as a query string has it."""
        return {name: value for name in Filters.model_fields if (value := getattr(self, name))}


class CalendarQuery(Filters):
    month: Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")] | None = None
    after: str | None = Field(default=None, max_length=1024)
    via: str | None = Field(default=None, max_length=256)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value by which the calendar can be filtered."""

    value: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Public:
    """The public list and the programmes behind it, within one transaction."""

    tx: Transaction
    programmes: dict[UUID, Programme]

    @classmethod
    async def open(cls, tx: Transaction) -> Public:
        return cls(tx, await all_programmes(tx))

    async def events(
        self,
        filters: Filters,
        *,
        since: datetime,
        until: datetime | None = None,
        cursor: Cursor | None = None,
        many: int = MOST_IN_A_MONTH,
    ) -> list[Listed]:
        """Events not over at `since` and begun before `until`, in order of time, from where `cursor` ended."""
        place = cursor or Cursor()
        rows = await queries.calendar(
            self.tx.connection,
            **self._narrowed(filters),
            since=since,
            until=until,
            after=place.value("starts_at"),
            after_id=place.value("event_id"),
            many=many,
        )
        return [listed(row) for row in rows]

    async def month(self, filters: Filters, first: date) -> list[Listed]:
        """Everything that touches a month in its own zone, also what is over."""
        start = datetime.combine(first, time(), UTC)
        end = datetime.combine(month_after(first), time(), UTC)
        day = timedelta(days=1)
        found = await self.events(filters, since=start - day, until=end + day)
        return [one for one in found if any(on.month == first.month and on.year == first.year for on in days_of(one))]

    def choices(self, happening: Iterable[Listed]) -> dict[str, list[Choice]]:
        """The values of each filter that occur among `happening`, in the programmes' own order."""
        shown = list(happening)
        found: dict[str, dict[str, Choice]] = {"programme": {}, "place": {}, "target": {}, "activity": {}}
        for programme in self.programmes.values():
            own = [one for one in shown if one.programme_id == programme.programme_id]
            if own:
                found["programme"][programme.slug] = Choice(programme.slug, programme.names)
            for municipality in programme.municipalities:
                if any(one.municipality_id == municipality.id for one in own):
                    found["place"][municipality.slug] = Choice(municipality.slug, {"nb": municipality.name})
            for term in programme.target_groups:
                if any(term.id in one.target_groups for one in own):
                    found["target"].setdefault(key_of(term), Choice(key_of(term), term.names))
            for term in programme.activity_types:
                if any(term.id == one.activity_type for one in own):
                    found["activity"].setdefault(key_of(term), Choice(key_of(term), term.names))
        return {name: list(choices.values()) for name, choices in found.items()}

    def _narrowed(self, filters: Filters) -> dict[str, Sequence[UUID] | None]:
        """The ids that the filters mean; a value that nothing has means no event."""
        among = [one for one in self.programmes.values() if filters.programme in (None, one.slug)]
        return {
            "programmes": [one.programme_id for one in among] if filters.programme else None,
            "municipalities": [m.id for one in among for m in one.municipalities if m.slug == filters.place]
            if filters.place
            else None,
            "target_groups": _ids((term for one in among for term in one.target_groups), filters.target),
            "activity_types": _ids((term for one in among for term in one.activity_types), filters.activity),
        }


def key_of(term: Term) -> str:
    """How a term is named in an address: by the code that all programmes share, else by its id."""
    return term.code or str(term.id)


def days_of(one: Any) -> list[date]:
    """The days of an event in its own zone."""
    return [day.date() for day in local_days(one.starts_at, one.ends_at, one.time_zone)]


def cursor_at(one: Any) -> Cursor:
    """Where a page of events ends."""
    return Cursor.at(starts_at=one.starts_at, event_id=one.event_id)


def read_cursor(text: str | None) -> Cursor:
    """Where to read on; raises `Invalid` on `after` where it is no place in the list."""
    return Cursor.read(text, "starts_at", "event_id")


def _ids(terms: Iterable[Term], wanted: str | None) -> list[UUID] | None:
    return [term.id for term in terms if key_of(term) == wanted] if wanted else None
