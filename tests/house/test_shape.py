"""The house keeps its shape: small files with names that say something, SQL with reasons, time as a parameter."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from services.registry import installed

ROOT = Path(__file__).parents[2]
PACKAGES = ["services", *(service.name for service in installed())]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
SERVICES = [service.name for service in installed()]
LONGEST = 320


def _files(*suffixes: str, inside: tuple[str, ...] = ()) -> list[Path]:
    return [
        ROOT / name
        for name in TRACKED
        if name.endswith(suffixes) and (not inside or name.split("/")[0] in inside) and (ROOT / name).exists()
    ]


def test_no_module_outgrows_one_idea() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _files(".py", ".js")}
    # A suite is a list of sentences: it may be longer than a module that has to be understood.
    limits = {name: 500 if name.startswith("tests/") else LONGEST for name in long}
    assert {name: lines for name, lines in long.items() if lines > limits[name]} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    nothing = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?|base)(\.py|/)")
    assert [name for name in TRACKED if nothing.search(name)] == []


def test_every_module_says_its_idea_first() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _files(".py", inside=tuple(PACKAGES))
        if path.stat().st_size and not path.read_text().lstrip().startswith('"""')
    ]
    assert silent == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_shape(service: str) -> None:
    wanted = {
        "service.py",
        "facts.py",
        "commands",
        "queries",
        "reactions",
        "api",
        "pages",
        "templates",
        "migrations",
        "README.md",
        "locales",
    }
    there = {
        path.name if path.suffix not in {".py"} or path.name in {"service.py", "facts.py"} else path.stem
        for path in (ROOT / service).iterdir()
    }
    assert wanted - there == set()


@pytest.mark.parametrize(
    "path", _files(".sql", inside=tuple(SERVICES)), ids=lambda path: f"{path.parent.parent.name}/{path.name}"
)
def test_sql_takes_the_moment_from_its_caller(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text())
    assert (
        re.findall(
            r"\b(now\(\)|current_timestamp|current_date|clock_timestamp\(\)|localtimestamp)", text, re.IGNORECASE
        )
        == []
    )


@pytest.mark.parametrize(
    "path",
    [p for p in _files(".sql", inside=("services", *SERVICES)) if "queries" in p.parts],
    ids=lambda path: f"{path.parent.parent.name}/{path.name}",
)
def test_every_statement_has_a_name_and_a_reason(path: Path) -> None:
    blocks = re.split(r"^-- name:", path.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    without = [block.split("\n")[0].strip() for block in blocks if not re.match(r"\s*--\s*\S+", block.split("\n")[1])]
    assert without == []


def test_python_reads_the_time_from_its_clock() -> None:
    # Outbox and streams are kept by real time, whatever the clock of the story says.
    allowed = {f"services/{one}.py" for one in ("backlog", "clock", "demo", "relay", "schedule")}
    reads = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    found = [
        str(path.relative_to(ROOT))
        for path in _files(".py", inside=tuple(PACKAGES))
        if reads.search(path.read_text()) and str(path.relative_to(ROOT)) not in allowed and "/cli/" not in str(path)
    ]
    assert found == []


def test_nothing_names_a_machine_or_a_package_index() -> None:
    # What must not stand anywhere: this line is the only place that spells it.
    bad = re.compile(rb'"resolved": *"http|--(extra-)?index-url|--find-links|file:///|/root/|/home/[a-z]+/')
    found = [
        name
        for name in TRACKED
        if name
        and (ROOT / name).is_file()
        and not name.endswith((".png", ".md"))
        and bad.search((ROOT / name).read_bytes())
    ]
    assert [name for name in found if name != "tests/house/test_shape.py"] == []
