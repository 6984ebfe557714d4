"""The words for those who wait for lots, and for those whom the lots gave no place.

A place in line changes with everyone who leaves, and a mail does not: so it is on the booking's page, never in a mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from notifications.domain import Kind
from services.pages import formats
from services.pages.languages import Translate, text_in

BEFORE = frozenset({Kind.WAITLISTED, Kind.MOVED, Kind.AGAIN})
"""What is said in other words to one that waits for lots to be drawn."""


def words(kind: Kind, story: Any, lang: str, _: Translate) -> tuple[str, str, Sequence[str], str]:
    """Subject, heading, sentences and button, of one that takes part in a draw to come (`lots_at`) or did in one."""
    event = text_in(story["titles"], lang)[0]
    if kind is Kind.NOT_DRAWN:
        return (
            _("No place by lot: {event}", event=event),
            _("The lots gave you no place this time"),
            (
                _("Lots were drawn among all who asked, and there was not room for everyone."),
                _("You stand in line now, in the order of the lots, and we write to you if a place becomes free."),
                _("With the button you see your place in line, and can leave it."),
            ),
            _("See your place in line"),
        )
    drawn = _(
        "Lots are drawn {moment}, and then we write to everyone. Your booking's page says so if that changes.",
        moment=formats.moment(story["lots_at"], lang, story["time_zone"]),
    )
    see = _("See your booking")
    if kind is Kind.MOVED:
        when = formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])
        return (
            _("New time: {event}", event=event),
            _("What you wait for has a new time"),
            (
                _("The new time is {when}.", when=when),
                _("You still take part in the draw. Does the time not suit you? Then leave it with the button."),
                drawn,
            ),
            see,
        )
    again = kind is Kind.AGAIN
    return (
        _("You take part in the draw: {event}", event=event),
        _("You take part in the draw already") if again else _("You take part in the draw"),
        (
            _("You asked for a place once more. You need not do anything: you take part once, whenever you asked.")
            if again
            else _("Lots decide who gets a place; it makes no difference who asked first."),
            drawn,
            _("Can you not come after all? Leave the draw with the button."),
        ),
        see,
    )
