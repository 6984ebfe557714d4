"""The words of each kind of message: what a visitor reads first, and what they can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from events.facts import EventStatus
from notifications.channels.email import lots_wording
from notifications.domain import Kind
from registrations.facts import Cause
from services.pages import formats
from services.pages.languages import Translate, text_in

Words = tuple[str, str, Sequence[str], str]
"""Subject, heading, sentences, label of the button."""

_ADDRESS = re.compile(r"://|@|[\w-]\.\w{2,}")
"""What mail programs turn into a link by themselves."""
LONGEST_NAME = 60


def called(name: str) -> str:
    """How a mail calls its reader: by the name that they booked with, or by none where it is long or leads somewhere.

    Anybody may book with anybody's address, and their words would stand in a mail that comes from the programme."""
    # A header takes no line break, and one mail that cannot be written holds up those behind it.
    line = " ".join(name.split())
    return "" if len(line) > LONGEST_NAME or _ADDRESS.search(line) else line


def words(kind: Kind, story: Any, lang: str, _: Translate) -> Words:
    """The words of a message of `kind` about a booking as `story_of_booking` knows it now."""
    event = text_in(story["titles"], lang)[0]
    see = _("See your booking")
    when = formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])
    ends_at = story["offer_ends_at"]
    until = formats.moment(ends_at, lang, story["time_zone"]) if ends_at else ""
    if kind is Kind.NOT_DRAWN or (kind in lots_wording.BEFORE and story["lots_at"] is not None):
        return lots_wording.words(kind, story, lang, _)
    match kind:
        case Kind.CONFIRMED:
            return (
                _("You are booked: {event}", event=event),
                _("Welcome to {event}", event=event),
                (
                    _("Places for your group are booked. Show the code below when you come; it is for all of it.")
                    if story["is_group"]
                    else _("Your place is booked. Show the code below when you come; it is for all of you."),
                    _("Something changed? Move or cancel with the button, so that others can have the place."),
                ),
                see,
            )
        case Kind.WAITLISTED:
            return (
                _("You are on the waiting list: {event}", event=event),
                _("You are on the waiting list"),
                (
                    _("There is no room for your group at this time just now. We write to you as soon as there is.")
                    if story["is_group"]
                    else _(
                        "All places at this time are taken just now."
                        " We write to you as soon as there is room for all of you."
                    ),
                    _("You keep your place in line without doing anything."),
                ),
                see,
            )
        case Kind.OFFERED:
            return (
                _("There is a place for you: {event}", event=event),
                _("There is a place for you"),
                (
                    _("A place has become free, and it is kept for you until {until}.", until=until)
                    if until
                    else _("A place has become free, and it is kept for you."),
                    _("Say with the button whether you take it. After that it goes to the next in line."),
                ),
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
            return _cancelled(story, event, lang, _)
        case Kind.AGAIN if story["status"] == "waiting":
            return (
                _("You are on the waiting list: {event}", event=event),
                _("You are on the waiting list already"),
                (
                    _("You asked for a place once more. You keep your place in line without doing anything."),
                    _("If another time has room for you, you can move to it with the button."),
                ),
                see,
            )
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
        case Kind.ADDRESS | Kind.ASKED | Kind.DECLINED:
            return _held(kind, event, until, _)
        case Kind.HAND_OVER | Kind.HANDED_OVER:
            return _handed_over(kind, story, event, lang, _)
        case Kind.ASKED_TO_MOVE:
            return (
                _("Could you come at another time? {event}", event=event),
                _("Could you come at another time?"),
                (
                    _("The organiser asks you to choose another time, if that suits you."),
                    _("If it does not, you need not do anything: you keep the time you have."),
                ),
                _("See other times"),
            )
        case Kind.MAY_STAY:
            return (
                _("You can keep your time: {event}", event=event),
                _("You can keep your time"),
                (
                    _("We asked you to choose another time. That is no longer needed: there is room for all again."),
                    _("If you were about to change it, you still can."),
                ),
                _("See your booking"),
            )
        case Kind.MESSAGE:
            subject = text_in(story["subjects"], lang)[0]
            paragraphs = text_in(story["texts"], lang)[0].split("\n\n")
            return subject, subject, tuple(one.strip() for one in paragraphs if one.strip()), see
        case Kind.INTEREST:
            raise ValueError("a receipt tells of no booking")
        case Kind.REMINDER:
            return (
                _("Soon: {event}", event=event),
                _("We look forward to meeting you"),
                (
                    _("It begins {when}. Bring the code below; it is for your whole group.", when=when)
                    if story["is_group"]
                    else _("It begins {when}. Bring the code below; it is for all of you.", when=when),
                ),
                see,
            )


def _held(kind: Kind, event: str, until: str, _: Translate) -> Words:
    """While a booking waits for its visitor's address or the organiser's yes, and where the answer is no."""
    if kind is Kind.ADDRESS:
        return (
            _("Confirm your address: {event}", event=event),
            _("One step is left"),
            (
                _("Somebody asked for a place with this address. Was it you? Then confirm it with the button."),
                _("We keep the place until {until}.", until=until) if until else "",
                _("Was it not you? Then you need not do anything, and nothing is booked."),
            ),
            _("Confirm my address"),
        )
    if kind is Kind.ASKED:
        return (
            _("We have received it: {event}", event=event),
            _("We have received it"),
            (
                _("The organiser looks at it and then gives an answer. We write to you as soon as there is one."),
                _("You need not do anything until then."),
            ),
            _("See your booking"),
        )
    return (
        _("No place this time: {event}", event=event),
        _("We have no place for you this time"),
        (
            _("We are sorry: the organiser could not give you the place you asked for."),
            _("Do you wonder why? Answer this mail."),
        ),
        _("See the event"),
    )


def _handed_over(kind: Kind, story: Any, event: str, lang: str, _: Translate) -> Words:
    """To who is asked to take a booking over, and to who gave it."""
    if kind is Kind.HANDED_OVER:
        return (
            _("Your booking has been handed over: {event}", event=event),
            _("Your booking has been handed over"),
            (_("Somebody else comes in your place now. Your link and your code no longer work."),),
            _("See the event"),
        )
    giver = called(story["giver"])
    until = formats.moment(story["until"], lang, story["time_zone"])
    return (
        _("Will you take over a booking? {event}", event=event),
        _("Will you take over a booking?"),
        (
            _("{name} cannot come, and would like you to have the place.", name=giver)
            if giver
            else _("Somebody cannot come, and would like you to have the place."),
            _("See with the button what it is, and say yes or no until {until}.", until=until),
            _("If you do not answer, the place stays with whoever has it."),
        ),
        _("See what it is"),
    )


def _why(story: Any, lang: str, _: Translate) -> tuple[str, ...]:
    """Why an event is called off, in its organiser's words, where they gave any."""
    reason = text_in(story["reasons"], lang)[0].strip() if story.get("reasons") else ""
    return (_("The organiser says: “{reason}”", reason=reason),) if reason else ()


def _cancelled(story: Any, event: str, lang: str, _: Translate) -> Words:
    """By what ended the booking: thanks are for those who told us, a choice for those whose place we took away."""
    cause = Cause(story["cause"])
    if cause is Cause.EVENT and story["event_status"] == EventStatus.CANCELLED:
        return (
            _("Called off: {event}", event=event),
            _("{event} is called off", event=event),
            (
                _("We are sorry: what you booked will not take place."),
                *_why(story, lang, _),
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
