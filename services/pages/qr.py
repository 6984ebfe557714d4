"""QR codes as SVG: attributes only, so the strict CSP holds; with a quiet zone and a white ground."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup, escape


def qr_svg(text: str, title: str = "", error: str = "m") -> Markup:
    """A code of `text` that scales to its box. `title` is read aloud; without one the code is decoration."""
    code = segno.make(text, error=error, micro=False)
    side = code.symbol_size(scale=1, border=4)[0]
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=True, svgclass=None, lineclass=None, omitsize=True)
    drawn = out.getvalue().decode()
    path = drawn[drawn.index("<path") : drawn.rindex("</svg>")]
    label = Markup('role="img" aria-label="{}"').format(title) if title else Markup('aria-hidden="true"')
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" {label} '
        'shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>{path}</svg>'
    ).format(side=side, label=label, path=Markup(path))  # noqa: S704 — drawn by segno from modules, holds no text


def title_element(title: str) -> Markup:
    """`<title>` of a standalone SVG file, for those who open it by itself."""
    return Markup("<title>{}</title>").format(escape(title))
