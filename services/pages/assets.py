"""The third-party files that pages load, by name: an allow-list into node_modules; and our styles bound into one file.

Nothing else of node_modules can be asked for. A name of several files is their concatenation, so that a first visit
costs few requests. `services/http/static.py` serves them below `/static/`, with a hash of the content in the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.pages.packages import TREE, packages

DESIGN = "@digdir/designsystemet-css/dist/src"
ICONS = "@navikt/aksel-icons/dist/svg"
FONT = "@fontsource-variable/source-sans-3/files/source-sans-3"


class FrontEndMissing(Exception):
    """node_modules, or a file in it, is not there. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load: `parts` are paths in node_modules, or in a package's static folder (`chassis:type.css`).

    Of a style sheet, node_modules' parts are in a layer below ours, and `url("asset:name")` is another asset's address.
    """

    name: str
    content_type: str
    parts: tuple[str, ...]

    def content(self) -> bytes:
        """The bytes of its parts, one after another."""
        if self.content_type != "text/css":
            return b"\n".join(_find(part).read_bytes() for part in self.parts)
        return "\n".join(("@layer reset, npm;", *map(_style, self.parts))).encode()


_COMPONENTS = (
    "base",
    "alert",
    "button",
    "card",
    "details",
    "divider",
    "error-summary",
    "field",
    "fieldset",
    "heading",
    "input",
    "label",
    "link",
    "list",
    "paragraph",
    "table",
    "tag",
    "validation-message",
)
_OURS = (
    "colours",
    "night",
    "tones",
    "type",
    "layout",
    "pictures",
    "parts",
    "lists",
    "forms",
    "tables",
    "console",
    "print",
)

ASSETS: dict[str, Asset] = {
    asset.name: asset
    for asset in (
        Asset(
            "blest.css",
            "text/css",
            (*(f"{DESIGN}/{name}.css" for name in _COMPONENTS), *(f"chassis:{name}.css" for name in _OURS)),
        ),
        Asset("htmx.js", "text/javascript", ("htmx.org/dist/htmx.min.js",)),
        Asset("uplot.js", "text/javascript", ("uplot/dist/uPlot.iife.min.js",)),
        Asset("uplot.css", "text/css", ("uplot/dist/uPlot.min.css",)),
        Asset("barcode-detector.js", "text/javascript", ("barcode-detector/dist/iife/ponyfill.js",)),
        Asset("barcode-detector.wasm", "application/wasm", ("zxing-wasm/dist/reader/zxing_reader.wasm",)),
        Asset("source-sans.woff2", "font/woff2", (f"{FONT}-latin-wght-normal.woff2",)),
        Asset("source-sans-ext.woff2", "font/woff2", (f"{FONT}-latin-ext-wght-normal.woff2",)),
    )
}


def asset(package: str, path: str) -> str:
    """The address of `<package>/static/<path>`, or of an npm file: `asset("npm", "htmx.js")`."""
    from services.http.static import address

    return address(package, path)


@cache
def node_modules() -> Path:
    """The nearest node_modules, as Node finds it: beside the project, else in a folder above."""
    for folder in (TREE, *TREE.parents):
        if (folder / "node_modules" / DESIGN).is_dir():
            return folder / "node_modules"
    raise FrontEndMissing(f"no front-end packages beside {TREE}; run `make setup` there, or `npm ci`")


def _find(part: str) -> Path:
    package, colon, name = part.partition(":")
    path = packages()[package] / "static" / name if colon else node_modules() / part
    if not path.is_file():
        raise FrontEndMissing(f"{path} is not there; run `make setup`, or `npm ci`")
    return path


def _style(part: str) -> str:
    text = _find(part).read_text(encoding="utf-8")
    if ":" not in part:
        return f"@layer npm{{{text}}}"
    return re.sub(r'url\("asset:([^"]+)"\)', lambda found: f'url("{asset("npm", found[1])}")', text)
