"""PDF for people who print, and for people who have it read aloud: tagged after PDF/UA-1 (ISO 14289-1), set by typst.

    ticket = await pdf(TEMPLATE, {"lang": "nn", "title": …}, moment)

A template is a file of ours and reads what it is given with `json(bytes(sys.inputs.data))`. Values are never part of
its source, so no name can be markup. It has the fonts that typst brings and no others: a ticket looks alike everywhere.

PDF/UA-1 allows no character without a glyph (7.21.7, 7.21.8), and those fonts lack some scripts. What they lack is
shown as U+FFFD, as other programs show it: a ticket with a gap in its name is better than none.
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeVar

import typst
from markupsafe import Markup

from services.http.problems import Unavailable

T = TypeVar("T")

Form = Literal["pdf", "png", "svg"]

LONGEST = 400
"""Characters of one text that are printed; what goes on beyond is cut off, with an ellipsis."""
PATIENCE = 10.0
"""Seconds until who asked is told to come again. A ticket takes some 20 ms."""
GAP = "\N{REPLACEMENT CHARACTER}"
FAMILIAR = 0x24F
"""The end of Latin Extended-B: up to here the fonts have everything that is printable."""
UNUSUAL = 150
"""How many different characters beyond `FAMILIAR` are looked for in the fonts; of more, all are taken as missing."""
JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian and Indian words are spelt."""

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="paper")
"""Two at a time: a hall that prints its tickets at once waits here, and takes neither memory nor event loop."""
_fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
_PROBE = b'#set document(title: "x")\n#set text(font: "Libertinus Serif")\n#json(bytes(sys.inputs.data))'


async def pdf(template: bytes, data: Mapping[str, Any], moment: datetime) -> bytes:
    """The document. `data` is what JSON can say, and pictures as `Markup` of ours; `moment` is when it was made.

    Raises `Unavailable` where it takes too long, and `typst.TypstError` where the template is wrong.
    """
    return await _aside(typeset, template, data, moment)


async def png(template: bytes, data: Mapping[str, Any], moment: datetime, density: float) -> bytes:
    """The document's one page as a picture of `density` pixels per inch, without its bleed. Raises as `pdf`."""
    return await _aside(typeset, template, data, moment, "png", density)


async def lacking(text: str) -> frozenset[str]:
    """The characters of a legible text that are printed as a gap; raises `Unavailable`."""
    return await _aside(_lacking, text)


async def _aside(work: Callable[..., T], *given: Any) -> T:
    """The work's result, from one of the two threads."""
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_threads, work, *given), PATIENCE)
    except TimeoutError as error:
        raise Unavailable from error


def typeset(
    template: bytes, data: Mapping[str, Any], moment: datetime, form: Form = "pdf", density: float = 144.0
) -> bytes:
    """As `pdf`, on the thread of the caller. `form` is also `png` or `svg`: its one page as a picture."""
    text = json.dumps(_legible(data), ensure_ascii=False)
    try:
        return _compiled(template, text, moment, form, density)
    except typst.TypstError:
        pass
    try:
        return _compiled(template, _without(text, _missing(text)), moment, form, density)
    except typst.TypstError:
        # The fonts have each of them and yet not this sequence, such as a vowel sign on a foreign letter.
        return _compiled(template, _without(text, _unusual(text)), moment, form, density)


def _compiled(template: bytes, text: str, moment: datetime | None, form: Form = "pdf", density: float = 144.0) -> bytes:
    return typst.compile(
        template,
        font_paths=_fonts,
        ignore_system_fonts=True,
        format=form,
        sys_inputs={"data": text},
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=int(moment.timestamp()) if moment else None,
        ppi=density,
    )


def _lacking(text: str) -> frozenset[str]:
    try:
        _compiled(_PROBE, json.dumps(text), None)
    except typst.TypstError:
        return frozenset(_missing(text) or _unusual(text))
    return frozenset()


def _legible(value: Any) -> Any:
    """Without what steers and is not seen: controls become spaces; what turns the writing is left out."""
    if isinstance(value, Mapping):
        return {name: _legible(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_legible(one) for one in value]
    return legible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def legible(text: str) -> str:
    """The text as it is printed: composed, without what steers, and at most `LONGEST` characters of it."""
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    kinds = ((one, unicodedata.category(one)) for one in unicodedata.normalize("NFC", cut))
    return "".join(
        " " if kind in {"Cc", "Zl", "Zp"} else one
        for one, kind in kinds
        if not kind.startswith("C") or kind == "Cc" or one in JOINERS
    )


def _unusual(text: str) -> set[str]:
    return {one for one in text if ord(one) > FAMILIAR and one not in "–—…‘’“”"}


def _missing(text: str) -> set[str]:
    unusual = _unusual(text)
    return unusual if len(unusual) > UNUSUAL else {one for one in unusual if not _has(one)}


@lru_cache(maxsize=4096)
def _has(character: str) -> bool:
    """Whether a font has it. typst tells only by refusing."""
    try:
        _compiled(_PROBE, json.dumps(character), None)
    except typst.TypstError:
        return False
    return True


def _without(text: str, missing: set[str]) -> str:
    return text.translate(dict.fromkeys(map(ord, missing), GAP))
