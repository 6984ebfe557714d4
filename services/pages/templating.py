"""Templates: found as `<package>/<file>`, compiled once, escaped but for plain text, and an unknown name is an error.

    render("events/event.html", call, event=event)

`chassis/…` is services/pages/templates, `identity/…` is services/identity/templates, every service has its own. All of
them are read and compiled at start (`prepare`), so that a faulty one fails the start and no request waits for a disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jinja2 import DictLoader, Environment, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context as Names
from markupsafe import Markup

from services.pages import covers, formats, prose
from services.pages.assets import asset
from services.pages.compiled import Kept
from services.pages.flash import take
from services.pages.icons import icon, icons
from services.pages.languages import ENDONYMS, LANGUAGES, catalogues, text_in, translator
from services.pages.navigation import navigation, site
from services.pages.packages import packages
from services.pages.qr import qr_svg

if TYPE_CHECKING:
    from services.http.call import Call


@cache
def sources() -> dict[str, str]:
    """Every template of every package: `<package>/<file>` → its text, read once."""
    found = {}
    for prefix, folder in packages().items():
        templates = folder / "templates"
        for path in sorted(templates.rglob("*")):
            if path.is_file():
                found[f"{prefix}/{path.relative_to(templates).as_posix()}"] = path.read_text(encoding="utf-8")
    return found


@cache
def environment() -> Environment:
    """The one jinja2 environment of the process."""
    made = Environment(
        loader=DictLoader(sources()),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=Kept(),
    )
    made.filters.update(FILTERS)
    made.globals.update(
        asset=asset, cover=covers.cover, qr_svg=qr_svg, icon=icon, draw_icon=icon, lost_at=_lost_at, endonyms=ENDONYMS
    )
    return made


def prepare() -> None:
    """Read and compile everything that pages need; raises what is wrong with it. Called once, before the event loop."""
    from services.http import static

    for name in sources():
        environment().get_template(name)
    for lang in LANGUAGES:
        catalogues(lang)
        translator(lang).plural("{count} day", "{count} days", 2)  # Babel reads a locale's numbers at their first use
    icons()
    static.prepare()


def render(template: str, call: Call, **values: Any) -> str:
    """The page as text. `values` come on top of the names that every template has."""
    return environment().get_template(template).render({**_names(call), **values})


def _names(call: Call) -> Mapping[str, Any]:
    translate = call.translate
    return {
        "call": call,
        "lang": call.lang,
        "languages": LANGUAGES,
        "_": translate,
        "translate": translate,
        "ngettext": translate.plural,
        "pgettext": translate.context,
        "url": call.link,
        "page_address": partial(page_address, call),
        "navigation": partial(navigation, call),
        "site": partial(site, call),
        "flash": partial(take, call.request, call.context.settings.secure),
    }


def _lost_at(status: int) -> UUID:
    """The place on the coast where one who meets this error has come to."""
    return UUID(int=status)


def page_address(call: Call, lang: str) -> str:
    """This page in another language; where it answered a form at an address that only takes one, what it belongs to."""
    parts = call.request.rel_url.raw_path.split("/")
    if call.request.method == "POST":
        parts = parts[: len(_readable(call).split("/"))]
    rest = "/".join(parts[2:]) if len(parts) > 1 and parts[1] in LANGUAGES else ""
    query = call.request.rel_url.raw_query_string
    return f"/{lang}/{rest}" + (f"?{query}" if query else "")


def _readable(call: Call) -> str:
    """The declared path of this page, or of the nearest one above it, that a GET reads; else its own."""
    from services.http.call import READABLE

    readable = call.request.app.get(READABLE, frozenset[str]())
    path = call.route.path
    while path and path not in readable:
        path = path.rpartition("/")[0]
    return path or call.route.path


# Filters --------------------------------------------------------------------------------------------------------------


@pass_context
def _texts(names: Names, texts: Mapping[str, str] | None) -> str:
    return text_in(texts, names["lang"])[0]


@pass_context
def _texts_lang(names: Names, texts: Mapping[str, str] | None) -> str:
    return text_in(texts, names["lang"])[1]


@pass_context
def _span(names: Names, start: Any, end: Any = None, tz: str | None = None, form: str = "full") -> str:
    return formats.span(start, end, names["lang"], tz, form)


@pass_context
def _ago(names: Names, value: Any) -> str:
    return formats.ago(value, names["call"].context.clock.now(), names["lang"])


@pass_context
def _money(names: Names, minor: int | None, currency: str) -> str:
    return "" if minor is None else formats.money(minor, currency, names["lang"])


def _zoned(function: Any) -> Any:
    """`day`, `time` and `moment` as filters: the reader's language is known, a zone may be given."""

    @pass_context
    def filtered(names: Names, value: Any, tz: str | None = None, *given: Any, **named: Any) -> str:
        return "" if value is None else str(function(value, names["lang"], tz, *given, **named))

    return filtered


def _in_language(function: Any) -> Any:
    """`number` and `percent` as filters."""

    @pass_context
    def filtered(names: Names, value: Any, *given: Any) -> str:
        return "" if value is None else str(function(value, names["lang"], *given))

    return filtered


def _markdown(text: str | None, below: int = 2) -> Markup:
    return prose.markdown(text or "", below)


def _attributes(given: Mapping[str, Any]) -> Markup:
    """HTML attributes with a space before each: None and False left out, True without a value, `_` in names as `-`."""
    parts = []
    for name, value in given.items():
        if value is True:
            parts.append(Markup(" {}").format(name.replace("_", "-")))
        elif value is not None and value is not False:
            parts.append(Markup(' {}="{}"').format(name.replace("_", "-"), value))
    return Markup("").join(parts)


_CONTROL = re.compile(r"<(?:a|button|input|select|summary|textarea)\b")


def _has_controls(rows: Iterable[Iterable[Any]]) -> bool:
    """Whether anything in these cells can be reached by keyboard; a frame around what scrolls must be, where not."""
    return any(_CONTROL.search(str(cell)) for row in rows for cell in row)


FILTERS: Mapping[str, Any] = {
    "ago": _ago,
    "attributes": _attributes,
    "day": _zoned(formats.day),
    "has_controls": _has_controls,
    "markdown": _markdown,
    "moment": _zoned(formats.moment),
    "money": _money,
    "number": _in_language(formats.number),
    "percent": _in_language(formats.percent),
    "span": _span,
    "texts": _texts,
    "texts_lang": _texts_lang,
    "time": _zoned(formats.time),
}
