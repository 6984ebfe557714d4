"""The ticket on paper: an accessible PDF of what is on the page, for those who have a place, whatever their name is."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from registrations.commands import rules
from registrations.domain.applications import Application, Person
from registrations.domain.household import Household
from registrations.domain.records import EventRules, LinePolicy
from registrations.pages import my_ticket
from services.pages import paper
from services.pages.qr import qr_svg
from tests.registrations.desks import Desk, Page
from tests.registrations.test_calendar import fair
from tests.registrations.test_my_booking import booked, enter

MOMENT = datetime(2026, 11, 14, 12, tzinfo=UTC)
ADDRESS = "https://blest.example/t/abcdefghijklmnopqrstuvwxyz"


def sheet_of(page: Page, lang: str = "en") -> str:
    return f"/{lang}/my-booking/ticket.pdf?made_for={page.made_for}"


async def ticket(desk: Desk, page: Page, lang: str = "en") -> bytes:
    response = await desk.client.get(sheet_of(page, lang), allow_redirects=False)
    assert response.status == 200 and response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    return bytes(await response.read())


def sheet(name: str, **more: Any) -> dict[str, Any]:
    return {
        "lang": "nb",
        "title": "Billett: Messe",
        "event": "Messe",
        "event_lang": "nb",
        "facts": [{"name": "Bestilt av", "value": name, "lang": "nb"}],
        "code_name": "Kode",
        "code": "ABCD-EFGH",
        "qr": qr_svg(ADDRESS),
        "qr_name": "Billett som QR-kode",
        "how": "Vis den i døra.",
        **more,
    }


def letters(document: bytes) -> set[str]:
    """Every character that a font of the document shows, by its ToUnicode maps (ISO 32000-1, 9.10.3)."""
    found = set()
    for packed in re.findall(rb"/Type/CMap.*?stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        unpacked = zlib.decompressobj().decompress(packed)
        for written in re.findall(rb"<[0-9A-F]{4}> <([0-9A-F]+)>", unpacked):
            found |= set(bytes.fromhex(written.decode()).decode("utf-16-be"))
    return found


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("en", "Ticket: Fair for emigrants"),
        ("nb", "Billett: Messe for utvandrere"),
        ("nn", "Billett: Messe for utvandrere"),
        ("nl", "Ticket: Fair for emigrants"),
    ],
)
async def test_it_is_an_accessible_pdf_in_the_readers_language(desk: Desk, lang: str, title: str) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot)
    page = await enter(desk, family.booking_id)
    assert sheet_of(page) in page.text
    document = await ticket(desk, page, lang)
    assert document.startswith(b"%PDF-1.7")
    assert f"/Title({title})".encode() in document and f"/Lang({lang})".encode() in document
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document and b"/MarkInfo<</Marked true" in document
    assert re.search(rb"/S/Figure/P \d+ 0 R/Alt\(", document) or re.search(rb"/S/Figure/P \d+ 0 R/Alt<", document)
    assert b"/S/H1" in document and document.count(b"/Type/Page/") == 1


async def test_it_says_what_when_where_who_and_the_code_of_the_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = await fair(desk, 1)
    family = await booked(desk, slot, household=Household(adults=2, children_3_5=1))
    given: list[dict[str, Any]] = []

    async def look(template: bytes, data: dict[str, Any], moment: datetime) -> bytes:
        given.append(data)
        return paper.typeset(template, data, moment)

    monkeypatch.setattr(my_ticket, "pdf", look)
    page = await enter(desk, family.booking_id)
    await ticket(desk, page)
    (said,) = given
    facts = {fact["name"]: fact["value"] for fact in said["facts"]}
    assert facts["Where"] == "Jaarbeurs, Utrecht" and facts["Stand"] == "b12, The Sea Land"
    assert facts["Who comes"] == "2 adults, 1 child" and facts["Booked by"] == "Sanne de Vries"
    assert (
        facts["When"].endswith("(Europe/Amsterdam)") and facts["When"].removesuffix(" (Europe/Amsterdam)") in page.text
    )
    assert said["code"] in page.text
    address = f"{desk.world.context().settings.url}/t/{desk.world.keys.token('ticket', family.booking_id)}"
    assert said["qr"].split("<path")[1] in page.text, "the same code as on the page"
    picture = Image.open(BytesIO(paper.typeset(my_ticket.TEMPLATE, said, MOMENT, "png")))
    assert [code.text.partition("/t/")[2] for code in zxingcpp.read_barcodes(picture)] == [address.partition("/t/")[2]]


async def test_who_waits_or_has_cancelled_has_no_ticket(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    has, waits = await booked(desk, slot), await booked(desk, slot)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await rules.set_rules(tx, slot.event_id, EventRules(LinePolicy.OFFER))
    waiting = await enter(desk, waits.booking_id)
    assert "ticket.pdf" not in waiting.text
    assert (await desk.get(sheet_of(waiting))).status == 404
    cancelled = await desk.fill_in(await enter(desk, has.booking_id), "/cancel", follow=True)
    assert "ticket.pdf" not in cancelled.text
    assert (await desk.get(sheet_of(cancelled))).status == 404


async def test_without_the_link_from_the_mail_there_is_no_ticket(desk: Desk) -> None:
    await fair(desk, 1)
    assert (await desk.get("/en/my-booking/ticket.pdf")).status == 410


async def test_a_name_like_a_program_is_printed_as_it_is(desk: Desk) -> None:
    (slot,) = await fair(desk, 1)
    name = '#panic("x") *a* $q$ `r` [^] \\u{41}'
    family: Application = await booked(desk, slot, person=Person(name, "a@example.org", "en"))
    printed = letters(await ticket(desk, await enter(desk, family.booking_id)))
    assert set(name) - {" "} <= printed
    assert "#" not in letters(paper.typeset(my_ticket.TEMPLATE, sheet("Kari"), MOMENT)), "it comes from the name alone"


@pytest.mark.parametrize(
    "name",
    [
        "Øyvind Ærlig-Åsen",
        "Čiŋá Đorđe",
        "Иван",
        "שלום",
        "سلام",
        "a\u0301bc",
        "\u202eabc\u200b\x00\x07\n",
        "'\"}]",
        "<svg\x00>",
        "x" * 100_000,
    ],
)
async def test_a_name_in_any_hand_gives_a_ticket(name: str) -> None:
    document = await paper.pdf(my_ticket.TEMPLATE, sheet(name), MOMENT)
    assert b"<pdfuaid:part>1" in document and paper.GAP not in letters(document)


@pytest.mark.parametrize(
    "name", ["李 明", "Kari 😀", "ትግርኛ", "e\u093f\u0bbf", "".join(map(chr, range(0x4E00, 0x4F50)))]
)
async def test_what_no_font_has_leaves_a_gap_and_the_rest_is_there(name: str) -> None:
    document = await paper.pdf(my_ticket.TEMPLATE, sheet(f"Q{name}"), MOMENT)
    assert b"<pdfuaid:part>1" in document and {"Q", paper.GAP} <= letters(document)


async def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "PATIENCE", 0.0)
    with pytest.raises(paper.Unavailable):
        await paper.pdf(my_ticket.TEMPLATE, sheet("Kari"), MOMENT)
