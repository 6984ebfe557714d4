"""What visitors may agree to, word for word. A wording once shown is never changed: it gets a new version.

English texts are message ids; the stored language says which translation the visitor read. Booking itself rests on no
consent: who books a place wants us to keep it.
"""

from __future__ import annotations

from enum import StrEnum

from services.pages.languages import msgid


class Purpose(StrEnum):
    FOLLOW_UP = "follow_up"
    NEWS = "news"
    CONVERSATION = "conversation"


WORDINGS: dict[tuple[Purpose, int], str] = {
    (Purpose.FOLLOW_UP, 1): msgid("You may contact me after the event about moving here."),
    (Purpose.FOLLOW_UP, 2): msgid("You may contact me about moving here."),
    (Purpose.NEWS, 1): msgid("Send me news about jobs, houses and events here, a few times a year."),
    (Purpose.CONVERSATION, 1): msgid("You may write down what we talked about, and contact me about it."),
}

CURRENT: dict[Purpose, int] = {
    purpose: max(version for one, version in WORDINGS if one is purpose) for purpose in Purpose
}
"""The version that is shown now."""

ON_BOOKING = (Purpose.FOLLOW_UP, Purpose.NEWS)
"""What the booking form asks for, each in its own unticked box."""


def wording(purpose: Purpose, version: int | None = None) -> str:
    """The English text of a version, or of the one shown now."""
    return WORDINGS[purpose, version or CURRENT[purpose]]
