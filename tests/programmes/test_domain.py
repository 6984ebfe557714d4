"""The rules of a programme, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from programmes import inputs
from programmes.domain import (
    Direction,
    Kind,
    Member,
    Municipality,
    Programme,
    Task,
    Term,
    WorkingGroup,
    lacks,
    moved,
    plain_parts,
    same_name,
    searched,
    told,
)
from programmes.facts import ProgrammeStatus
from programmes.vocabulary import VOCABULARY
from services.words import grams

MOMENT = datetime(2026, 4, 13, 7, tzinfo=UTC)


def uid(number: int) -> UUID:
    return UUID(int=number)


def municipality(number: int, name: str = "Ytterhav", *, sami_area: bool = False) -> Municipality:
    return Municipality(uid(number), name.lower(), name, "Troms", 1000, date(2026, 1, 1), sami_area)


def programme(**values: Any) -> Programme:
    whole: dict[str, Any] = {
        "id": uid(1),
        "slug": "havlandet",
        "status": ProgrammeStatus.DRAFT,
        "names": {"nb": "Havlandet"},
        "fields": {},
        "summaries": {"nb": "Hvem vi er"},
        "aims": {"nb": "Hva vi vil"},
        "reasons": {},
        "organisation": {},
        "notes": {},
        "goal_inhabitants": None,
        "goal_year": None,
        "language": "nb",
        "languages": ("nb", "en"),
        "required_languages": ("nb",),
        "time_zone": "Europe/Oslo",
        "contact": "post@havlandet.example",
        "version": 3,
        "changed_at": MOMENT,
        "municipalities": (municipality(2),),
        "terms": (Term(uid(3), Kind.TARGET_GROUP, {"nb": "Barnefamilier"}, "families"),),
    }
    return Programme(**{**whole, **values})


def test_a_programme_with_all_its_parts_lacks_nothing() -> None:
    assert lacks(programme()) == ()


@pytest.mark.parametrize(
    ("without", "sections"),
    [
        ({"municipalities": ()}, ["municipalities"]),
        ({"terms": ()}, ["target_group"]),
        ({"contact": ""}, ["settings"]),
        ({"aims": {"en": "What we want"}}, ["about"]),
        ({"aims": {"nb": "  "}}, ["about"]),
        ({"required_languages": ("nb", "en")}, ["about", "about", "about"]),
    ],
)
def test_what_is_lacking_is_said_with_the_section_to_mend_it_in(without: dict[str, Any], sections: list[str]) -> None:
    assert [lack.section for lack in lacks(programme(**without))] == sections


def test_it_hints_at_sami_where_a_municipality_lies_in_the_area() -> None:
    inside = (municipality(2, sami_area=True),)
    assert not programme().lacks_sami
    assert programme(municipalities=inside).lacks_sami
    assert not programme(municipalities=inside, required_languages=("nb", "se")).lacks_sami


def test_a_working_group_has_people_from_every_municipality() -> None:
    whole = programme(municipalities=(municipality(2), municipality(3, "Storskjær"), municipality(4, "Lysfjorden")))
    seated = (Member(uid(9), "Liv Sjøstjerne", "Rådgiver", uid(3), None),)
    group = WorkingGroup(uid(8), None, {"nb": "Landbruk"}, None, None, None, uid(2), 1, seated)
    assert [one.name for one in group.unrepresented(whole)] == ["Lysfjorden"]


def test_a_task_is_late_the_day_after_it_was_due_unless_it_is_done() -> None:
    due = date(2026, 4, 13)
    task = Task(uid(1), "Brosjyre", due, None, None)
    assert not task.is_late(due)
    assert task.is_late(date(2026, 4, 14))
    assert not Task(uid(1), "Brosjyre", due, None, MOMENT).is_late(date(2026, 4, 14))
    assert not Task(uid(1), "Brosjyre", None, None, None).is_late(date(2026, 4, 14))


@given(st.lists(st.uuids(), min_size=1, max_size=8, unique=True), st.data(), st.sampled_from(Direction))
def test_moving_keeps_everything_and_changes_one_neighbour(
    order: list[UUID], data: st.DataObject, way: Direction
) -> None:
    which = data.draw(st.sampled_from(order))
    after = moved(order, which, way)
    assert sorted(after) == sorted(order)
    assert len([one for one, two in zip(order, after, strict=True) if one != two]) in {0, 2}
    back = moved(after, which, Direction.DOWN if way is Direction.UP else Direction.UP)
    assert back == order or after == order


def test_names_are_the_same_whatever_their_case() -> None:
    others = [{"nb": "Barnefamilier", "en": "Families"}]
    assert same_name({"nb": "barnefamilier "}, others) == "nb"
    assert same_name({"nb": "Families"}, others) is None


def test_a_target_group_is_composed_of_plain_groups_alone() -> None:
    groups = [Term(uid(n), Kind.TARGET_GROUP, {}) for n in (1, 2)]
    groups.append(Term(uid(3), Kind.TARGET_GROUP, {}, parts=(uid(1), uid(2))))
    assert plain_parts([uid(1), uid(2)], groups, None)
    assert not plain_parts([uid(1), uid(1)], groups, None)
    assert not plain_parts([uid(1), uid(3)], groups, None)
    assert not plain_parts([uid(1), uid(2)], groups, uid(1))
    assert not plain_parts([uid(1), uid(99)], groups, None)


def test_the_fact_holds_the_public_state_and_nobodys_name() -> None:
    partner = Term(uid(5), Kind.PARTNER, {"en": "Sámediggi", "nb": "Sametinget"})
    fact = told(programme(terms=(*programme().terms, partner)), MOMENT)
    assert (fact.programme_id, fact.version, fact.at) == (uid(1), 3, MOMENT)
    assert fact.partners[0].name == "Sametinget"
    assert fact.target_groups[0].code == "families"
    assert fact.address == f"programmes.programme.changed.v1.{uid(1)}"


def test_a_programme_is_searched_by_its_names_and_not_by_its_long_texts() -> None:
    found = set(searched(programme(reasons={"nb": "Hvalross"})))
    assert set(grams("Havlandet", "Ytterhav", "Troms", "Barnefamilier")) <= found
    assert not set(grams("Hvalross")) <= found


def test_every_standard_term_has_a_name_in_each_language() -> None:
    for kind, terms in VOCABULARY.items():
        for term in terms.values():
            assert set(term.names) == {"nb", "nn", "en", "nl"}, (kind, term.code)
    assert [len(VOCABULARY[kind]) for kind in (Kind.TARGET_GROUP, Kind.ACTIVITY_TYPE, Kind.SELLING_POINT)] == [
        10,
        10,
        5,
    ]


# Inputs ---------------------------------------------------------------------------------------------------------------

GOOD = {
    "slug": "havlandet",
    "names": {"nb": "Havlandet"},
    "language": "nb",
    "languages": ["nb", "en"],
    "required_languages": ["nb"],
    "contact": "post@havlandet.example",
}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("slug", "Havlandet"),
        ("slug", "hav landet"),
        ("slug", "-hav"),
        ("slug", "ab"),
        ("slug", "a" * 65),
        ("names.nb", {"nb": "x" * 161}),
        ("names.nb", {"nb": "Hav\x00landet"}),
        ("names.de", {"de": "Meerland"}),
        ("language", "de"),
        ("languages", []),
        ("time_zone", "Europe/Havlandet"),
        ("contact", "kontoret"),
    ],
)
def test_a_wrong_input_is_refused_by_its_field(field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        inputs.NewProgramme.model_validate({**GOOD, field.split(".")[0]: wrong})
    assert {
        ".".join(str(part) for part in one["loc"][:2]).removesuffix(".[key]") for one in refused.value.errors()
    } == {field}


def test_languages_must_fit_each_other() -> None:
    with pytest.raises(ValidationError, match="among the languages you offer"):
        inputs.NewProgramme.model_validate({**GOOD, "language": "nl"})
    with pytest.raises(ValidationError, match="where you offer it"):
        inputs.NewProgramme.model_validate({**GOOD, "required_languages": ["se"]})


def test_a_text_left_empty_is_not_there() -> None:
    wanted = inputs.About.model_validate({"version": 1, "names": {"nb": " Hav  landet ", "en": "  ", "nl": None}})
    assert wanted.names == {"nb": "Hav landet"}
