"""Where pages find templates, static files and translations: ours, identity's, each installed service's."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "blest.services"
HERE = Path(__file__).parent
TREE = HERE.parent.parent


@cache
def packages() -> dict[str, Path]:
    """Prefix → folder: `chassis` is services/pages, `identity` is services/identity, then every service by its name."""
    found = {"chassis": HERE, "identity": HERE.parent / "identity"}
    for name, package in sorted(_declared().items()):
        spec = find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            found[name] = Path(next(iter(spec.submodule_search_locations)))
    return found


def _declared() -> dict[str, str]:
    """Service → package, from the installed entry points; else from the tree's pyproject.toml."""
    installed = {point.name: point.module.partition(".")[0] for point in entry_points(group=GROUP)}
    project = TREE / "pyproject.toml"
    if installed or not project.is_file():
        return installed
    written = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    return {name: str(target).partition(".")[0] for name, target in written.items()}
