"""What a mail says, in the visitor's language: a few plain sentences, the facts, and one thing to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from notifications.domain import Kind
from services.pages import formats
from services.pages.languages import Translate, text_in


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses derived when the mail is written; only their hashes are stored anywhere."""

    booking: str
    ticket: str
    preferences: str
    unsubscribe: str
    event: str


@dataclass(frozen=True, slots=True)
class Letter:
    lang: str
    subject: str
    heading: str
    sentences: Sequence[str]
    facts: Sequence[tuple[str, str]]
    action: tuple[str, str]
    """Label and address of the one thing to do."""
    shows_ticket: bool
    footer: Sequence[str]
    sender: str
    """The programme's name."""
    links: Links
    optional: bool = False
    """A reminder: the visitor may say no to further ones."""
    small: Sequence[str] = field(default_factory=tuple)


_ADDRESS = re.compile(r"://|@|[\w-]\.\w{2,}")
"""What mail programs turn into a link by themselves."""
LONGEST_NAME = 60


def called(name: str) -> str:
    """How a mail calls its reader: by the name that they booked with, or by none where it is long or leads somewhere.

    Anybody may book with anybody's address, and their words would stand in a mail that comes from the programme."""
    return "" if len(name) > LONGEST_NAME or _ADDRESS.search(name) else name


def compose(kind: Kind, story: Any, name: str, lang: str, links: Links, _: Translate) -> Letter:
    """The letter of `kind` about a booking as `story_of_booking` knows it now."""
    event = text_in(story["titles"], lang)[0]
    programme = text_in(story["programme_names"], lang)[0]
    called_off = story["event_status"] == "cancelled"
    subject, heading, sentences, action = _words(kind, story, event, lang, _)
    shows_ticket = story["status"] in {"confirmed", "attended"} and kind is not Kind.CANCELLED
    greeting = _("Hello {name},", name=called(name)) if called(name) else _("Hello,")
    where = links.event if kind is Kind.CANCELLED and not called_off else links.booking
    return Letter(
        lang=lang,
        subject=subject,
        heading=heading,
        sentences=(greeting, *sentences),
        facts=_facts(story, lang, _),
        action=(action, where),
        shows_ticket=shows_ticket,
        footer=(
            _("You get this because you registered with {programme}.", programme=programme),
            _("Answer this mail to reach {contact}.", contact=story["contact"]) if story["contact"] else "",
        ),
        sender=programme,
        links=links,
        optional=kind is Kind.REMINDER,
    )


def _words(kind: Kind, story: Any, event: str, lang: str, _: Translate) -> tuple[str, str, Sequence[str], str]:
    """Subject, heading, sentences, label of the button."""
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
        case Kind.CANCELLED if story["event_status"] == "cancelled" or story["cause"] == "event":
            return (
                _("Called off: {event}", event=event),
                _("{event} is called off", event=event),
                (_("We are sorry: what you booked will not take place. You need not do anything."),),
                see,
            )
        case Kind.CANCELLED:
            return (
                _("Your booking is cancelled: {event}", event=event),
                _("Your booking is cancelled"),
                (_("Thank you for telling us; somebody else can have the place. You are welcome to book again."),),
                _("See the event"),
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
        case Kind.REMINDER:
            return (
                _("Soon: {event}", event=event),
                _("We look forward to meeting you"),
                (_("It begins {when}. Bring the code below; it is for all of you.", when=when),),
                see,
            )


def _facts(story: Any, lang: str, _: Translate) -> Sequence[tuple[str, str]]:
    facts = [(_("What"), text_in(story["titles"], lang)[0])]
    facts.append((_("When"), formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])))
    venue = story["venue"]
    if venue:
        facts.append((_("Where"), ", ".join(part for part in (venue["name"], venue.get("address")) if part)))
    if story["stand_names"]:
        number = f"{story['stand_number']} · " if story["stand_number"] else ""
        facts.append((_("Stand"), f"{number}{text_in(story['stand_names'], lang)[0]}"))
    people = [_.plural("{count} adult", "{count} adults", story["adults"])]
    if story["children"]:
        people.append(_.plural("{count} child", "{count} children", story["children"]))
    facts.append((_("Who"), ", ".join(people)))
    return facts
