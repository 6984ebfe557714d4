"""Languages: English sentences in the code, translations from every package's `.po` files, read once at start.

    _ = translator("nb")
    _("Choose a stand")                                    # Velg en stand
    _("Booked until {day}", day="3 May")                   # values are named
    _.plural("{count} place left", "{count} places left", 3)  # 3 ledige plasser

A sentence that a language lacks is looked for in its fallbacks, then stands in English. All packages share one
catalogue per language, so one sentence has one translation; where the same English word means two things, give it
a context: `_.context("calendar", "Order")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import c2py
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

from services.pages.packages import packages

LANGUAGES = ("nb", "nn", "en", "nl")
"""The languages whose pages we offer, in the order they are offered."""
FALLBACKS: Mapping[str, tuple[str, ...]] = {"nb": (), "nn": ("nb",), "en": (), "nl": (), "se": ("nb",)}
"""Where a missing sentence is looked for before it stands in English. `se` holds texts of organisers, no pages."""
ENDONYMS: Mapping[str, str] = {
    "nb": "Bokmål",
    "nn": "Nynorsk",
    "en": "English",
    "nl": "Nederlands",
    "se": "Davvisámegiella",
}
"""Each language's name in itself: language is not a country, so no flags."""

Key = tuple[str, str]
"""Context (often empty) and English sentence."""


def msgid(text: str) -> str:
    """Marks an English sentence for translation where it is written down, to be translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All translations of one language: singular sentences, and the forms of counted ones."""

    lang: str
    sentences: dict[Key, str] = field(default_factory=dict)
    counted: dict[Key, tuple[str, ...]] = field(default_factory=dict)

    def add(self, catalogue: Catalog) -> None:
        """Take a package's translations in; those not reviewed (fuzzy) and those left empty do not count."""
        for message in catalogue:
            if message.id and not message.fuzzy:
                self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message.id, (list, tuple)):
            forms = tuple(message.string or ()) if not isinstance(message.string, str) else ()
            if forms and all(forms):
                self.counted.setdefault((message.context or "", str(message.id[0])), forms)
        elif message.string:
            self.sentences.setdefault((message.context or "", str(message.id)), str(message.string))


@cache
def catalogues(lang: str) -> Catalogues:
    """Read `locales/<lang>/LC_MESSAGES/messages.po` of every package."""
    found = Catalogues(lang)
    for folder in packages().values():
        path = folder / "locales" / lang / "LC_MESSAGES" / "messages.po"
        if path.is_file():
            with path.open("rb") as file:
                found.add(read_po(file, locale=lang))
    return found


class Translate:
    """Sentences in one language. `lang` is the language asked for, `locale` what numbers and dates are written by."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.locale = locale_of(lang)
        self._order = tuple(catalogues(one) for one in (lang, *FALLBACKS.get(lang, ())) if one != "en")

    def __call__(self, text: str, **values: Any) -> str:
        """The sentence in this language with its named values; Markup (the others escaped) where one is."""
        return _fill(self._find("", text), values)

    def context(self, context: str, text: str, **values: Any) -> str:
        """As a call, for an English word that means different things in different places."""
        return _fill(self._find(context, text), values)

    def plural(self, one: str, many: str, count: int, **values: Any) -> str:
        """The form that the language uses for `count`, which is also the value {count}."""
        named = {"count": _written(count, self.lang), **values}
        for found in self._order:
            forms = found.counted.get(("", one))
            if forms:
                return _fill(forms[min(_form(found.lang)(count), len(forms) - 1)], named)
        return _fill(one if count == 1 else many, named)

    def has(self, text: str) -> bool:
        """Whether this language itself (no fallback) has the sentence."""
        return self.lang == "en" or ("", text) in catalogues(self.lang).sentences

    def _find(self, context: str, text: str) -> str:
        for found in self._order:
            sentence = found.sentences.get((context, text))
            if sentence is not None:
                return sentence
        return text


def _fill(sentence: str, values: Mapping[str, Any]) -> str:
    if not values:
        return sentence
    if any(hasattr(value, "__html__") for value in values.values()):
        return Markup(sentence).format(**values)  # noqa: S704 — the sentence is ours, from the code or its catalogue
    return sentence.format(**values)


@lru_cache(4096)
def _written(count: int, lang: str) -> str:
    """A number as the language writes it. A page of slots has hundreds, and most are small and the same."""
    return str(format_decimal(count, locale=locale_of(lang)))


@cache
def _form(lang: str) -> Callable[[int], int]:
    """Count → number of the plural form."""
    return c2py(get_plural(lang).plural_expr)


@cache
def translator(lang: str) -> Translate:
    """The one `Translate` of a language. An unknown one reads English."""
    return Translate(lang if lang in FALLBACKS else "en")


@cache
def locale_of(lang: str) -> Locale:
    """How a language writes dates and numbers; English as in Britain, whose dates no European misreads."""
    return Locale.parse({"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB", "nl": "nl_NL", "se": "se_NO"}.get(lang, "en_GB"))


def text_in(texts: Mapping[str, str] | None, lang: str) -> tuple[str, str]:
    """An organiser's text, and its language: the reader's, else a fallback of it, else English, else any."""
    given = texts or {}
    for one in (lang, *FALLBACKS.get(lang, ()), "en", "nb", *given):
        if given.get(one, "").strip():
            return given[one], one
    return "", lang


class Refused(ValueError):
    """Raised in a pydantic validator: a sentence for the person, with named values, translated where it is shown."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


def explain(error: Mapping[str, Any], translate: Callable[..., str]) -> str:
    """What is wrong with one input, in words that say what to do. `error` is one of pydantic's `errors()`."""
    from services.pages.explaining import explained

    return explained(error, translate)
