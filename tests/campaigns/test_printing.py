"""A placement on paper: posters, a flyer, a sign and labels as PDF, in the words that marketing wrote."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image

from campaigns import printing, reactions
from campaigns.inputs import Format, PrintedInput, PrintQuery
from campaigns.pages import sheets as pages
from campaigns.printing import Printed, contents
from campaigns.sheets import SHEETS, SMALLEST
from events.facts import Venue
from services.clock import MovedClock
from services.pages import paper
from services.routes import Role
from tests.campaigns.desk import FAIR, Desk, event, programme
from tests.house.people import sign_in
from tests.registrations.test_my_ticket import MOMENT, letters

URL = "https://rekruttering.blest-i-havlandet.example"
MM = 72 / 25.4
ALL = tuple(SHEETS)
"""The formats."""


def made(headline: str = "Hjemkomstdag", line: str = "12. desember, Finnsnes", **placement: Any) -> Printed:
    """A placement with an event, without a database."""
    return Printed(
        placement={
            "slug": "abk4w7",
            "target": "/events/messe",
            "language": "nb",
            "headlines": {"nb": headline} if headline else {},
            "lines": {"nb": line} if line else {},
            **placement,
        },
        campaign={"id": UUID(int=3), "starts_on": MOMENT.date()},
        terms={"names": {"nb": "Blest i Havlandet"}, "language": "nb", "languages": ["nb"], "time_zone": "Europe/Oslo"},
        event={
            "event_id": FAIR, "cover": None, "titles": {"nb": "Messe", "nl": "Beurs"}, "starts_at": MOMENT,
            "time_zone": None, "venue": "Jaarbeurs",
        },
    )  # fmt: skip


def laid_out(of: Printed, **asked: Any) -> dict[str, Any]:
    return contents(of, PrintQuery(**asked), URL)


def drawn(of: Printed, density: float = 150, **asked: Any) -> Image.Image:
    return Image.open(BytesIO(paper.typeset(printing.TEMPLATE, laid_out(of, **asked), MOMENT, "png", density)))


def box(document: bytes, name: str) -> list[float] | None:
    """A page's box, in millimetres."""
    found = re.search(rb"/%sBox\[([^\]]+)\]" % name.encode(), document)
    return [round(float(one) / MM, 1) for one in found[1].split()] if found else None


async def sheet(desk: Desk, placement: str, **asked: str) -> tuple[Any, bytes]:
    """The PDF, as a browser gets it."""
    answer = await desk.client.get(
        f"/en/console/havlandet/placements/{placement}/print.pdf", params=asked, cookies=desk.person.cookies
    )
    return answer, await answer.read()


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("lang", ["nb", "nn", "en", "nl"])
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


async def test_without_a_text_it_says_what_the_link_leads_to_when_and_where(desk: Desk, clock: MovedClock) -> None:
    fair = event(
        desk.programme_id, clock, FAIR, "messe", titles={"nb": "Messe", "nl": "Beurs"}, venue=Venue(name="Jaarbeurs"),
        time_zone="Europe/Amsterdam", starts_at=MOMENT, ends_at=MOMENT,
    )  # fmt: skip
    await desk.hear((reactions.keep_event, fair))
    placement = UUID((await desk.placement(await desk.campaign()))["id"])
    async with desk.context.database.transaction(desk.programme_id) as tx:
        of = await printing.printed(tx, placement)
    given = contents(of, PrintQuery(), URL)
    assert given["headline"] == {"text": "Beurs", "lang": "nl"}, "the language of the page it opens"
    assert given["line"]["text"] == "zaterdag 14 november 2026, Jaarbeurs"
    assert given["programme"] == {"text": "Blest i Havlandet", "lang": "nb"}
    assert given["host"] + given["slug"] == f"{URL.removeprefix('https://')}/l/{of.placement['slug']}"
    assert contents(of, PrintQuery(language="nn"), URL)["headline"] == {"text": "Messe", "lang": "nb"}


@pytest.mark.parametrize(
    ("target", "headline"),
    [
        ("/events", "Kom og møt oss"),
        ("/programmes/havlandet", "Blest i Havlandet"),
        ("/interest/havlandet", "Tenker du på å flytte?"),
    ],
)
def test_without_an_event_there_are_words_of_ours_and_a_lighthouse(target: str, headline: str) -> None:
    of = made("", "", target=target)
    of = Printed(of.placement, of.campaign, of.terms, None)
    given = laid_out(of)
    assert given["headline"] == {"text": headline, "lang": "nb"} and given["line"]["text"]
    assert given["cover"] == printing.picture(of) != printing.picture(made())
    assert laid_out(of, language="se")["lang"] == "nb", "our words stand in bokmål there"


async def test_what_marketing_writes_is_kept_with_the_placement_and_printed(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    assert await desk.open(f"placements/{placement}") == 200
    assert f"placements/{placement}/print" in desk.text
    assert await desk.open(f"placements/{placement}/print?format=flyer-a5&language=nb&printer=shop") == 200
    assert 'value="flyer-a5" checked' in desk.text and "print.png?format=flyer-a5&amp;language=nb" in desk.text
    given = {"version": "1", "headlines.nb": "  Møt\u200b oss\nher ", "lines.nb": "Ved kaia", "headlines.nl": "\u202e"}
    assert await desk.send(f"placements/{placement}/print?format=flyer-a5&language=nb", given) == 200
    assert "The texts are saved." in desk.text and 'value="Møt oss her"' in desk.text
    assert 'value="flyer-a5" checked' in desk.text, "and the sheet that was looked at"
    status, found = await desk.api("GET", f"placements/{placement}/print")
    assert status == 200
    assert found == {"headlines": {"nb": "Møt oss her"}, "lines": {"nb": "Ved kaia"}, "version": 2}
    _, document = await sheet(desk, placement, language="nb")
    assert b"/Title" in document and set("Mtoshr") <= letters(document)


async def test_editing_the_placement_loses_nothing_of_it(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    texts = {"headlines": {"nb": "Møt oss"}, "lines": {"nl": "Bij de haven"}}
    assert (await desk.api("PUT", f"placements/{placement}/print", {**texts, "version": 1}))[0] == 200
    await desk.open(f"placements/{placement}/edit")
    assert await desk.send(f"placements/{placement}/edit", {**desk.filled(), "place": "Kaia"}) == 200
    assert (await desk.api("GET", f"placements/{placement}/print"))[1] == {**texts, "version": 3}


async def test_a_text_stays_when_the_programme_no_longer_speaks_its_language(desk: Desk, clock: MovedClock) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    texts = {"headlines": {"nb": "Møt oss", "nl": "Kom"}, "version": 1}
    assert (await desk.api("PUT", f"placements/{placement}/print", texts))[0] == 200
    await desk.hear((reactions.keep_terms, programme(desk.programme_id, clock, languages=("nb",))))
    assert await desk.open(f"placements/{placement}/print") == 200
    assert 'name="headlines.nl"' not in desk.text and '<option value="nl" selected>' in desk.text, "it can be printed"
    assert await desk.send(f"placements/{placement}/print", {"version": "2", "headlines.nb": "Velkommen"}) == 200
    _, found = await desk.api("GET", f"placements/{placement}/print")
    assert found["headlines"] == {"nb": "Velkommen", "nl": "Kom"}


async def test_who_saves_on_what_somebody_else_has_changed_is_told_and_sees_what_they_typed(desk: Desk) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    assert await desk.send(f"placements/{placement}/print", {"version": "1", "headlines.nb": "Den første"}) == 200
    assert await desk.send(f"placements/{placement}/print", {"version": "1", "headlines.nb": "Den andre"}) == 422
    assert "Somebody else has saved this since you opened it." in desk.text and 'value="Den andre"' in desk.text
    assert (await desk.api("GET", f"placements/{placement}/print"))[1]["headlines"] == {"nb": "Den første"}
    assert (await desk.api("PUT", f"placements/{placement}/print", {"headlines": {}}))[0] == 422


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"headlines.nb": "x" * 81}, "headlines.nb", "at most 80 characters"),
        ({"lines.nl": "x" * 161}, "lines.nl", "at most 160 characters"),
        ({"headlines.nb": "Kom 😀 til 李"}, "headlines.nb", "our fonts lack it: 李 😀"),
        ({"lines.nb": "e\u093f\u0bbf"}, "lines.nb", "our fonts lack it"),
        ({"headlines.nn": "Kom"}, "", "does not offer this language"),
    ],
)
async def test_a_text_that_cannot_be_printed_is_refused_at_its_input(
    desk: Desk, given: dict[str, str], field: str, words: str
) -> None:
    placement = (await desk.placement(await desk.campaign()))["id"]
    assert await desk.send(f"placements/{placement}/print", {"version": "1", **given}) == 422
    assert words in desk.text
    if field:
        assert list(desk.errors) == [field] and words in desk.errors[field]
    body = {name.partition(".")[0]: {name.partition(".")[2]: text} for name, text in given.items()}
    status, said = await desk.api("PUT", f"placements/{placement}/print", {**body, "version": 1})
    assert status == 422 and [one["field"] for one in said["errors"]] == list(given)
    assert (await desk.api("GET", f"placements/{placement}/print"))[1]["version"] == 1


HARD = {
    "a long word": ("Minoritetsladningsbærerdiffusjonskoeffisientmålingsapparaturutstilling på Senja", "Ved kaia"),
    "as wide as it gets": ("W" * 80, "W" * 160),
    "many words": ("Kom og bo her, " * 5, "ei lita setning om alt som er her, " * 4),
    "from right to left": ("שלום עולם, סלאם", "سلام من البحر"),
    "a long default": ("", ""),
}


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("format", ALL)
def test_every_text_fits_and_touches_neither_the_code_nor_the_edge(format: Format, text: str) -> None:
    given = PrintedInput(headlines={"nb": HARD[text][0]}, lines={"nb": HARD[text][1]})
    of = made(given.headlines.get("nb", ""), given.lines.get("nb", ""))
    if text == "a long default":
        of = Printed(
            of.placement,
            of.campaign,
            of.terms,
            {**(of.event or {}), "titles": {"nb": "Ordet " * 100}, "venue": "Samfunnshus" * 30},
        )
    picture = drawn(of, 100, format=format, printer="shop").convert("RGB")
    plain = drawn(made("-", "-"), 100, format=format, printer="shop").convert("RGB")
    assert {code.text for code in zxingcpp.read_barcodes(picture)} == {f"{URL}/l/abk4w7?qr"}
    rim = int((1.5 if format == "labels-a4" else 10) / 25.4 * 100)
    width, height = picture.size
    for edge in ((0, 0, rim, height), (width - rim, 0, width, height), (0, height - rim, width, height)):
        assert picture.crop(edge).tobytes() == plain.crop(edge).tobytes()
    if SHEETS[format].kind == "poster":
        shelf = round(height - (SHEETS[format].code + 30 * width / 100 * 25.4 / 210) / 25.4 * 100)
        for strip in ((0, shelf - 8, width, shelf - 2), (0, shelf + 2, width, height)):
            assert picture.crop(strip).tobytes() == plain.crop(strip).tobytes()


def test_what_is_written_is_never_read_as_a_program() -> None:
    text = '#panic("x") *a* $q$ `r` [^] \\u{41} // = <l> @c'
    given = PrintedInput(headlines={"nb": text}, lines={"nb": f"- {text}"})
    assert given.headlines["nb"] == text
    document = paper.typeset(printing.TEMPLATE, laid_out(made(given.headlines["nb"], given.lines["nb"])), MOMENT)
    assert set(text) - {" "} <= letters(document) and b"/S/L " not in document


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
