"""What a mail says, in the visitor's language: a few plain sentences, the facts, and one thing to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from notifications.channels.email import wording
from notifications.domain import TO_ANOTHER, Kind
from registrations.facts import Cause
from services.pages import formats
from services.pages.languages import Translate, text_in


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses derived when the mail is written; only their hashes are stored anywhere."""

    preferences: str
    unsubscribe: str
    programme: str = ""
    booking: str = ""
    ticket: str = ""
    hand_over: str = ""
    event: str = ""


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


def compose(kind: Kind, story: Any, name: str, lang: str, links: Links, _: Translate) -> Letter:
    """The letter of `kind` about a booking as `story_of_booking` knows it now."""
    programme = text_in(story["programme_names"], lang)[0]
    subject, heading, sentences, action = wording.words(kind, story, lang, _)
    shows_ticket = story["status"] in {"confirmed", "attended"} and kind not in {
        Kind.CANCELLED,
        Kind.MESSAGE,
        *TO_ANOTHER,
    }
    # Who gave up a booking is done with it; whom we took it from has a choice there.
    done = kind is Kind.DECLINED or (kind is Kind.CANCELLED and story["cause"] != Cause.EVENT)
    where = links.event if done else links.booking
    if kind in TO_ANOTHER:
        where = links.hand_over or links.event
    return Letter(
        lang=lang,
        subject=subject,
        heading=heading,
        sentences=(greeting(name, _), *(one for one in sentences if one)),
        facts=_facts(story, lang, _),
        action=(action, where),
        shows_ticket=shows_ticket,
        footer=footer(
            _("You get this because your address was given to {programme}.", programme=programme)
            if kind in {Kind.ADDRESS, Kind.HAND_OVER}
            else _("You get this because you registered with {programme}.", programme=programme),
            story,
            _,
        ),
        sender=programme,
        links=links,
        optional=kind is Kind.REMINDER,
    )


def receipt(story: Any, name: str, lang: str, links: Links, _: Translate) -> Letter:
    """For who wants to hear more: we have it, and what happens next."""
    programme = text_in(story["programme_names"], lang)[0]
    return Letter(
        lang=lang,
        subject=_("We have your message: {programme}", programme=programme),
        heading=_("Thank you for writing to us"),
        sentences=(
            greeting(name, _),
            _(
                "You told us that you would like to hear more. Someone of {programme} writes back to you.",
                programme=programme,
            ),
            _("Was it not you? Then you need not do anything, or answer this mail and we delete your address."),
        ),
        facts=(),
        action=(_("See who we are"), links.programme),
        shows_ticket=False,
        footer=footer(_("You get this because your address was given to {programme}.", programme=programme), story, _),
        sender=programme,
        links=links,
    )


def greeting(name: str, _: Translate) -> str:
    return _("Hello {name},", name=wording.called(name)) if wording.called(name) else _("Hello,")


def footer(because: str, story: Any, _: Translate) -> Sequence[str]:
    """Why this mail comes, and whom one reaches by answering it."""
    return because, _("Answer this mail to reach {contact}.", contact=story["contact"]) if story["contact"] else ""


def _facts(story: Any, lang: str, _: Translate) -> Sequence[tuple[str, str]]:
    facts = [(_("What"), text_in(story["titles"], lang)[0])]
    if story["session_titles"]:
        facts.append((_("Session"), text_in(story["session_titles"], lang)[0]))
    facts.append((_("When"), formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])))
    venue = story["venue"]
    where = (venue["name"], venue.get("address"), story["room"]) if venue else (story["room"],)
    if any(where):
        facts.append((_("Where"), ", ".join(part for part in where if part)))
    if story["stand_names"]:
        number = f"{story['stand_number']} · " if story["stand_number"] else ""
        facts.append((_("Stand"), f"{number}{text_in(story['stand_names'], lang)[0]}"))
    people = [_.plural("{count} adult", "{count} adults", story["adults"])]
    if story["children"]:
        people.append(_.plural("{count} child", "{count} children", story["children"]))
    facts.append((_("Who"), ", ".join(people)))
    return facts
