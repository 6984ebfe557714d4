"""A household: adults, and children as age bands. Never children's names."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_HOUSEHOLD = 12
"""Where the organiser has set no other limit."""

BANDS = ("children_0_2", "children_3_5", "children_6_12", "children_13_17")


@dataclass(frozen=True, slots=True)
class Household:
    adults: int = 1
    children_0_2: int = 0
    children_3_5: int = 0
    children_6_12: int = 0
    children_13_17: int = 0

    @property
    def children(self) -> int:
        return self.children_0_2 + self.children_3_5 + self.children_6_12 + self.children_13_17

    @property
    def persons(self) -> int:
        return self.adults + self.children

    def counts(self) -> dict[str, int]:
        """How many of each, as its row has them."""
        return {
            "adults": self.adults,
            "children_0_2": self.children_0_2,
            "children_3_5": self.children_3_5,
            "children_6_12": self.children_6_12,
            "children_13_17": self.children_13_17,
        }
