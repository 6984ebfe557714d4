"""What programmes tells the others: who recruits, for whom, with what, in which languages and places."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from services.facts import Code, Fact, Language, PublicText, Slug, Texts, TimeZone


class ProgrammeStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"  # draft -> published: in the public catalogue
    CLOSED = "closed"  # published -> closed: kept to be read, nothing new happens


class Term(BaseModel):
    """A target group, selling point, activity type or work area."""

    id: UUID
    names: Texts
    code: Code | None = None
    """Its code in the vocabulary of the catalogue, where it is a standard term of it: `families`."""
    parts: tuple[UUID, ...] = ()
    """Of a composed target group: a visitor is in it who is in every one of these."""


class Municipality(BaseModel):
    id: UUID
    slug: Slug
    name: PublicText
    county: PublicText = ""


class Organisation(BaseModel):
    """A partner: an organisation, never a person."""

    id: UUID
    name: PublicText
    """In the language its organisers write in first."""
    names: Texts = {}


class ProgrammeChanged(Fact):
    """A programme was made or changed: its whole public state."""

    subject = "programmes.programme.changed"
    key = "programme_id"

    slug: Slug
    names: Texts
    aims: Texts
    status: ProgrammeStatus
    language: Language
    """The language its organisers write in first."""
    languages: tuple[Language, ...]
    """Those it offers to visitors; an event cannot be published without each of `required_languages`."""
    required_languages: tuple[Language, ...]
    time_zone: TimeZone
    contact: PublicText = ""
    """The published address of the programme's office; mails answer to it."""
    municipalities: tuple[Municipality, ...] = ()
    partners: tuple[Organisation, ...] = ()
    target_groups: tuple[Term, ...] = ()
    selling_points: tuple[Term, ...] = ()
    work_areas: tuple[Term, ...] = ()
    activity_types: tuple[Term, ...] = ()
