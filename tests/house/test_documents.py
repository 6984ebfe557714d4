"""What documents and docstrings name is there: tests that hold a promise, files, links to other pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tests.house.test_shape import ROOT, TRACKED

NAMED = re.compile(r"\b(?P<folder>tests/(?:\w+/)*)?(?P<name>test_\w*)(?P<rest>\.py|…|\b)")
LINK = re.compile(r"\[[^\]]*\]\((?!\w+:|#)(?P<target>[^)#\s]+)")
FENCED = re.compile(r"^```.*?^```|^ {4,}.*$", re.MULTILINE | re.DOTALL)


def _read(*suffixes: str) -> list[tuple[str, str]]:
    """What may name a test from outside the suite."""
    return [
        (name, (ROOT / name).read_text(encoding="utf-8"))
        for name in TRACKED
        if name.endswith(suffixes) and not name.startswith("tests/") and (ROOT / name).is_file()
    ]


@cache
def _tests() -> frozenset[str]:
    """The names of all tests."""
    suites = [ROOT / name for name in TRACKED if re.search(r"(^|/)test_\w+\.py$", name) and (ROOT / name).is_file()]
    return frozenset(name for path in suites for name in re.findall(r"def (test_\w+)\(", path.read_text()))


def _is_there(found: re.Match[str]) -> bool:
    """A suite by its file, a test by its name or, before `…` or a last underscore, by how that begins."""
    folder, name, rest = found["folder"] or "", found["name"], found["rest"]
    if rest == ".py":
        return any(one == f"{folder}{name}.py" if folder else one.endswith(f"/{name}.py") for one in TRACKED)
    if rest == "…" or name.endswith("_"):
        return any(one.startswith(name) for one in _tests())
    return name in _tests()


def _missing(text: str) -> list[str]:
    return [found.group() for found in NAMED.finditer(text) if not _is_there(found)]


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    assert _missing("held by tests/house/test_documents.py and `test_a_test_that_…`, `test_shape.py`") == []
    gone = "tests/contracts/test_documents.py, `test_nobody_wrote_this` and `test_of_nothing_…`"
    assert _missing(gone) == ["tests/contracts/test_documents.py", "test_nobody_wrote_this", "test_of_nothing_…"]


def test_every_test_that_is_named_exists() -> None:
    named = _read(".md", ".py", ".sql", ".toml")
    assert sum(len(NAMED.findall(text)) for _, text in named) > 50, "the walk has found what it walks through"
    assert {name: gone for name, text in named if (gone := _missing(text))} == {}


def test_every_link_between_documents_leads_somewhere() -> None:
    gone = [
        f"{name}: {target}"
        for name, text in _read(".md")
        for target in LINK.findall(FENCED.sub("", text))
        if not (ROOT / Path(name).parent / target).exists()
    ]
    assert gone == []


def test_every_decision_is_listed_once() -> None:
    listed = LINK.findall((ROOT / "docs/decisions/README.md").read_text())
    written = {Path(name).name for name in TRACKED if re.match(r"docs/decisions/(?!README)[^/]+\.md$", name)}
    assert sorted(listed) == sorted(written)
