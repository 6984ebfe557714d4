"""Which questions are put to whom, what may be answered, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrations.domain import answers
from registrations.domain.answers import judge, put
from registrations.domain.questions import (
    MOST_QUESTIONS,
    Flaw,
    Kind,
    Option,
    Question,
    Unsound,
    check,
    languages_missing,
    moved,
)
from tests.registrations.asked import BED, EVERY, FARM, PHOTOS, PITCH, SIGHTS, after, question


def placed(*wanted: Question) -> list[Question]:
    return [replace(one, position=number) for number, one in enumerate(wanted, 1)]


ALL = placed(*EVERY)


def kept(questions: list[Question], said: Sequence[tuple[Question, str | list[str]]], **more: Any) -> dict[str, Any]:
    """Label → what is kept; a wrong answer is its sentence."""
    texts = {one.id: [text] if isinstance(text, str) else text for one, text in said}
    judged = judge(questions, texts, "en", **more)
    names = {one.id: one.labels["en"] for one in questions}
    found = {names[one.question_id]: one.value for one in judged.answers}
    return found | {names.get(id, "?"): wrong.sentence for id, wrong in judged.wrong.items()}


def alone(asked: Question, *texts: str) -> Any:
    return kept([asked], [(asked, list(texts))]).get(asked.labels["en"])


# Which are put --------------------------------------------------------------------------------------------------------


def test_a_required_question_that_is_not_put_is_not_required() -> None:
    assert kept(ALL, [(BED, "hotel")]) == {"Where do you sleep?": "hotel"}
    assert kept(ALL, [(BED, "tent")])["How large is the tent?"] == answers.FILL_IN


def test_what_was_typed_into_a_question_that_is_not_put_is_not_kept() -> None:
    assert kept(ALL, [(BED, "hotel"), (PITCH, "12"), (FARM, "Potatoes")]) == {"Where do you sleep?": "hotel"}
    assert kept(ALL, [(BED, "tent"), (PITCH, "12")])["How large is the tent?"] == 12


def test_a_condition_follows_the_chain_to_its_beginning() -> None:
    last = question(Kind.TEXT, "Which?", **after(SIGHTS, "farm"))
    chain = placed(PHOTOS, replace(SIGHTS, **after(PHOTOS, answers.AGREED)), last)
    assert kept(chain, [(PHOTOS, "1"), (SIGHTS, ["farm"]), (last, "Kale")])["Which?"] == "Kale"
    assert kept(chain, [(SIGHTS, ["farm"]), (last, "Kale")]) == {}, "the first was not agreed to"


def test_after_a_wrong_answer_nothing_is_said_of_what_depends_on_it() -> None:
    assert kept(ALL, [(BED, "moon")]) == {"Where do you sleep?": answers.CHOOSE}


def test_a_question_no_longer_asked_is_passed_over_and_one_never_asked_is_wrong_for_a_program() -> None:
    retired = [replace(one, retired=one.id == BED.id) for one in placed(BED, SIGHTS)]
    assert kept(retired, [(BED, "hotel"), (SIGHTS, ["farm"])]) == {"What would you see?": ["farm"]}
    assert kept(retired, [(BED, "hotel")], strict=True) == {"Where do you sleep?": answers.UNASKED}


# What may stand there -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [("12", 12), ("12,5", 12.5), ("1 000", 1000), ("\u22123", -3), ("0012", 12), ("2.50", 2.5), ("", None)],
)
def test_numbers_as_people_write_them(typed: str, value: float | None) -> None:
    assert alone(question(Kind.NUMBER, "How many?"), typed) == value


@pytest.mark.parametrize(
    "typed", ["twelve", "1e9", "nan", "Infinity", "1.2.3", "12345678901234", "1,2,3", "- 1", "١٢٫"]
)
def test_what_is_no_number_is_said(typed: str) -> None:
    assert alone(question(Kind.NUMBER, "How many?"), typed) == answers.NUMBER


def test_bounds_of_numbers_and_days_hold_and_include_their_ends() -> None:
    number = question(Kind.NUMBER, "How many?", least=Decimal(1), most=Decimal("2.5"))
    assert [alone(number, text) for text in ("0", "1", "2.5", "2.6")] == [answers.AT_LEAST, 1, 2.5, answers.AT_MOST]
    day = question(Kind.DATE, "When?", earliest=date(2027, 5, 1), latest=date(2027, 5, 31))
    typed = ("30.4.2027", "1.5.2027", "2027-05-31", "2027-06-01", "2027-02-30", "soon")
    assert [alone(day, text) for text in typed] == [
        answers.NOT_BEFORE,
        "2027-05-01",
        "2027-05-31",
        answers.NOT_AFTER,
        answers.DATE,
        answers.DATE,
    ]


def test_text_is_made_fit_to_store_and_keeps_its_lines_only_where_there_is_room_for_them() -> None:
    assert alone(question(Kind.TEXT, "Which?"), " A\u200b \r\n b\x07 ") == "A b"
    assert alone(question(Kind.TEXT, "Which?", longest=500), "A \r\n b") == "A\nb"
    assert alone(question(Kind.TEXT, "Which?", longest=3), "Four") == answers.TOO_LONG
    assert alone(question(Kind.TEXT, "Which?", required=True), " \u200b ") == answers.FILL_IN


def test_choices_are_those_on_offer_and_come_in_their_order() -> None:
    assert alone(SIGHTS, "farm", "school") == ["school", "farm"]
    assert alone(SIGHTS, "farm", "farm") == ["farm"]
    assert alone(replace(SIGHTS, required=True)) == answers.AT_LEAST_ONE
    assert alone(BED, "hotel", "tent") == answers.CHOOSE
    gone = replace(BED, options=(*BED.options[:2], replace(BED.options[2], gone=True)))
    assert alone(gone, "friends") == answers.CHOOSE


def test_a_consent_is_to_the_words_that_were_shown_and_to_no_others() -> None:
    assert alone(PHOTOS, "1") is True
    assert alone(replace(PHOTOS, wording=2), "1") == answers.REWORDED
    assert alone(replace(PHOTOS, wording=2), "2") is True
    assert [alone(PHOTOS, text) for text in ("on", "true", "01", "0")] == [answers.REWORDED] * 4
    assert alone(PHOTOS) is None
    assert alone(replace(PHOTOS, required=True)) == answers.AGREE


def test_an_answer_keeps_the_wording_and_the_language_that_were_read() -> None:
    found = judge(placed(replace(BED, wording=3)), {BED.id: ["tent"]}, "nn").answers
    assert [(one.wording, one.language) for one in found] == [(3, "nb")], "no nynorsk there: bokmål was shown"


# Any questions, any answers -------------------------------------------------------------------------------------------


@st.composite
def questionnaires(draw: st.DrawFn) -> list[Question]:
    """Sound questions: each may depend on one before it that can be depended on."""
    found: list[Question] = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(list(Kind)))
        keys = ("a", "b", "c") if kind in {Kind.CHOICE, Kind.CHOICES} else ()
        more: dict[str, Any] = {"required": draw(st.booleans()), "position": number + 1}
        others = [one for one in found if one.keys]
        if others and draw(st.booleans()):
            other = draw(st.sampled_from(others))
            more |= after(other, *draw(st.lists(st.sampled_from(other.keys), min_size=1, unique=True)))
        found.append(question(kind, f"Question {number}", *keys, **more))
    return found


@settings(deadline=None, max_examples=60)
@given(questionnaires(), st.data())
def test_whatever_is_answered_only_put_questions_are_kept_or_wrong(
    questions: list[Question], data: st.DataObject
) -> None:
    check(questions)
    texts = st.lists(st.sampled_from(["a", "b", "1", "2027-05-31", "", "x"]), max_size=2)
    said = {one.id: data.draw(texts) for one in questions}
    judged = judge(questions, said, "en")
    values = {one.question_id: one.value for one in judged.answers}
    there = {one.id for one in put(questions, values)}
    assert values.keys() | judged.wrong.keys() <= there
    assert not values.keys() & judged.wrong.keys()
    missing = {one.id for one in questions if one.required and one.id in there} - values.keys()
    assert missing <= judged.wrong.keys()
    # What is kept is itself a right answer: sent again it comes to the same.
    again = {
        id: value if isinstance(value, list) else ["1" if value is True else str(value)] for id, value in values.items()
    }
    assert {one.question_id: one.value for one in judge(questions, again, "en").answers} == values


# Questions that can be asked ------------------------------------------------------------------------------------------


def flaw(*questions: Question) -> Flaw | None:
    try:
        check(questions)
    except Unsound as unsound:
        return unsound.flaw
    return None


def test_a_question_depends_on_an_earlier_one_by_answers_that_can_be_given() -> None:
    assert flaw(*ALL) is None
    assert flaw(*placed(PITCH, BED)) is Flaw.NOT_BEFORE
    assert flaw(*placed(PITCH)) is Flaw.UNKNOWN
    assert flaw(*[replace(one, retired=one.id == BED.id) for one in ALL]) is Flaw.UNKNOWN
    assert flaw(*placed(BED, replace(PITCH, shown_for=("moon",)))) is Flaw.NO_KEYS
    assert flaw(*placed(FARM, replace(PITCH, shown_when=FARM.id))) is Flaw.UNKNOWN
    text = question(Kind.TEXT, "Which?")
    assert flaw(*placed(text, question(Kind.TEXT, "Why?", **after(text, "a")))) is Flaw.NO_KEYS
    gone = replace(BED, options=tuple(replace(one, gone=one.key == "tent") for one in BED.options))
    assert flaw(*placed(gone, PITCH)) is Flaw.NO_KEYS
    many = placed(*(question(Kind.TEXT, str(number)) for number in range(MOST_QUESTIONS + 1)))
    assert (flaw(*many), flaw(*many[1:])) == (Flaw.TOO_MANY, None)


def test_questions_change_places_with_the_neighbour_that_is_asked() -> None:
    first, between, last = placed(BED, SIGHTS, PHOTOS)
    questions = [first, replace(between, retired=True), last]
    assert moved(questions, last.id, up=True) == (last, first)
    assert moved(questions, first.id, up=True) is None
    assert moved(questions, between.id, up=True) is None
    assert moved(questions, uuid4(), up=False) is None


def test_what_a_language_lacks_is_found_in_label_hint_and_options() -> None:
    assert languages_missing(BED, ["nb", "en", "nl"]) == ["nl"]
    hinted = replace(BED, hints={"en": "Think of the wind."})
    assert languages_missing(hinted, ["nb", "en"]) == ["nb"]
    half = replace(BED, options=(*BED.options, Option("boat", {"nb": "Båt"})))
    assert languages_missing(half, ["nb", "en"]) == ["en"]
    assert (
        languages_missing(replace(half, options=(*BED.options, Option("boat", {"nb": "Båt"}, gone=True))), ["en"]) == []
    )
