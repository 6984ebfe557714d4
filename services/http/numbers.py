"""Whole numbers out of an address or a form, as a stranger wrote them."""

from __future__ import annotations


def number_below(bound: int, text: str) -> int | None:
    """The number that `text` is in plain digits, from 0 and less than `bound`; None for anything else.

    Its length comes first: Python raises ValueError rather than read a number of more than 4,300 digits.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(bound))):
        return None
    number = int(text)
    return number if number < bound else None
