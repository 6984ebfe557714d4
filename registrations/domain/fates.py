"""What becomes of a row of a list that is brought in, or of a booking that is to be moved with others."""

from __future__ import annotations

from enum import StrEnum


class Fate(StrEnum):
    BOOKED = "booked"
    WAITING = "waiting"
    AGAIN = "again"  # the visitor had this booking already
    DOUBLED = "doubled"  # an earlier row of the file says the same
    WRONG = "wrong"  # a field is not as it must be
    REFUSED = "refused"  # by the rules of places


class MoveFate(StrEnum):
    MOVED = "moved"
    THERE = "there"  # it is at that place already
    LEFT = "left"  # it stays where it is, and why
