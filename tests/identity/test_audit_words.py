"""Every action that the audit knows is said in words that the catalogues have."""

from __future__ import annotations

import ast
from pathlib import Path

from services.identity.audit_words import WORDS, halves
from services.pages.packages import packages
from services.registry import installed

ROOT = Path(__file__).parents[2]


def recorded() -> set[str]:
    """The actions that are given to `record(…)` as they stand in the code."""
    found: set[str] = set()
    for path in (file for package in packages() for file in (ROOT / package.replace(".", "/")).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "record":
                found |= {
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.count(".") == 1
                }
    return {action for action in found if ":" not in action}


def test_every_action_has_its_words() -> None:
    actions = recorded()
    assert "booking.cancelled" in actions, "the walk finds what is there"
    assert {action: half for action in actions for half in halves(action) if half not in WORDS} == {}


def test_everything_that_has_a_page_has_its_word() -> None:
    kinds = {kind for service in installed() for kind in service.subjects}
    assert {"event", "working_group", "visitor"} <= kinds
    assert {kind for kind in kinds if kind.replace("_", " ") not in WORDS} == set()
