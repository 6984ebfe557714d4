"""`make run` on a machine whose Python will not do: one line that says what to do, and nothing is installed.

Each test runs a copy of the Makefile in an empty folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NEEDED = ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "package-lock.json")
FAKE = """#!/bin/sh
# Answers what make asks as Python {version} would, and makes no environment.
case "$1" in
  -V) echo "Python {version}" ;;
  -c) exec {real} -c 'import sys; sys.version_info = tuple(map(int, "{version}".split("."))); exec(sys.argv[1])' "$2" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make reads of a checkout, and no more."""
    for name in NEEDED:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(checkout: Path, target: str, python: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a terminal, where no other make speaks for it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "BLEST_"))}
    return subprocess.run(
        ["make", target, f"PYTHON={python}"],
        cwd=checkout,
        env={**environment, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What we said, without make's own last word that it stops there."""
    assert done.returncode == 2
    lines = (done.stdout + done.stderr).splitlines()
    assert lines[-1].startswith("make: ***")
    return lines[:-1]


def python(checkout: Path, version: str) -> Path:
    """A program that passes for Python of this version."""
    program = checkout / "python"
    program.write_text(FAKE.format(version=version, real=sys.executable))
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("target", ["run", "test"])
def test_a_python_too_old_is_told_in_one_line(checkout: Path, target: str) -> None:
    old = python(checkout, "3.9.2")
    assert said(make(checkout, target, str(old))) == [
        f"Blest needs Python 3.11 or newer; {old} is Python 3.9.2. Name a newer one: make run PYTHON=python3.12"
    ]
    assert {path.name for path in checkout.iterdir()} == {*NEEDED, "python"}


def test_a_missing_python_is_told_in_one_line(checkout: Path) -> None:
    assert said(make(checkout, "run", "python-that-nobody-has")) == [
        "Blest needs Python 3.11 or newer, and 'python-that-nobody-has' is not there. "
        "Install it, or name one: make run PYTHON=/path/to/python3"
    ]
    assert {path.name for path in checkout.iterdir()} == set(NEEDED)


def test_the_oldest_python_that_will_do_is_taken_and_an_environment_that_cannot_be_made_is_told(checkout: Path) -> None:
    step, told = said(make(checkout, "run", str(python(checkout, "3.11.0"))))
    assert step == "· Python environment"
    assert told.startswith("The Python environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv.")
    assert {path.name for path in checkout.iterdir()} == {*NEEDED, "python"}
