"""Every fact model, walked: no personal data, one owner per subject, a key that exists."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, StringConstraints

from services.facts import Fact, Published
from services.registry import installed

FACTS = [(service.name, fact) for service in installed() for fact in service.facts]
HARMLESS = (int, float, bool, UUID, date, datetime, AwareDatetime, type(None))


def personal_fields(model: type[BaseModel], where: str = "") -> Iterator[str]:
    """The fields that could hold a person's name, address or words: plain text, or a type this walk does not know."""
    for name, info in model.model_fields.items():
        yield from _walk(
            Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation, f"{where}{name}"
        )


def _walk(kind: Any, where: str) -> Iterator[str]:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        base, *marks = inside
        if base is str:
            if not any(
                isinstance(mark, Published)
                or (isinstance(mark, StringConstraints) and mark.pattern)
                or getattr(mark, "pattern", None)
                for mark in marks
            ):
                yield where
            return
        yield from _walk(base, where)
    elif origin in (Union, types.UnionType, tuple, list, dict, set, frozenset):
        for one in inside:
            if one is not Ellipsis:
                yield from _walk(one, where)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from personal_fields(kind, f"{where}.")
    elif isinstance(kind, type) and (issubclass(kind, Enum) or issubclass(kind, HARMLESS)):
        return
    else:
        yield where


def test_the_walk_finds_personal_data_where_there_is_some() -> None:
    class Inner(BaseModel):
        words: str

    class Leaky(Fact):
        subject = "registrations.visitor.leaked"
        key = "visitor_id"
        visitor_id: UUID
        name: str
        phones: list[str]
        notes: dict[str, Inner]

    assert list(personal_fields(Leaky)) == ["name", "phones", "notes", "notes.words"]


@pytest.mark.parametrize(("service", "fact"), FACTS, ids=[fact.__name__ for _, fact in FACTS])
def test_a_fact_carries_no_personal_data(service: str, fact: type[Fact]) -> None:
    assert list(personal_fields(fact)) == []


@pytest.mark.parametrize(("service", "fact"), FACTS, ids=[fact.__name__ for _, fact in FACTS])
def test_a_service_publishes_only_below_its_own_name(service: str, fact: type[Fact]) -> None:
    assert fact.subject.split(".")[0] == service
    assert len(fact.subject.split(".")) == 3
    assert fact.model_fields[fact.key].annotation is UUID


def test_every_subject_has_one_fact() -> None:
    patterns = [fact.pattern() for _, fact in FACTS]
    assert sorted(patterns) == sorted(set(patterns))


def test_every_fact_of_a_service_is_declared() -> None:
    declared = {fact for _, fact in FACTS}
    for service in installed():
        module = __import__(f"{service.name}.facts", fromlist=["facts"])
        here = {
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Fact) and "subject" in vars(value)
        }
        assert {fact for fact in here if fact.__module__ == module.__name__} - declared == set()


def test_every_reaction_listens_to_a_fact_that_somebody_publishes() -> None:
    declared = {fact for _, fact in FACTS}
    for service in installed():
        for reaction in service.reactions:
            assert set(reaction.facts) <= declared, f"{service.name}-{reaction.name}"
