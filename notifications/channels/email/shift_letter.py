"""What a mail to a host says of a shift, in the host's language."""

from __future__ import annotations

from typing import Any

from events.facts import EventStatus
from notifications.channels.email.letter import Letter, Links, footer, greeting
from services.pages import formats
from services.pages.languages import Translate, text_in


def compose(news: str, story: Any, name: str, lang: str, links: Links, _: Translate) -> Letter:
    """`news` is given, moved or taken; `story` the shift with its event, stand and programme, and `before` its times
    as last told."""
    event = text_in(story["titles"], lang)[0]
    programme = text_in(story["programme_names"], lang)[0]
    subject, heading, sentences = _words(news, story, event, lang, _)
    return Letter(
        lang=lang,
        subject=subject,
        heading=heading,
        sentences=(greeting(name, _), *(one for one in sentences if one)),
        facts=_facts(story, event, lang, _),
        action=(_("See my shifts"), links.programme),
        shows_ticket=False,
        footer=footer(_("You get this because you are a host for {programme}.", programme=programme), story, _),
        sender=programme,
        links=links,
    )


def in_calendar(story: Any, lang: str, _: Translate) -> str:
    """What the entry is called among all else that a host has to do."""
    return _("Shift: {event}", event=text_in(story["titles"], lang)[0])


def _words(news: str, story: Any, event: str, lang: str, _: Translate) -> tuple[str, str, tuple[str, ...]]:
    """The subject names the day: who has three shifts at one event gets three mails."""
    times = story["starts_at"], story["ends_at"]
    of = {"event": event, "when": formats.span(*times, lang, story["time_zone"], "weekday")}
    answered = bool(story["contact"])
    cannot = _("Can you not come? Tell us soon by answering this mail.") if answered else ""
    match news:
        case "given":
            return (
                _("You have a shift: {event}, {when}", **of),
                _("You have a shift"),
                (
                    _("Thank you for being a host! Here is when and where we expect you."),
                    _("An entry for your calendar is attached."),
                    cannot,
                ),
            )
        case "moved":
            starts_at, ends_at = story["before"]
            return (
                _("Your shift has moved: {event}, {when}", **of),
                _("Your shift has moved"),
                (
                    _(
                        "The new time is {when}. Before, it was {before}.",
                        when=formats.span(*times, lang, story["time_zone"]),
                        before=formats.span(starts_at, ends_at, lang, story["time_zone"]),
                    ),
                    _("Your calendar follows if you opened the invitation there."),
                    cannot,
                ),
            )
    leaves = _("The shift leaves your calendar if you opened the invitation there.")
    if story["event_status"] == EventStatus.CANCELLED:
        return (
            _("Called off: {event}, {when}", **of),
            _("{event} is called off", event=event),
            (_("We are sorry: the event will not take place, so you need not come to the shift below."), leaves),
        )
    return (
        _("You no longer have this shift: {event}, {when}", **of),
        _("You no longer have this shift"),
        (
            _("You need not come to the shift below. If you have other shifts, they stay as they are."),
            leaves,
            _("Do you wonder why? Answer this mail.") if answered else "",
        ),
    )


def _facts(story: Any, event: str, lang: str, _: Translate) -> list[tuple[str, str]]:
    """In the order in which one gets there."""
    facts = [
        (_("What"), event),
        (_("When"), formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])),
    ]
    venue = story["venue"] or {}
    if where := ", ".join(part for part in (venue.get("name"), venue.get("address")) if part):
        facts.append((_("Where"), where))
    number = f"{story['stand_number']} · " if story["stand_number"] else ""
    return [*facts, (_("Stand"), f"{number}{text_in(story['stand_names'], lang)[0]}")]
