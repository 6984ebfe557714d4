"""Prometheus's rules and Grafana's dashboard ask for figures that exist, with labels that those figures have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client import REGISTRY

from services.cli.deployment import REPLICAS, process_name
from services.cli.reference import _declared
from services.registry import installed
from services.settings import Settings
from tests.house.test_shape import ROOT

WATCH = ROOT / "deploy" / "prometheus"
RULES = yaml.safe_load((WATCH / "rules.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/blest.json").read_text(encoding="utf-8"))
PROMETHEUS = {"up", "process_resident_memory_bytes"}
"""Prometheus's own, and what its client tells of every process."""
TARGET = {"job", "instance", "service"}
"""Labels that prometheus.yml gives to every figure of a process."""


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    """(where it stands, expression)"""
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


def figures() -> dict[str, set[str]]:
    """Series → labels, of all that /metrics may tell and of what the rules record."""
    found: dict[str, set[str]] = {name: set() for name in PROMETHEUS}
    for name, kind, _, by in _declared():
        labels = set(re.findall(r"\w+", by))
        name = name.strip("`")
        if kind == "histogram":
            found |= {f"{name}_bucket": {*labels, "le"}, f"{name}_count": labels, f"{name}_sum": labels}
        else:
            found[name] = labels
    recorded = {rule["record"]: {"service"} for rule in rules() if "record" in rule}
    return found | recorded


def selectors(node: Any) -> Iterator[Any]:
    """The selectors in a parsed expression."""
    if isinstance(node, promql.VectorSelector):
        yield node
    elif isinstance(node, promql.MatrixSelector):
        yield node.vector_selector
    for name in ("expr", "lhs", "rhs", "param"):
        if (below := getattr(node, name, None)) is not None and not isinstance(node, promql.VectorSelector):
            yield from selectors(below)
    for below in getattr(node, "args", None) or []:
        yield from selectors(below)


def grouped(text: str) -> set[str]:
    return {label.strip() for found in re.findall(r"\bby \(([^)]*)\)", text) for label in found.split(",")}


ALL = list(expressions())


@pytest.mark.parametrize(("where", "text"), ALL, ids=[where for where, _ in ALL])
def test_an_expression_asks_for_figures_that_exist_by_labels_that_they_have(where: str, text: str) -> None:
    known = figures()
    found = list(selectors(promql.parse(text)))
    assert found, "it asks for something"
    labels: set[str] = set(TARGET)
    for one in found:
        assert one.name in known, f"{one.name} is no figure"
        labels |= known[one.name]
        asked = {matcher.name for matcher in one.matchers.matchers}
        assert asked <= known[one.name] | TARGET, f"{one.name} has no {asked - known[one.name] - TARGET}"
    assert grouped(text) <= labels


def test_every_figure_of_ours_is_on_the_dashboard() -> None:
    shown = {
        one.name
        for panel in panels()
        for target in panel["targets"]
        for one in selectors(promql.parse(target["expr"].replace("$__rate_interval", "5m")))
    }
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
    assert {name.strip("`") for name, *_ in _declared()} - families == set()


def test_words_that_rules_compare_with_are_words_of_the_code() -> None:
    texts = " ".join(text for _, text in ALL)
    sources = " ".join(
        (ROOT / path).read_text(encoding="utf-8")
        for path in ("campaigns/redirect.py", "notifications/migrations/20260101000500_notifications.sql")
    )
    for label, pattern in re.findall(r'(kept|status)=~?"([a-z|]+)"', texts):
        for word in pattern.split("|"):
            assert re.search(rf"[`'\"]{word}[`'\"]", sources), f"{label}={word}"


def test_every_alert_says_what_it_means_what_to_do_and_how_urgent_it_is() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 10
    for rule in alerts:
        assert rule["labels"]["severity"] in {"page", "look"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "do"}, rule["alert"]
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        groups = grouped(rule["expr"])
        if groups:
            assert named <= groups, rule["alert"]


def test_prometheus_asks_every_process_and_nobody_else() -> None:
    given = yaml.safe_load((WATCH / "prometheus.yml").read_text(encoding="utf-8"))
    [job] = given["scrape_configs"]
    port = Settings.model_fields["port"].default
    asked = {one["labels"]["service"]: one["targets"] for one in job["static_configs"]}
    assert asked == {
        service.name: [f"{process_name(service.name, number + 1)}:{port}" for number in range(REPLICAS)]
        for service in installed()
    }
    assert given["rule_files"] == ["rules.yml"]


def test_the_dashboards_panels_lie_beside_each_other_and_have_names_of_their_own() -> None:
    places = [
        {(x, y) for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])}
        for p in (panel["gridPos"] for panel in DASHBOARD["panels"])
    ]
    assert sum(map(len, places)) == len(set().union(*places))
    assert len({panel["title"] for panel in panels()}) == len(panels())
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_what_is_prometheus_own_is_told_by_its_client() -> None:
    told = {family.name for family in REGISTRY.collect()}
    assert PROMETHEUS - {"up"} <= told
