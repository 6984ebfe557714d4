"""How likely somebody in line is to get a place: told as a number, with what it rests on.

Places come free as those who have one cancel. Each does so with the share that the programme has seen; how many will is
a Poisson count (cancellations are many, rare and apart), and the line moves as far as they reach.
"""

from __future__ import annotations

from math import exp

USUAL_SHARE = 0.12
"""Of places given up again, where a programme has seen too few bookings to say: about one in eight."""
FEW = 30
"""Fewer bookings than this say nothing about the next."""


def share_given_up(given_up: int, all_bookings: int) -> float:
    """The share of places that are given up again, drawn towards the usual one while there is little to go by."""
    return (given_up + USUAL_SHARE * FEW) / (all_bookings + FEW)


def chance(needed: int, taken: int, share: float, time_left: float) -> float:
    """The chance, 0 to 1, that at least `needed` of `taken` places come free.

    `time_left` is what is left of the time in which people cancel, 0 to 1. P(N >= needed) for N ~ Poisson(taken * share
    * time_left).
    """
    if needed <= 0:
        return 1.0
    expected = max(0.0, taken * share * min(1.0, max(0.0, time_left)))
    term = below = exp(-expected)
    for count in range(1, needed):
        term *= expected / count
        below += term
    return max(0.0, min(1.0, 1.0 - below))
