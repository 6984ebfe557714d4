"""docs/reference/ says what the declarations say."""

from __future__ import annotations

import re

from services.cli import reference
from services.registry import installed
from tests.house.test_shape import ROOT

FOLDER = ROOT / "docs" / "reference"


def test_the_reference_is_what_make_docs_would_write_now() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    made = reference.pages()
    assert sorted(written) == sorted(made)
    old = [name for name, text in made.items() if written[name] != text]
    assert old == [], "run `make docs`"


def test_it_names_every_call_fact_and_figure() -> None:
    made = reference.pages()
    calls = [f"`{one.method} /api/" for service in installed() for one in service.routes if one.is_api]
    assert made["api.md"].count(" /api/v1/") >= len(calls) > 30
    assert [
        fact.__name__ for service in installed() for fact in service.facts if fact.subject not in made["facts.md"]
    ] == []
    assert {"`blest_http_request_seconds`", "`blest_outbox_oldest_seconds`", "`blest_dead_letters`"} <= set(
        re.findall(r"`blest_\w+`", made["metrics.md"])
    )
    assert "## blest dead-letters replay" in made["cli.md"]


def test_a_page_is_small_enough_to_read() -> None:
    assert {name for name, text in reference.pages().items() if len(text) > 40_000} == set()
