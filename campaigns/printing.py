"""What is printed of a placement: its texts, kept with it, and what a sheet is made of.

A text has a length that fits every sheet, set smaller where it has to be; what the fonts lack is refused, as a poster
with a gap is printed for nobody. Where no text was written, one is made of what the link leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import segno
from aiohttp.web import Response
from markupsafe import Markup

from campaigns import commands, known
from campaigns.inputs import LONGEST_HEADLINE, LONGEST_LINE, PrintedInput, PrintQuery
from campaigns.sheets import SHEETS, Sheet
from services import sql
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit
from services.identity.principal import Principal
from services.pages import formats
from services.pages.covers import cover
from services.pages.languages import FALLBACKS, LANGUAGES, Translate, msgid, text_in, translator
from services.pages.paper import lacking, pdf
from services.pages.qr import qr_svg
from services.routes import Limit

queries = sql.load(__package__)

TEMPLATE = (Path(__file__).parent / "typst" / "print.typ").read_bytes()
ERROR = "q"
"""A quarter of a code may be hidden: paper that hangs outside is torn and rained on."""
SETTING = Limit(times=60, seconds=300)
"""How many sheets one person may have set: each takes a tenth of a second of a processor."""
LACKING = msgid("This cannot be printed, as our fonts lack it: {characters}")

Said = tuple[str, str]
"""A text and its language."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A placement with what its sheets are made of."""

    placement: Mapping[str, Any]
    campaign: Mapping[str, Any]
    terms: Mapping[str, Any]
    event: Mapping[str, Any] | None
    """The one that its link leads to."""

    @property
    def languages(self) -> list[str]:
        """Those that the programme speaks, and those that it has texts in or leads to."""
        also = (*self.placement["headlines"], *self.placement["lines"], self.placement["language"])
        return list(dict.fromkeys((*self.terms["languages"], *(one for one in also if one))))

    def language(self, asked: PrintQuery) -> str:
        return asked.language or self.placement["language"] or str(self.terms["language"])


async def printed(tx: Transaction, placement_id: UUID) -> Printed:
    """The placement as it is printed; raises `NotFound`, and Conflict `opening-shortly` as `terms_of`."""
    row = await queries.find_placement(tx.connection, id=placement_id)
    if row is None:
        raise NotFound("placement")
    kind, _, slug = row["target"].removeprefix("/").partition("/")
    return Printed(
        placement=row,
        campaign=await queries.find_campaign(tx.connection, id=row["campaign_id"]),
        terms=await commands.terms_of(tx),
        event=await queries.landing_event(tx.connection, slug=slug) if kind == "events" and slug else None,
    )


async def check(given: PrintedInput, translate: Translate) -> None:
    """Raise Invalid for each text that has characters which no font of ours has, and name them."""
    errors = {}
    for field in ("headlines", "lines"):
        for language, text in getattr(given, field).items():
            if missing := await lacking(text):
                errors[f"{field}.{language}"] = translate(LACKING, characters=" ".join(sorted(missing)))
    if errors:
        raise Invalid(errors)


async def set_texts(tx: Transaction, placement_id: UUID, given: PrintedInput, *, by: Principal | None = None) -> int:
    """Keep what is to be printed and return the placement's new version; Conflict `changed-meanwhile` where somebody
    saved since it was read. Texts in languages that the programme no longer speaks stay: no form shows them."""
    row = await queries.lock_placement(tx.connection, id=placement_id)
    if row is None:
        raise NotFound("placement")
    terms = await commands.terms_of(tx)
    errors = known.printed_errors(given, terms, row)
    if given.version is None:
        errors["version"] = commands.UNREAD
    if errors:
        raise Invalid(errors)
    texts = {
        field: {
            **{language: text for language, text in row[field].items() if language not in terms["languages"]},
            **getattr(given, field),
        }
        for field in ("headlines", "lines")
    }
    version: int | None = await queries.set_printed(tx.connection, id=placement_id, version=given.version, **texts)
    if version is None:
        raise Conflict("changed-meanwhile", commands.CHANGED)
    tx.publish(commands.placement_fact(tx, await queries.lock_placement(tx.connection, id=placement_id)))
    await audit.record(tx, by, "placement.changed", f"placement:{placement_id}", version=version)
    return version


async def document(call: Call, placement_id: UUID) -> Response:
    """The sheet that the call's query asks for, as a file. Raises `Unavailable` where too many wait to be set."""
    async with call.transaction() as tx:
        of = await printed(tx, placement_id)
    asked: PrintQuery = call.query
    given = contents(of, asked, call.context.settings.url)
    return Response(
        body=await pdf(TEMPLATE, given, call.context.clock.now()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name(of, asked)}"'},
    )


def contents(of: Printed, asked: PrintQuery, url: str) -> dict[str, Any]:
    """What the template is given; `url` is where Blest stands."""
    sheet, lang, shop = SHEETS[asked.format], of.language(asked), asked.printer == "shop"
    _ = translator(lang)
    width, height = sheet.page(shop=shop)
    headline, line = said(of, "headlines", lang), said(of, "lines", lang)
    return {
        "lang": spoken(lang),
        "title": f"{_(sheet.name)}: {headline[0]}",
        "kind": sheet.kind,
        "width": width,
        "height": height,
        "code": sheet.code,
        "label": sheet.label,
        "shop": shop,
        "cover": picture(of),
        "qr": qr_svg(link(of, url), error=ERROR),
        "qr_name": _("QR code of the link"),
        "headline": _text(headline, LONGEST_HEADLINE),
        "line": _text(line, LONGEST_LINE),
        "programme": _text(text_in(of.terms["names"], lang), LONGEST_HEADLINE),
        "how": _("Scan the code, or type this address:"),
        "host": f"{url.partition('://')[2]}/l/",
        "slug": of.placement["slug"],
        "letters": _("The code at its end is small letters and digits, never 0, 1, i, l or o."),
    }


def said(of: Printed, field: str, lang: str) -> Said:
    """The headline (`headlines`) or line (`lines`) in a language: as it was written, else a default."""
    written = of.placement[field]
    for one in (lang, *FALLBACKS.get(lang, ())):
        if one in written:
            return written[one], one
    return default(of, field, lang)


def default(of: Printed, field: str, lang: str) -> Said:
    """A headline or line made of what the link leads to."""
    _, headline = translator(lang), field == "headlines"
    if of.event is not None:
        zone = of.event["time_zone"] or of.terms["time_zone"]
        day = formats.day(of.event["starts_at"], lang, zone)
        where = ", ".join(one for one in (day, of.event["venue"]) if one)
        return text_in(of.event["titles"], lang) if headline else (where, lang)
    programme = text_in(of.terms["names"], lang)
    match of.placement["target"].split("/")[1]:
        case "interest":
            texts = _("Are you thinking of moving?"), _("Tell us what you look for, and we will write to you.")
        case "programmes":
            return programme if headline else (_("See what life is like with us."), spoken(lang))
        case _:
            texts = _("Come and meet us"), _("See what we arrange, and where.")
    return texts[0] if headline else texts[1], spoken(lang)


def picture(of: Printed) -> Markup:
    """The event's own cover; else a lighthouse, in the light of the day on which the campaign begins."""
    if of.event is not None:
        return cover(of.event["cover"] or of.event["event_id"], of.event["starts_at"], "event")
    seed: UUID = of.campaign["id"]
    return cover(seed, datetime.combine(of.campaign["starts_on"], time(6 + seed.int % 10), UTC), "campaign")


def link(of: Printed, url: str) -> str:
    """What the code says: the link, marked as scanned, so that its visits are told from those who typed it."""
    return f"{url}/l/{of.placement['slug']}?qr"


def measures(of: Printed, sheet: Sheet, url: str) -> tuple[float, int]:
    """Of the code on a sheet: millimetres of one module, and centimetres from which it is read."""
    modules, _ = segno.make(link(of, url), error=ERROR, micro=False).symbol_size(border=0)
    return sheet.module(int(modules)), sheet.distance(int(modules))


def file_name(of: Printed, asked: PrintQuery) -> str:
    """`abc234-poster-a4-nb.pdf`: nothing of it can be mistaken in a header."""
    shop = "-shop" if asked.printer == "shop" else ""
    return f"{of.placement['slug']}-{asked.format}-{of.language(asked)}{shop}.pdf"


def spoken(lang: str) -> str:
    """The language in which our own words stand, where we have none in that of the texts."""
    return next(one for one in (lang, *FALLBACKS.get(lang, ()), "en") if one in LANGUAGES)


def _text(one: Said, longest: int) -> dict[str, str]:
    """For the template: with an ellipsis where a title of an event or a name of a programme is longer than fits."""
    text = " ".join(one[0].split())
    return {"text": text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…", "lang": one[1]}
