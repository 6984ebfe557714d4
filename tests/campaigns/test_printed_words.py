"""What a sheet says: the words of marketing, or those made of where its link leads; and that every text fits."""

from __future__ import annotations

from uuid import UUID

import pytest
import zxingcpp

from campaigns import printing, reactions
from campaigns.inputs import Format, PrintedInput, PrintQuery
from campaigns.printing import Printed, contents
from campaigns.sheets import SHEETS
from events.facts import Venue
from services.clock import MovedClock
from services.pages import paper
from tests.campaigns.desk import FAIR, Desk, event, programme
from tests.campaigns.sheets import ALL, URL, drawn, laid_out, made, sheet
from tests.registrations.test_my_ticket import MOMENT, letters


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
