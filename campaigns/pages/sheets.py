"""The console page from which a placement is printed: what it says, how it will look, and the file itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from aiohttp.web import Response, StreamResponse

from campaigns import printing
from campaigns.api import identifier
from campaigns.inputs import LONGEST_HEADLINE, LONGEST_LINE, PrintedInput, PrintQuery
from campaigns.pages import attempt
from campaigns.sheets import BLEED, SHEETS
from services.database import Transaction
from services.http.call import Call
from services.http.problems import Invalid
from services.pages.forms import Form
from services.pages.paper import png

ACROSS = 620
"""Pixels of the preview."""


async def show(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        return await _page(call, tx)


async def set_texts(call: Call) -> StreamResponse:
    placement_id = identifier(call, "placement", "placement")
    form = await call.form(PrintedInput)
    if form.value is not None:
        try:
            await printing.check(form.value, call.translate)
        except Invalid as refused:
            for one in refused.fields:
                form.fail(one.field, one.sentence)
    version = await attempt(
        call, form, lambda tx, given: printing.set_texts(tx, placement_id, given, by=call.principal)
    )
    if version is None:
        async with call.transaction() as tx:
            return await _page(call, tx, form)
    back = call.console(f"placements/{placement_id}/print")
    return call.redirect(f"{back}?{_asked(call.query)}", flash=call.translate("The texts are saved."))


async def file(call: Call) -> StreamResponse:
    """The PDF that the query asks for."""
    return await printing.document(call, identifier(call, "placement", "placement"))


async def preview(call: Call) -> StreamResponse:
    """The sheet as a picture: as it looks when it is cut."""
    async with call.transaction() as tx:
        of = await printing.printed(tx, identifier(call, "placement", "placement"))
    given = printing.contents(of, call.query, call.context.settings.url)
    density = ACROSS / given["width"] * 25.4
    return Response(
        body=await png(printing.TEMPLATE, given, call.context.clock.now(), density), content_type="image/png"
    )


async def _page(call: Call, tx: Transaction, form: Form[PrintedInput] | None = None) -> Response:
    asked: PrintQuery = call.query
    of = await printing.printed(tx, identifier(call, "placement", "placement"))
    sheet, lang, url = SHEETS[asked.format], of.language(asked), call.context.settings.url
    shop = asked.printer == "shop"
    width, height = sheet.page(shop=shop)
    module, distance = printing.measures(of, sheet, url)
    chosen = {"format": asked.format, "language": lang, "printer": asked.printer}
    return call.form_page(
        "campaigns/print.html",
        form or Form[PrintedInput].empty(dict(of.placement)),
        placement=of.placement,
        campaign=of.campaign,
        terms=of.terms,
        languages=of.languages,
        choice=Form[PrintQuery].empty(chosen),
        query=_asked(asked),
        sheets=SHEETS,
        sheet=sheet,
        shop=shop,
        bleed=BLEED,
        size=(width, height),
        longest=(LONGEST_HEADLINE, LONGEST_LINE),
        pixels=(ACROSS, round(ACROSS * height / width)),
        module=module,
        distance=distance,
        headline=printing.said(of, "headlines", lang),
    )


def _asked(asked: PrintQuery) -> str:
    """What was chosen, as it stands in an address."""
    given: dict[str, Any] = asked.model_dump(exclude_none=True)
    return urlencode(given)
