"""The ledger of a campaign: per placement what it cost, how many saw it, who clicked, and whom it brought, with cost
per each.

Rows are placements plus one for what no link led to, so that every column adds up to the whole. Money is never added
across currencies. Figures say where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from campaigns.domain import Price, price

BROUGHT = ("human", "interests", "registrations", "check_ins", "leads")
"""From click to family met: measured. Bookings are counted one by one, families once for each step."""

BECAME = ("visit_trips", "jobs", "houses", "moved", "stayed_12", "stayed_24")
"""From visit trip to family that stayed: reported by themselves, or entered by staff with their consent."""

STEPS = BROUGHT + BECAME
"""The funnel; each step has its cost per each."""


@dataclass(frozen=True, slots=True)
class Row:
    placement_id: UUID | None
    names: Mapping[str, str]
    channel: str
    place: str
    copies: int | None
    slug: str
    costs: Mapping[str, int]
    """Currency → minor units."""
    impressions: int | None
    people: int | None
    sources: Sequence[str]
    suspect: int
    bot: int
    scans: int
    moved_persons: int
    counts: Mapping[str, int]
    """One figure per step of STEPS."""

    def price(self, step: str) -> Price:
        return price(self.costs, self.counts[step])

    @property
    def scans_per_thousand(self) -> float | None:
        """Scans per 1,000 printed copies; None where nothing was printed."""
        return 1000 * self.scans / self.copies if self.copies else None


@dataclass(frozen=True, slots=True)
class Ledger:
    rows: Sequence[Row]
    total: Row
    heard_of: Mapping[str, int] = field(default_factory=dict)

    @property
    def dead(self) -> Sequence[Row]:
        """Placements that cost something and brought nobody, not even a click: plain words for where money was lost."""
        return [row for row in self.rows if sum(row.costs.values()) and not any(row.counts.values())]


def ledger(placements: Sequence[Any], heard_of: Sequence[Any] = ()) -> Ledger:
    """From the rows of `figures_of_campaign` and `heard_of`."""
    rows = [_row(found) for found in placements]
    costs: dict[str, int] = {}
    for row in rows:
        for currency, amount in row.costs.items():
            costs[currency] = costs.get(currency, 0) + amount
    seen = [row.impressions for row in rows if row.impressions is not None]
    total = Row(
        placement_id=None,
        names={},
        channel="",
        place="",
        copies=None,
        slug="",
        costs=costs,
        impressions=sum(seen) if seen else None,
        people=None,
        sources=sorted({source for row in rows for source in row.sources}),
        suspect=sum(row.suspect for row in rows),
        bot=sum(row.bot for row in rows),
        scans=sum(row.scans for row in rows),
        moved_persons=sum(row.moved_persons for row in rows),
        counts={step: sum(row.counts[step] for row in rows) for step in STEPS},
    )
    return Ledger(rows, total, {row["heard_of"]: row["registrations"] for row in heard_of})


def _row(found: Any) -> Row:
    return Row(
        placement_id=found["id"],
        names=found["names"],
        channel=found["channel"],
        place=found["place"],
        copies=found["copies"],
        slug=found["slug"],
        costs=found["costs"],
        impressions=found["impressions"],
        people=found["people"],
        sources=found["sources"],
        suspect=found["suspect"],
        bot=found["bot"],
        scans=found["scans"],
        moved_persons=found["moved_persons"],
        counts={step: found[step] for step in STEPS},
    )
