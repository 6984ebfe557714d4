"""What a programme is, and its rules: what it lacks before it may be published, what may be removed, who may lead.

Pure: no await, no I/O. Everything here is a programme's state after it was read, and questions to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from programmes import facts
from programmes.facts import ProgrammeChanged, ProgrammeStatus
from services.pages.languages import ENDONYMS, msgid
from services.words import grams, sort_key

Texts = Mapping[str, str]


class Kind(StrEnum):
    """What a programme lists under its own names."""

    WORK_AREA = "work_area"
    TARGET_GROUP = "target_group"
    ACTIVITY_TYPE = "activity_type"
    SELLING_POINT = "selling_point"
    PARTNER = "partner"


class LeaderTitle(StrEnum):
    """Who may lead a working group: the office, in one of the programme's municipalities."""

    MAYOR = "mayor"
    CHIEF_EXECUTIVE = "chief_executive"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Municipality:
    id: UUID
    slug: str
    name: str
    county: str
    inhabitants: int
    counted_on: date
    """The day for which the number of inhabitants holds."""
    sami_area: bool
    """In the administrative area for Sámi languages (sameloven, chapter 3): texts to the public exist in Sámi too."""


@dataclass(frozen=True, slots=True)
class Term:
    id: UUID
    kind: Kind
    names: Texts
    code: str | None = None
    parts: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme's public state, whole."""

    id: UUID
    slug: str
    status: ProgrammeStatus
    names: Texts
    fields: Texts
    summaries: Texts
    aims: Texts
    reasons: Texts
    organisation: Texts
    notes: Texts
    goal_inhabitants: int | None
    goal_year: int | None
    language: str
    languages: tuple[str, ...]
    required_languages: tuple[str, ...]
    time_zone: str
    contact: str
    version: int
    changed_at: datetime
    municipalities: tuple[Municipality, ...] = ()
    terms: tuple[Term, ...] = ()

    def listed(self, kind: Kind) -> tuple[Term, ...]:
        """Its terms of one kind, in its own order."""
        return tuple(term for term in self.terms if term.kind is kind)

    def term(self, term_id: UUID | None) -> Term | None:
        return next((term for term in self.terms if term.id == term_id), None)

    def municipality(self, municipality_id: UUID | None) -> Municipality | None:
        return next((one for one in self.municipalities if one.id == municipality_id), None)

    @property
    def inhabitants(self) -> int:
        return sum(one.inhabitants for one in self.municipalities)

    @property
    def counties(self) -> tuple[str, ...]:
        return tuple(sorted({one.county for one in self.municipalities if one.county}, key=sort_key))

    @property
    def lacks_sami(self) -> bool:
        """Whether it reaches into the Sámi administrative area without requiring texts in Northern Sámi."""
        return "se" not in self.required_languages and any(one.sami_area for one in self.municipalities)

    @property
    def own_name(self) -> str:
        return self.names.get(self.language, "")


@dataclass(frozen=True, slots=True)
class Member:
    """Someone in office who sits in a working group: for a municipality, a partner, or another body by its name."""

    id: UUID
    name: str
    title: str
    municipality_id: UUID | None
    partner_id: UUID | None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    id: UUID
    title: str
    due_on: date | None
    owner_id: UUID | None
    done_at: datetime | None

    def is_late(self, today: date) -> bool:
        return self.done_at is None and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """A working group, or a process group under one (`parent_id`)."""

    id: UUID
    parent_id: UUID | None
    names: Texts
    activity_id: UUID | None
    leader_name: str | None
    leader_title: LeaderTitle | None
    leader_municipality_id: UUID | None
    version: int
    members: tuple[Member, ...] = ()
    tasks: tuple[Task, ...] = ()
    processes: tuple[WorkingGroup, ...] = ()

    @property
    def open_tasks(self) -> int:
        return sum(task.done_at is None for task in self.tasks)

    def unrepresented(self, programme: Programme) -> tuple[Municipality, ...]:
        """The municipalities that neither lead nor sit in the group; a working group has people from all of them."""
        there = {self.leader_municipality_id, *(member.municipality_id for member in self.members)}
        return tuple(one for one in programme.municipalities if one.id not in there)


# Before it is published -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lack:
    """To be done before a programme may be published: an English sentence, its values, the section to do it in."""

    section: str
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


_NEEDED_TEXTS = (
    ("names", msgid("Write the programme's name in {language}.")),
    ("summaries", msgid("Write who you are in {language}.")),
    ("aims", msgid("Write your aims in {language}.")),
)


def lacks(programme: Programme) -> tuple[Lack, ...]:
    """What stands between a programme and the public catalogue; empty when it may be published."""
    found: list[Lack] = []
    for name, sentence in _NEEDED_TEXTS:
        texts: Texts = getattr(programme, name)
        found += [
            Lack("about", sentence, {"language": ENDONYMS.get(one, one)})
            for one in programme.required_languages
            if not texts.get(one, "").strip()
        ]
    if not programme.municipalities:
        found.append(Lack("municipalities", msgid("Add at least one municipality.")))
    if not programme.listed(Kind.TARGET_GROUP):
        found.append(Lack("target_group", msgid("Say whom you want to reach: add a target group.")))
    if not programme.contact:
        found.append(Lack("settings", msgid("Give the e-mail address of your office.")))
    return tuple(found)


# Lists ----------------------------------------------------------------------------------------------------------------


def moved(order: Sequence[UUID], which: UUID, direction: Direction) -> list[UUID]:
    """The order with one element a place further up or down; at the end of the list nothing changes."""
    places = list(order)
    here = places.index(which)
    there = here + (-1 if direction is Direction.UP else 1)
    if 0 <= there < len(places):
        places[here], places[there] = places[there], places[here]
    return places


def same_name(names: Texts, others: Iterable[Texts]) -> str | None:
    """The language in which a name is already taken (case and accents aside), or None."""
    taken = {(lang, sort_key(name)) for other in others for lang, name in other.items()}
    return next((lang for lang, name in names.items() if (lang, sort_key(name)) in taken), None)


def plain_parts(parts: Sequence[UUID], groups: Iterable[Term], whole: UUID | None) -> bool:
    """Whether a target group may be composed of these: others of the programme, themselves not composed, none twice."""
    plain = {term.id for term in groups if not term.parts and term.id != whole}
    return len(set(parts)) == len(parts) and set(parts) <= plain


# What others are told, and what the catalogue shows -------------------------------------------------------------------


def told(programme: Programme, at: datetime) -> ProgrammeChanged:
    """The fact that carries the programme's public state."""

    def terms(kind: Kind) -> tuple[facts.Term, ...]:
        return tuple(
            facts.Term(id=term.id, names=dict(term.names), code=term.code, parts=term.parts)
            for term in programme.listed(kind)
        )

    return ProgrammeChanged(
        programme_id=programme.id,
        version=programme.version,
        at=at,
        slug=programme.slug,
        names=dict(programme.names),
        aims=dict(programme.aims),
        status=programme.status,
        language=programme.language,
        languages=programme.languages,
        required_languages=programme.required_languages,
        time_zone=programme.time_zone,
        contact=programme.contact,
        municipalities=tuple(
            facts.Municipality(id=one.id, slug=one.slug, name=one.name, county=one.county)
            for one in programme.municipalities
        ),
        partners=tuple(
            facts.Organisation(id=term.id, name=text(term.names, programme.language), names=dict(term.names))
            for term in programme.listed(Kind.PARTNER)
        ),
        target_groups=terms(Kind.TARGET_GROUP),
        selling_points=terms(Kind.SELLING_POINT),
        work_areas=terms(Kind.WORK_AREA),
        activity_types=terms(Kind.ACTIVITY_TYPE),
    )


def text(texts: Texts, language: str) -> str:
    """The text in a language, else in any."""
    return texts.get(language) or next(iter(texts.values()), "")


def searched(programme: Programme) -> list[str]:
    """The trigrams under which the catalogue finds a programme: its name, its places, whom it wants and what it offers.

    Not the long texts: among hundreds of words every search would find something.
    """
    names = [name for texts in (programme.names, *(term.names for term in programme.terms)) for name in texts.values()]
    return grams(*names, programme.slug, *(one.name for one in programme.municipalities), *programme.counties)
