"""The publish gate: what an event still lacks before strangers may read it, as a checklist the organiser works down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.domain.state import Event, Programme, Slot, Stand
from services.pages.languages import msgid


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist. `field` is the input that mends it, `languages` those in which a text is missing.

    What is not `required` is shown as advice and holds nothing back.
    """

    code: str
    sentence: str
    done: bool
    field: str
    required: bool = True
    languages: tuple[str, ...] = ()


def absent(texts: Mapping[str, str], languages: Sequence[str]) -> tuple[str, ...]:
    """The languages, in their order, in which there is no text."""
    return tuple(one for one in languages if not texts.get(one, "").strip())


def checklist(
    event: Event, stands: Sequence[Stand], slots: Sequence[Slot], programme: Programme, moment: datetime
) -> list[Item]:
    """Everything an event needs, done or not: required languages, place, time, something to book; then advice."""
    required = programme.required_languages or (programme.language,)
    others = tuple(one for one in programme.languages if one not in required)
    present = [stand for stand in stands if not stand.removed]
    bookable = [slot for slot in slots if slot.is_open and slot.ends_at > moment]
    titles, summaries = absent(event.titles, required), absent(event.summaries, required)
    stand_names = tuple(one for one in required if any(not stand.names.get(one, "").strip() for stand in present))
    sessions = [slot for slot in slots if slot.is_open and slot.is_session]
    session_titles = tuple(one for one in required if any(not slot.titles.get(one, "").strip() for slot in sessions))
    empty = [stand for stand in present if not any(slot.stand_id == stand.stand_id for slot in bookable)]
    further = tuple(
        one for one in others if not event.titles.get(one, "").strip() or not event.summaries.get(one, "").strip()
    )
    closes = event.registration_closes_at
    items = [
        Item(
            "title",
            msgid("A title in every required language"),
            not titles,
            f"titles.{_first(titles, required)}",
            languages=titles,
        ),
        Item(
            "summary",
            msgid("A summary in every required language"),
            not summaries,
            f"summaries.{_first(summaries, required)}",
            languages=summaries,
        ),
        Item("place", msgid("A place to come to"), bool(event.venue_name.strip()), "venue_name"),
        Item("time", msgid("A time that lies ahead"), event.ends_at > moment, "starts_at"),
        Item(
            "bookable",
            msgid("Something to book: a stand with open slots, a session, or places at the event itself"),
            bool(bookable) or event.first_amount is not None,
            "capacity",
        ),
        Item(
            "stand_names",
            msgid("A name for every stand in every required language"),
            not stand_names,
            "stands",
            languages=stand_names,
        ),
        Item(
            "session_titles",
            msgid("A title for every session in every required language"),
            not session_titles,
            "sessions",
            languages=session_titles,
        ),
        Item(
            "registration",
            msgid("Registration that is not already closed"),
            closes is None or closes > moment,
            "registration_closes_at",
        ),
        Item(
            "languages",
            msgid("Texts in the other languages you offer"),
            not further,
            f"titles.{_first(further, required)}",
            False,
            further,
        ),
        Item(
            "description",
            msgid("A longer description"),
            any(text.strip() for text in event.descriptions.values()),
            f"descriptions.{required[0]}",
            False,
        ),
        Item("target_groups", msgid("Whom it is for"), bool(event.target_groups), "target_groups", False),
        Item("empty_stands", msgid("Open slots at every stand"), not empty, "stands", False),
    ]
    beside_the_point = ({"stand_names", "empty_stands"} if not present else set()) | (
        {"session_titles"} if not sessions else set()
    )
    return [item for item in items if item.code not in beside_the_point]


def missing(items: Sequence[Item]) -> list[Item]:
    """What holds publication back."""
    return [item for item in items if item.required and not item.done]


def _first(languages: Sequence[str], otherwise: Sequence[str]) -> str:
    return next(iter(languages), otherwise[0])
