"""Translations: nothing that people read is left in English, and no sentence is translated in two ways."""

from __future__ import annotations

import ast

import pytest

from services.pages.catalogues import Sentence, _in_python, catalogue, missing, places, used
from services.pages.languages import LANGUAGES
from services.pages.packages import packages

MUST = ("nb", "nn", "nl")
"""Languages that every package must have in full: all that we offer but English, in which the code is written."""


def _fits(sentence: Sentence, form: str) -> bool:
    """A form has the places of its sentence; of a counted one it may say "one" in words."""
    allowed = places(sentence.text) | places(sentence.many)
    needed = allowed - {"count"} if sentence.many else allowed
    return needed <= places(form) <= allowed


@pytest.mark.parametrize("lang", MUST)
@pytest.mark.parametrize("package", list(packages()))
def test_every_sentence_is_translated(package: str, lang: str) -> None:
    assert [one.text for one in missing(package, lang)] == []


def test_every_language_that_we_offer_is_asked_for() -> None:
    assert set(MUST) == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("lang", MUST)
def test_translations_name_the_places_that_their_sentences_have(lang: str) -> None:
    wrong = [
        (package, form)
        for package in packages()
        for sentence in used(package)
        for form in sentence.translated(catalogue(package, lang))
        if not _fits(sentence, form)
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", MUST)
def test_one_sentence_has_one_translation(lang: str) -> None:
    found: dict[Sentence, dict[tuple[str, ...], str]] = {}
    for package in packages():
        for sentence in used(package):
            forms = sentence.translated(catalogue(package, lang))
            if forms:
                found.setdefault(sentence, {})[forms] = package
    assert {one.text: forms for one, forms in found.items() if len(forms) > 1} == {}


def test_sentences_are_found_where_code_gives_them_to_a_translation() -> None:
    code = """
call.translate("one" if x else "two", count=3)
raise Conflict("code", msgid("three " "and"))
_.plural("four", "fours", n); translate.context("menu", "five")
Service(name="s", retention=(Retention("name", keep="six"), Retention("n", "seven", "task")))
panels = (Panel("p", "eight", roles), NavigationItem("nine", "path", "icon", roles))
not_these("ten", _(f"{eleven}"), translate(twelve))
"""
    texts = sorted((one.context, one.text, one.many) for one in _in_python(ast.parse(code)))
    plain = ["eight", "nine", "one", "seven", "six", "three and", "two"]
    assert texts == sorted([("", text, "") for text in plain] + [("", "four", "fours"), ("menu", "five", "")])
