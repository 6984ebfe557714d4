"""A placement on paper: posters, a flyer, a sign and labels as PDF; their code, their size, and who prints them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image

from campaigns import printing
from campaigns.inputs import Format
from campaigns.pages import sheets as pages
from campaigns.sheets import SHEETS, SMALLEST
from services.pages import paper
from services.routes import Role
from tests.campaigns.desk import Desk
from tests.campaigns.sheets import ALL, URL, box, drawn, laid_out, made, sheet
from tests.house.people import sign_in
from tests.registrations.test_my_ticket import MOMENT


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("lang", ["nb", *(pytest.param(one, marks=pytest.mark.all) for one in ("nn", "en", "nl"))])
async def test_each_sheet_is_one_accessible_page_in_the_language_asked_for(
    desk: Desk, format: Format, lang: str
) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    answer, document = await sheet(desk, placement, format=format, language=lang)
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].endswith(f'-{format}-{lang}.pdf"')
    assert document.startswith(b"%PDF-1.7") and b"<pdfuaid:part>1</pdfuaid:part>" in document
    assert f"/Lang({lang})".encode() in document and document.count(b"/Type/Page/") == 1
    assert re.search(rb"/Title[(<]", document) and b"/S/H1" in document
    assert len(re.findall(rb"/S/Figure/P \d+ 0 R/Alt", document)) == 1, "read aloud once, however often it is printed"
    assert len(re.findall(rb"/FontFile[23]? ", document)) == len(re.findall(rb"/Type/FontDescriptor", document)) > 0


@pytest.mark.parametrize("printer", ["office", "shop"])
@pytest.mark.parametrize("format", ALL)
def test_its_code_holds_the_scanned_form_of_the_link(format: Format, printer: str) -> None:
    codes = zxingcpp.read_barcodes(drawn(made(), format=format, printer=printer))
    assert {code.text for code in codes} == {f"{URL}/l/abk4w7?qr"}
    assert {code.ec_level for code in codes} == {"Q"}
    assert len(codes) == {"sign-a4": 2, "labels-a4": 24 if printer == "office" else 1}.get(format, 1)


@pytest.mark.parametrize("format", ALL)
def test_a_square_of_the_code_is_as_wide_as_printers_and_phones_need(format: Format) -> None:
    longest = f"https://{'a' * 55}.no"
    module, distance = printing.measures(made(), SHEETS[format], longest)
    assert module >= SMALLEST and distance >= 20
    picture = drawn(made(), 300, format=format)
    code = zxingcpp.read_barcodes(picture)[0].position
    across = abs(code.top_right.x - code.top_left.x) / 300 * 25.4
    assert across >= printing.measures(made(), SHEETS[format], URL)[1] / 10, "a tenth of the distance it promises"


@pytest.mark.parametrize("format", ALL)
def test_there_is_a_quiet_zone_around_the_code(format: Format) -> None:
    of, picture = made(), drawn(made(), 300, format=format).convert("L")
    quiet = 4 * printing.measures(of, SHEETS[format], URL)[0] / 25.4 * 300 - 3
    where = zxingcpp.read_barcodes(picture)[0].position
    xs, ys = zip(*((one.x, one.y) for one in (where.top_left, where.bottom_right)), strict=True)
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    for beside in (
        (left - quiet, top, left - 3, bottom),
        (right + 4, top, right + quiet, bottom),
        (left, top - quiet, right, top - 3),
        (left, bottom + 4, right, bottom + quiet),
    ):
        assert picture.crop(tuple(map(int, beside))).getextrema()[0] > 250


@pytest.mark.parametrize(
    ("format", "width", "height"),
    [
        ("poster-a4", 210, 297),
        ("poster-a3", 297, 420),
        ("flyer-a5", 148, 210),
        ("sign-a4", 210, 297),
        ("labels-a4", 210, 297),
    ],
)
def test_the_office_gets_the_sheet_and_the_shop_a_larger_one_that_is_trimmed_to_it(
    format: Format, width: float, height: float
) -> None:
    document = paper.typeset(printing.TEMPLATE, laid_out(made(), format=format), MOMENT)
    assert (box(document, "Media"), box(document, "Trim")) == ([0, 0, width, height], None)
    document = paper.typeset(printing.TEMPLATE, laid_out(made(), format=format, printer="shop"), MOMENT)
    if format == "labels-a4":
        width, height = 70, 37
    assert box(document, "Media") == [0, 0, width + 20, height + 20]
    assert box(document, "Trim") == [10, 10, width + 10, height + 10]


async def test_a_sheet_can_be_looked_at_before_it_is_printed(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    for format in ALL:
        path = f"/en/console/havlandet/placements/{placement}/print.png?format={format}&printer=shop"
        answer = await desk.client.get(path, cookies=desk.person.cookies)
        picture = Image.open(BytesIO(await answer.read()))
        assert answer.content_type == "image/png" and abs(picture.width - pages.ACROSS) <= 1
        await desk.open(f"placements/{placement}/print?format={format}&printer=shop")
        size = re.search(r'class="sheet"[^>]* width="(\d+)" height="(\d+)"', desk.text)
        assert size and abs(int(size[2]) - picture.height) <= 1


@pytest.mark.parametrize("query", ["format=a0", "language=xx", "printer=home"])
async def test_there_is_no_other_sheet_language_or_printer(desk: Desk, query: str) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    for path in ("print", "print.pdf", "print.png"):
        assert await desk.open(f"placements/{placement}/{path}?{query}") == 422
    assert (await desk.api("GET", f"placements/{placement}/print.pdf?{query}"))[0] == 422


async def test_nobody_prints_what_is_not_there(desk: Desk) -> None:
    for path in ("print", "print.pdf", "print.png"):
        assert await desk.open(f"placements/{UUID(int=9)}/{path}") == 404
    assert await desk.send(f"placements/{UUID(int=9)}/print", {"version": "1", "headlines.nb": "Hei"}) == 404
    assert (await desk.api("GET", f"placements/{UUID(int=9)}/print"))[0] == 404
    assert (await desk.api("PUT", f"placements/{UUID(int=9)}/print", {"version": 1}))[0] == 404


async def test_readers_print_and_marketing_alone_writes(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    desk.person = await sign_in(desk.house, "reader", desk.programme_id, Role.READER)
    assert await desk.open(f"placements/{placement}/print") == 200
    assert "Save texts" not in desk.text and "Download PDF" in desk.text
    assert (await sheet(desk, placement))[0].status == 200
    assert await desk.send(f"placements/{placement}/print", {"version": "1", "headlines.nb": "Hei"}) == 403
    assert (await desk.api("PUT", f"placements/{placement}/print", {"version": 1}))[0] == 403
    desk.person = await sign_in(desk.house, "host", desk.programme_id, Role.STAND_HOST)
    for path in ("print", "print.pdf", "print.png"):
        assert await desk.open(f"placements/{placement}/{path}") == 403


async def test_programs_print_the_same(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    answer = await desk.client.get(
        f"/api/v1/programmes/havlandet/placements/{placement}/print.pdf?format=sign-a4", cookies=desk.person.cookies
    )
    assert answer.status == 200 and await answer.read() == (await sheet(desk, placement, format="sign-a4"))[1]


async def test_one_person_has_so_many_sheets_set_and_more_after_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> bytes:
        return b"%PDF"

    monkeypatch.setattr(printing, "pdf", nothing)
    placement = (await desk.placement(await desk.campaign()))["id"]
    answers = {(await sheet(desk, placement))[0].status for _ in range(printing.SETTING.times)}
    assert answers == {200} and (await sheet(desk, placement))[0].status == 429
