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
        footer=footer(_("You get this because you work for {programme}.", programme=programme), story, _),
        sender=programme,
        links=links,
    )


def _words(news: str, story: Any, event: str, lang: str, _: Translate) -> tuple[str, str, tuple[str, ...]]:
    match news:
        case "given":
            return (
                _("You have a shift: {event}", event=event),
                _("You have a shift"),
                (_("You stand at the stand below. The entry for your calendar is in this mail."),),
            )
        case "moved":
            starts_at, ends_at = story["before"]
            before = formats.span(starts_at, ends_at, lang, story["time_zone"])
            return (
                _("Your shift has moved: {event}", event=event),
                _("Your shift has moved"),
                (_("It was {before}. Your calendar entry follows.", before=before),),
            )
        case _:
            cancelled = story["event_status"] == EventStatus.CANCELLED
            return (
                _("You are off this shift: {event}", event=event),
                _("You are off this shift"),
                (
                    _("The event is cancelled.") if cancelled else "",
                    _("You need not come. This mail takes the entry out of your calendar."),
                ),
            )


def _facts(story: Any, event: str, lang: str, _: Translate) -> list[tuple[str, str]]:
    number = f"{story['stand_number']} · " if story["stand_number"] else ""
    facts = [
        (_("What"), event),
        (_("When"), formats.span(story["starts_at"], story["ends_at"], lang, story["time_zone"])),
        (_("Stand"), f"{number}{text_in(story['stand_names'], lang)[0]}"),
    ]
    venue = story["venue"] or {}
    where = ", ".join(part for part in (venue.get("name"), venue.get("address")) if part)
    return [*facts, *([(_("Where"), where)] if where else [])]
