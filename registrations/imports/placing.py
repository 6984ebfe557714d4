"""Which place of the event a row of a list means: by a stand's name or number, a session's title, and its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from registrations.domain.refusals import Reason, Refused
from registrations.imports.sheets import SHEETS_BEGAN
from registrations.place_names import EVENT, value_of
from services.pages.languages import msgid
from services.words import folded

SEVERAL = msgid("This may be any of these: {places}. Say which under Stand or Session, and when it begins.")
FIELDS = ("stand", "session", "starts_at")
NAMED = 6
"""How many places a sentence lists."""
_MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M")

Place = Mapping[str, Any]


class Unclear(Exception):
    """A row may mean several places. `field` is what it says of them, `places` their names."""

    def __init__(self, field: str, places: Sequence[str]) -> None:
        super().__init__(field)
        self.field = field
        more = ["…"] if len(places) > NAMED else []
        self.places = "; ".join([*places[:NAMED], *more])


@dataclass(frozen=True, slots=True)
class Where:
    """The event's places as rows may name them. `names` is what they are called, by what a form sends for each."""

    event_id: UUID
    time_zone: str
    places: Sequence[Place]
    names: Mapping[str, str] = field(default_factory=dict)

    def slot(self, chosen: str, said: Mapping[str, str]) -> UUID | None:
        """The slot that a row means, None for the event itself; `chosen` is the place for rows that name none.

        Raises `Refused` where there is no such place, and `Unclear` where there are several.
        """
        given = [one for one in FIELDS if said.get(one)]
        if not given:
            return UUID(chosen) if chosen != EVENT else None
        found = self._meant(said)
        if not found:
            raise Refused(Reason.UNKNOWN_PLACE)
        if len(found) > 1 and "starts_at" not in given:
            found = [one for one in found if value_of(one) == chosen] or found
        if len(found) > 1 and given == ["starts_at"]:
            # As an export writes it, neither a stand nor a session is the event itself; in a list that has no columns
            # for both, a time is rather that of a slot.
            is_whole = {"stand", "session"} <= said.keys()
            found = [one for one in found if (one["slot_id"] is None) == is_whole] or found
        if len(found) > 1:
            ordered = sorted((one["starts_at"], self.names.get(value_of(one), "")) for one in found)
            raise Unclear(given[0], [name for _, name in ordered])
        slot_id: UUID | None = found[0]["slot_id"]
        return slot_id

    def _meant(self, said: Mapping[str, str]) -> list[Place]:
        """All that fits what a row says; of the tables of a stand at one time the first, since they are one thing to
        whoever books (domain/tables.py)."""
        moment = self._moment(said["starts_at"]) if said.get("starts_at") else None
        wanted = [folded(said[one]) for one in ("stand", "session") if said.get(one)]
        found: dict[Any, Place] = {}
        for one in self.places:
            if moment in {None, one["starts_at"]} and all(_is_called(one, name) for name in wanted):
                found.setdefault((one["stand_id"] or one["slot_id"], one["starts_at"], one["ends_at"]), one)
        return list(found.values())

    def _moment(self, text: str) -> datetime:
        try:
            exact = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            if exact.tzinfo is not None:
                return exact  # as a program exports it
        local: datetime | None = None
        for form in _MOMENTS:
            try:
                local = datetime.strptime(text, form)  # noqa: DTZ007 — in the event's zone, which is put to it below
            except ValueError:
                continue
            break
        if local is None:
            try:
                # A spreadsheet's own moments are days since its beginning, to the minute.
                minutes = round(float(text) * 24 * 60)
                local = SHEETS_BEGAN + timedelta(minutes=minutes)
            except (ValueError, OverflowError) as error:
                raise Refused(Reason.UNKNOWN_PLACE) from error
        return local.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


def _is_called(place: Place, wanted: list[str]) -> bool:
    """By the name of its stand or session in any language, or by its stand's number. A session in the column for stands
    is understood as well: many lists have one column for either."""
    if place["slot_id"] is None:
        return False
    names = [*(place["stand_names"] or {}).values(), *(place["session_titles"] or {}).values(), place["number"] or ""]
    return any(folded(name) == wanted for name in names)
