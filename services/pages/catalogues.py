"""Keeps the `.po` files in step with the code: `python -m services.pages.catalogues update`, then fill what is empty.

Sentences are found where they are given to a function that translates or marks them, and in declarations of services.
Each package keeps its own but those that the chassis has already, so that "Open" is translated once. Files are sorted
and carry no dates and no line numbers: two people's changes meet only where they change the same sentence.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.plurals import get_plural
from babel.messages.pofile import normalize, read_po

from services.pages.languages import LANGUAGES
from services.pages.packages import HERE, packages

TEMPLATES = {"_": None, "translate": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
"""What sentences are given to in templates, as Babel writes it."""
CALLS = {
    **dict.fromkeys(("_", "translate", "msgid", "Refused"), (0,)),
    **dict.fromkeys(("plural", "ngettext"), (0, 1)),
    **dict.fromkeys(("context", "pgettext"), (1, 0)),
}
"""What sentences are given to in Python, and which argument is what: the sentence, then its plural or its context."""
DECLARATIONS = {
    "NavigationItem": (0, "title"),
    "SiteItem": (0, "title"),
    "Panel": (1, "title"),
    "Retention": (1, "keep"),
    "Check": (1, "says"),
}
"""Declarations that hold a sentence: the place of the argument, and its name."""


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """Something to translate: with a plural form where it is counted, with a context where the English is ambiguous."""

    text: str
    many: str = ""
    context: str = ""

    def translated(self, catalogue: Catalog) -> tuple[str, ...]:
        """Its forms in a catalogue; empty where they are missing, unfinished or marked as fuzzy."""
        found = catalogue.get(self.text, self.context or None)
        if found is None or found.fuzzy:
            return ()
        forms = (found.string,) if isinstance(found.string, str) else tuple(found.string or ())
        fits = len(forms) > 1 if self.many else len(forms) == 1
        return forms if fits and all(forms) else ()


@cache
def used(package: str) -> set[Sentence]:
    """Every sentence that a package's code and templates hold."""
    return set(_used(packages()[package], package))


def _used(folder: Path, package: str) -> Iterator[Sentence]:
    # The chassis's sentences are those of all of `services`, identity aside, which is a package of its own.
    root = HERE.parent if package == "chassis" else folder
    for path in sorted(root.rglob("*")):
        if package == "chassis" and path.is_relative_to(root / "identity"):
            continue
        if path.suffix == ".py":
            yield from _in_python(ast.parse(path.read_bytes()))
        elif "templates" in path.parts and path.is_file():
            yield from _in_template(path)


def _in_template(path: Path) -> Iterator[Sentence]:
    options = {"encoding": "utf-8", "silent": "false"}
    with path.open("rb") as file:
        for _, message, _, context in extract("jinja2.ext:babel_extract", file, keywords=TEMPLATES, options=options):
            one, many = (message, "") if isinstance(message, str) else (message[0], message[1])
            if one:
                yield Sentence(one, many, context or "")


def _in_python(tree: ast.AST) -> Iterator[Sentence]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in DECLARATIONS:
            place, keyword = DECLARATIONS[name]
            given = [one.value for one in node.keywords if one.arg == keyword] or node.args[place : place + 1]
            yield from (Sentence(text) for one in given for text in _texts(one))
        elif name in CALLS:
            first, *more = (list(_texts(node.args[at])) if at < len(node.args) else [] for at in CALLS[name])
            other = more[0][0] if more and more[0] else ""
            if more and not other:
                continue
            context = name in {"context", "pgettext"}
            yield from (Sentence(text, "" if context else other, other if context else "") for text in first)


def _texts(node: ast.expr) -> Iterator[str]:
    """The text that an argument is, or the two that it chooses between."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


@cache
def catalogue(package: str, lang: str) -> Catalog:
    """A package's `.po` file, read once; empty where there is none."""
    path = _path(package, lang)
    if not path.is_file():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def _path(package: str, lang: str) -> Path:
    return packages()[package] / "locales" / lang / "LC_MESSAGES" / "messages.po"


def missing(package: str, lang: str) -> list[Sentence]:
    """What a package says and no catalogue of the language has."""
    known = [catalogue(one, lang) for one in packages()]
    return sorted(one for one in used(package) if not any(one.translated(found) for found in known))


def update(package: str, lang: str) -> int:
    """Write a package's `.po` file anew, with what any package has translated; returns how many lack theirs."""
    own = [catalogue(package, lang), *(catalogue(one, lang) for one in packages() if one != package)]
    sentences = used(package) - (used("chassis") if package != "chassis" else set())
    lines = [_head(lang)]
    lacking = 0
    for sentence in sorted(sentences):
        forms = next(filter(None, (sentence.translated(one) for one in own)), ())
        lacking += not forms
        lines.append(_entry(sentence, forms, lang))
    path = _path(package, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    catalogue.cache_clear()
    return lacking


def _head(lang: str) -> str:
    said = (
        f"Language: {lang}",
        "Content-Type: text/plain; charset=utf-8",
        f"Plural-Forms: {get_plural(lang).plural_forms}",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in said)


def _entry(sentence: Sentence, forms: tuple[str, ...], lang: str) -> str:
    lines = [f"msgctxt {_quoted(sentence.context)}"] if sentence.context else []
    lines.append(f"msgid {_quoted(sentence.text)}")
    if sentence.many:
        shown = forms or ("",) * get_plural(lang).num_plurals
        lines.append(f"msgid_plural {_quoted(sentence.many)}")
        lines += [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(shown)]
    else:
        lines.append(f"msgstr {_quoted(forms[0] if forms else '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return normalize(text, width=100)


def places(text: str) -> set[str]:
    """The named places of a sentence: `{day}` in "Booked until {day}"."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@click.group()
def main() -> None:
    """Keep the translations in step with the code."""


@main.command("update")
@click.argument("langs", nargs=-1)
def update_command(langs: tuple[str, ...]) -> None:
    """Write the .po files of LANGS (of each language begun, where none is named) anew, keeping what is translated."""
    begun = [lang for lang in LANGUAGES if any(_path(package, lang).is_file() for package in packages())]
    for lang in langs or begun:
        if lang not in LANGUAGES or lang == "en":
            raise click.BadParameter(f"{lang} is none of nb, nn, nl")
        for package in packages():
            lacking = update(package, lang)
            click.echo(f"{lang} {package}: {'complete' if not lacking else f'{lacking} to translate'}")


if __name__ == "__main__":
    main()
