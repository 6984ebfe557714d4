"""The public catalogue, searched and filtered: the same for its page and for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from programmes import records
from programmes.domain import Kind
from programmes.vocabulary import VOCABULARY
from services.database import Transaction
from services.facts import Code
from services.http.pagination import Cursor, Page, Paging
from services.words import LEAST_SHARED, grams, sort_key


class Wanted(Paging):
    """What somebody looks for in the catalogue. Slips and missing Norwegian letters are forgiven."""

    q: str = Field(default="", max_length=120, description="Words of a name, a place, a group or an activity")
    target_group: Code | None = Field(default=None, description="The code of a standard target group")
    activity: Code | None = Field(default=None, description="The code of a standard activity type")
    place: Annotated[str, Field(max_length=160)] | None = Field(default=None, description="A county")


@dataclass(frozen=True, slots=True)
class Filter:
    """One value by which the catalogue can be filtered: `names` in each language, and how many programmes it leaves."""

    value: str
    names: Mapping[str, str]
    programmes: int


async def search(tx: Transaction, wanted: Wanted) -> Page[Any]:
    """A page of the catalogue. Raises `Invalid` on a cursor that is none."""
    cursor = Cursor.read(wanted.after, "over", "nearness", "key", "id")
    looked_for = grams(wanted.q)
    rows = await records.queries.catalogue(
        tx.connection,
        grams=looked_for,
        least=ceil(len(looked_for) * LEAST_SHARED),
        target_group=wanted.target_group,
        activity=wanted.activity,
        place=wanted.place,
        after_over=_whole(cursor.value("over")),
        after_nearness=_whole(cursor.value("nearness")),
        after_key=_text(cursor.value("key")),
        after_id=cursor.value("id") if isinstance(cursor.value("id"), UUID) else None,
        many=wanted.limit + 1,
    )
    return Page.of(
        [dict(row) for row in rows],
        wanted.limit,
        lambda row: Cursor.at(over=row["over"], nearness=row["nearness"], key=row["sort_key"], id=row["id"]),
    )


async def filters(tx: Transaction) -> Mapping[str, Sequence[Filter]]:
    """What the catalogue can be filtered by: standard terms in the vocabulary's order, places in Norwegian."""
    counted: dict[str, dict[str, int]] = {"target_group": {}, "activity": {}, "place": {}}
    for row in await records.queries.facets(tx.connection):
        counted[row["filter"]][row["value"]] = row["programmes"]
    known = {"target_group": VOCABULARY[Kind.TARGET_GROUP], "activity": VOCABULARY[Kind.ACTIVITY_TYPE]}
    found: dict[str, Sequence[Filter]] = {
        name: [Filter(code, term.names, counted[name][code]) for code, term in terms.items() if code in counted[name]]
        for name, terms in known.items()
    }
    found["place"] = [
        Filter(place, {"nb": place}, counted["place"][place]) for place in sorted(counted["place"], key=sort_key)
    ]
    return found


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and abs(value) < 2**31 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
