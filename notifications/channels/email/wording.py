"""The words of each kind of message: what a visitor reads first, and what they can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.facts import EventStatus
from notifications.domain import Kind
from registrations.facts import Cause
from services.pages import formats
from services.pages.languages import Translate, text_in

Words = tuple[str, str, Sequence[str], str]
"""Subject, heading, sentences, label of the button."""


def words(kind: Kind, story: Any, lang: str, _: Translate) -> Words:
    """The words of a message of `kind` about a booking as `story_of_booking` knows it now."""
    event = text_in(story["titles"], lang)[0]
    see = _("See your booking")
    when = formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])
    match kind:
        case Kind.CONFIRMED:
            return (
                _("You are booked: {event}", event=event),
                _("Welcome to {event}", event=event),
                (
                    _("Your place is booked. Show the code below when you come; it is for all of you."),
                    _("Something changed? Move or cancel with the button, so that others can have the place."),
                ),
                see,
            )
        case Kind.WAITLISTED:
            return (
                _("You are on the waiting list: {event}", event=event),
                _("You are on the waiting list"),
                (
                    _(
                        "All places at this time are taken just now."
                        " We write to you as soon as there is room for all of you."
                    ),
                    _("You keep your place in line without doing anything."),
                ),
                see,
            )
        case Kind.OFFERED:
            until = formats.moment(story["offer_ends_at"], lang, story["time_zone"]) if story["offer_ends_at"] else ""
            return (
                _("There is a place for you: {event}", event=event),
                _("There is a place for you"),
                (_("A place has become free, and it is kept for you until {until}.", until=until),),
                _("Take the place"),
            )
        case Kind.CHANGED:
            return (
                _("Your booking was changed: {event}", event=event),
                _("Your booking was changed"),
                (_("This is how it stands now."),),
                see,
            )
        case Kind.MOVED if story["status"] != "confirmed":
            return (
                _("New time: {event}", event=event),
                _("What you wait for has a new time"),
                (
                    _("The new time is {when}.", when=when),
                    _("You keep your place in line. Does the time not suit you? Choose another one.")
                    if story["status"] == "waiting"
                    else _("The place is still kept for you. Does the time not suit you? Choose another one."),
                ),
                see,
            )
        case Kind.MOVED:
            return (
                _("New time: {event}", event=event),
                _("Your booking has a new time"),
                (
                    _("The new time is {when}.", when=when),
                    _(
                        "Your calendar follows if you opened the invitation there."
                        " Does the time not suit you? Choose another one."
                    ),
                ),
                see,
            )
        case Kind.EVENT_CHANGED:
            return (
                _("New time or place: {event}", event=event),
                _("{event} has a new time or place", event=event),
                (_("This is when and where it is now. Your booking follows along."),),
                see,
            )
        case Kind.CANCELLED:
            return _cancelled(story, event, _)
        case Kind.AGAIN:
            return (
                _("Your booking: {event}", event=event),
                _("You have a booking already"),
                (
                    _(
                        "You asked for a place once more."
                        " This is the booking you have; you can change it with the button."
                    ),
                ),
                see,
            )
        case Kind.INTEREST:
            raise ValueError("a receipt tells of no booking")
        case Kind.REMINDER:
            return (
                _("Soon: {event}", event=event),
                _("We look forward to meeting you"),
                (_("It begins {when}. Bring the code below; it is for all of you.", when=when),),
                see,
            )


def _cancelled(story: Any, event: str, _: Translate) -> Words:
    """By what ended the booking: thanks are for those who told us, a choice for those whose place we took away."""
    cause = Cause(story["cause"])
    if cause is Cause.EVENT and story["event_status"] == EventStatus.CANCELLED:
        return (
            _("Called off: {event}", event=event),
            _("{event} is called off", event=event),
            (
                _("We are sorry: what you booked will not take place."),
                _("See with the button what else there is, or let it go; then you need not do anything."),
            ),
            _("See what else there is"),
        )
    if cause is Cause.EVENT:
        return (
            _("Your time is taken off the programme: {event}", event=event),
            _("Your time is no longer there"),
            (
                _("We are sorry: the time you booked was taken off the programme. {event} takes place.", event=event),
                _("Choose another time with the button, or let it go; then you need not do anything."),
            ),
            _("Choose another time"),
        )
    if cause is Cause.EXPIRY:
        return (
            _("The place was not kept any longer: {event}", event=event),
            _("The place was not kept any longer"),
            (
                _("We kept a place for you until the time to answer was over. Now others can have it."),
                _("You are welcome to book again."),
            ),
            _("See the event"),
        )
    if cause is Cause.STAFF:
        return (
            _("Your booking is cancelled: {event}", event=event),
            _("Your booking is cancelled"),
            (_("The organiser has cancelled it. Do you wonder why? Answer this mail."),),
            _("See the event"),
        )
    return (
        _("Your booking is cancelled: {event}", event=event),
        _("Your booking is cancelled"),
        (_("Thank you for telling us; somebody else can have the place. You are welcome to book again."),),
        _("See the event"),
    )
