"""Languages: sentences, plurals, fallbacks and formats."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from markupsafe import Markup
from pydantic_core.core_schema import ErrorType

from services.pages import formats
from services.pages.explaining import SENTENCES
from services.pages.languages import Catalogues, Translate, explain, text_in, translator


def test_a_sentence_that_nobody_translated_stands_in_english_with_its_values() -> None:
    assert translator("nb")("Nobody says {this} here", this="that") == "Nobody says that here"
    assert translator("xx")("Plain") == "Plain"


def test_a_value_that_is_markup_stays_so_and_the_others_are_escaped() -> None:
    shown = translator("en")("{link} & {name}", link=Markup("<a>x</a>"), name="<b>")
    assert shown == Markup("<a>x</a> & &lt;b&gt;")
    assert isinstance(shown, Markup)


def test_plurals_count_and_write_the_number_as_the_language_does() -> None:
    translate = translator("nb")
    assert translate.plural("{count} bee", "{count} bees", 1) == "1 bee"
    assert translate.plural("{count} bee", "{count} bees", 12000) == "12\u00a0000 bees"


def test_a_translation_of_another_language_is_borrowed_where_the_own_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cows = {("", "{count} cow"): ("{count} ku", "{count} kyr")}
    known = {
        "nn": Catalogues("nn", {("", "Yes"): "Ja", ("", "Home"): "Heim"}),
        "nb": Catalogues("nb", {("", "Home"): "Hjem", ("", "Here"): "Her"}, cows),
    }
    monkeypatch.setattr("services.pages.languages.catalogues", lambda lang: known.get(lang, Catalogues(lang)))
    nynorsk = Translate("nn")
    assert [nynorsk("Home"), nynorsk("Here"), nynorsk("There")] == ["Heim", "Her", "There"]
    assert nynorsk.plural("{count} cow", "{count} cows", 2) == "2 kyr"
    assert Translate("nl")("Here") == "Here"
    assert Translate("se")("Home") == "Hjem"


def test_an_organisers_text_is_shown_in_the_nearest_language_it_has() -> None:
    texts = {"nb": "Hjem", "en": "Home", "nl": " "}
    assert text_in(texts, "nn") == ("Hjem", "nb")
    assert text_in(texts, "nl") == ("Home", "en")
    assert text_in({"se": "Ruoktu"}, "en") == ("Ruoktu", "se")
    assert text_in({}, "en") == ("", "en")
    assert text_in(None, "nb") == ("", "nb")


def test_every_error_that_an_input_can_cause_has_a_sentence_of_its_own() -> None:
    ours = {"value_error", "assertion_error"}
    of_programs = {
        "no_such_attribute", "needs_python_object", "recursion_loop", "recursion_depth_exceeded", "frozen_field",
        "frozen_instance", "invalid_key", "get_attribute_error", "dataclass_type", "dataclass_exact_type",
        "named_tuple_type", "default_factory_not_called", "iteration_error", "is_instance_of", "is_subclass_of",
        "callable_type", "arguments_type", "missing_argument", "unexpected_keyword_argument",
        "missing_keyword_only_argument", "unexpected_positional_argument", "missing_positional_only_argument",
        "multiple_argument_values", "missing_sentinel_error", "ellipsis_error", "set_item_not_hashable", "counter_type",
        "deque_type", "mapping_type", "ordered_dict_type", "frozen_dict_type", "bytes_type", "bytes_too_short",
        "bytes_too_long", "bytes_invalid_encoding", "fraction_type", "fraction_parsing", "complex_type",
        "complex_str_parsing",
    }  # fmt: skip
    assert set(get_args(ErrorType)) - set(SENTENCES) - ours - of_programs == set()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ({"type": "missing"}, "Fill this in."),
        ({"type": "string_type", "input": None}, "Fill this in."),
        ({"type": "string_too_short", "ctx": {"min_length": 1}}, "Fill this in."),
        ({"type": "string_too_short", "ctx": {"min_length": 12}}, "Write at least 12 characters."),
        ({"type": "too_short", "ctx": {"min_length": 1}}, "Choose at least one."),
        ({"type": "value_error", "msg": "x", "ctx": {"error": ValueError("Choose again.")}}, "Choose again."),
        ({"type": "quite_new", "msg": "x"}, "This is not written as we need it. Look at the example and try again."),
    ],
)
def test_errors_are_explained_in_words(error: dict[str, Any], sentence: str) -> None:
    assert explain(error, translator("en")) == sentence


NOON = datetime(2026, 12, 12, 11, tzinfo=UTC)


def test_dates_and_times_are_those_of_their_place() -> None:
    assert formats.day(NOON, "nb") == "lørdag 12. desember 2026"
    assert formats.day(NOON, "en") == "Saturday 12 December 2026"
    assert formats.day(date(2026, 5, 1), "nl", form="weekday") == "vr 1 mei"
    assert formats.day(NOON, "nb", form="short") == "12. des."
    assert formats.time(NOON, "nb") == "12:00"
    assert formats.time(NOON, "nb", "Atlantic/Reykjavik") == "11:00"
    assert formats.span(NOON, NOON.replace(hour=15), "nb") == "lørdag 12. desember 2026, 12:00–16:00"
    assert formats.span(NOON, NOON.replace(day=13), "en", form="weekday") == "Sat 12 Dec, 12:00 – Sun 13 Dec, 12:00"
    assert formats.span(NOON, None, "en", form="weekday") == "Sat 12 Dec, 12:00"
    assert formats.ago(NOON, NOON.replace(hour=14), "en") == "3 hours ago"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        formats.day(datetime(2026, 1, 1), "nb")  # noqa: DTZ001


def test_money_and_numbers_are_written_as_the_reader_does() -> None:
    assert formats.money(1_500_000, "NOK", "nb") == "15\u00a0000\u00a0kr"
    assert formats.money(1_250, "EUR", "nl") == "€\u00a012,50"
    assert formats.money(500, "JPY", "en") == "JP¥500"
    assert formats.number(12345.5, "nb") == "12\u00a0345,5"
    assert formats.number(3, "en", 2) == "3.00"
    assert formats.percent(0.125, "nb") == "12,5\u00a0%"
    assert formats.percent(0.5, "en") == "50%"
