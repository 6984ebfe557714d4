"""What everybody may read, over HTTP: home, the catalogue, a programme with all that its catalogue entry has."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from programmes import demo
from services.process import Running
from tests.programmes.browsing import Browser
from tests.programmes.conftest import MakeProgramme, place, publish
from tests.programmes.test_lists import show

ENTRY = """
Tilflytting
Blest i Havlandet
Kartlegge viktige ressurser, definere sentrale kriterier
Kartlegge landbrukseiendommer til salgs eller utleie
Felles kommunestyremøter
Samarbeid mellom næringsliv, kultur, lag og foreninger
Landbruk
Reiseliv
Økt bulyst
Barn- og unge
Samarbeid med andre bosettingsprosjekter
Felles profilering og markedsføring
Rekruttering og mottaksapparat
Grende-/bygdelag
Troms Fylkeskommune
Fylkesmannen i Troms
Næringslivet
Frivillige lag og organisasjoner
Sametinget
Alle typer innflyttere
Høyt utdannet arbeidskraft/arbeidskraft med spesifikk kompetanse
Kvinner
Ungdom
Barnefamilier
Potensielle tilbakeflyttere
Livsstilsflyttere fra utlandet
Flyttere fra storbyområder
Entreprenører
Flyttere fra Nederland
Arrangement utenfor kommunen for å rekruttere folk
Arrangement i kommunen for å stimulere borteboere til å flytte hjem
Annonsering i media
Eget nettsted
Brosjyrer og lignende
Deltatt på utstillinger/stand
Kampanje for å synliggjøre regionen som bosted
Kampanje for å skaffe arbeidskraft/synliggjøre jobbmuligheter
Samarbeid for å gjøre stedet attraktivt
Integreringstiltak for tilflyttere
Livskvalitet
Godt oppvekstmiljø
Sentral beliggenhet
Bygdemiljø/sosialt miljø
Gode tjenestemiljø
"""
"""What the entry in the national catalogue names, line by line."""
SENTENCES = (
    "Skape engasjement, fornyet vekst og stabilisere innbyggertallet i kommunene er mål i prosjektet.",
    "Til hver aktivitet er det en arbeidsgruppe med representanter fra alle tre kommunene.",
    "Både politikere, de fleste kommunale etatene, NAV, frivillighetssentralene og næringslivet er med i ulike "
    "arbeidsgrupper.",
    "I tillegg er det representanter fra Troms Fylkeskommune, Fylkesmannen i Troms og Innovasjon Norge i noen av "
    "gruppene.",
    "Hver av aktivtene ledes av ordfører eller rådmann.",
    "Under enkelte av aktivitetene er det i tillegg satt sammen prosessgrupper som jobber med konkrete tiltak.",
    "Blest i Havlandet er presentert med grunnleggende informasjon uten vurdering fra Distriktssenteret.",
    "Tiltaket inngår som en del av «Katalog over tilflyttingsarbeid i Distriktene».",
    "Katalogen er en del av et større prosjekt «Tilflyttingsarbeid i norske distriktskommuner», som Ideas2evidence og "
    "Norut gjennomfører på oppdrag for Distriktssenteret.",
)
"""Its sentences, letter by letter."""


def words(page: str) -> str:
    """The text of a page's main part, as it is read."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


@pytest.fixture
async def played(house: Running) -> Running:
    """The demo's first day."""
    context = house.contexts["programmes"]
    await demo.play(context, context.clock.now().date())
    return house


@pytest.fixture
def browser(client: TestClient[Any, Any]) -> Browser:
    return Browser(client)


async def test_the_page_shows_all_that_the_national_catalogue_shows(played: Running, browser: Browser) -> None:
    text = words(await browser.get("/nb/programmes/blest-i-havlandet"))
    assert browser.status == 200
    assert [line for line in (*ENTRY.strip().split("\n"), *SENTENCES) if line not in text] == []
    assert "Fagområde : Tilflytting" in text.replace("Fagområde:", "Fagområde :")
    for heading in (
        "Fagområde",
        "Arbeidsområder",
        "Organisering",
        "Samarbeidspartnere",
        "Målgrupper",
        "Aktiviteter",
        "Viktigste salgsargument",
    ):
        assert heading in text


async def test_the_page_says_which_bodies_sit_in_a_group_and_names_nobody(played: Running, browser: Browser) -> None:
    page = await browser.get("/nb/programmes/blest-i-havlandet")
    seated = [
        re.sub(r"<[^>]+>", "", one).split(", ") for one in re.findall(r"Med folk fra: (.*?)</p>", page, re.DOTALL)
    ]
    assert ["Ytterhav", "Storskjær", "Lysfjorden", "Troms Fylkeskommune", "Innovasjon Norge"] in seated
    assert any(bodies[-1] == "NAV" for bodies in seated)
    assert "Turid Fyrlykt" not in page


async def test_a_composed_target_group_stands_apart_from_those_that_the_catalogue_names(
    played: Running, browser: Browser
) -> None:
    page = await browser.get("/nb/programmes/blest-i-havlandet")
    section = page[page.index('id="target-groups"') :]
    named, composed = [
        [html.unescape(words) for words in re.findall(r"<li>(?:<[^>]+>)*([^<]+)", one)]
        for one in re.findall(r'<ul class="terms">.*?</ul>', section[: section.index("</section>")], re.DOTALL)
    ]
    lines = ENTRY.strip().split("\n")
    assert named == lines[lines.index("Alle typer innflyttere") : lines.index("Flyttere fra Nederland") + 1]
    assert composed == ["Barnefamilier fra Nederland"]


async def test_each_term_is_shown_once(played: Running, browser: Browser) -> None:
    page = await browser.get("/nb/programmes/blest-i-havlandet")
    assert page.count("<li>Deltatt på utstillinger/stand</li>") <= 1
    assert words(page).count("Deltatt på utstillinger/stand") == 1


async def test_the_page_speaks_the_readers_language(played: Running, browser: Browser) -> None:
    for lang, term in (
        ("nn", "Flyttarar frå Nederland"),
        ("en", "Movers from the Netherlands"),
        ("nl", "Mensen uit Nederland"),
    ):
        assert term in words(await browser.get(f"/{lang}/programmes/blest-i-havlandet"))
        assert f'<html lang="{lang}">' in browser.text


async def test_nobody_who_sits_in_a_group_is_named_in_public(played: Running, browser: Browser) -> None:
    page = await browser.get("/nb/programmes/blest-i-havlandet")
    assert "Ledes av ordføreren i Lysfjorden" in words(page)
    for name in ("Gunnlaug Havbris", "Torbjørg Skjellvik", "Sigvald Multemyr"):
        assert name not in page


async def test_the_primary_action_is_to_register_interest_and_the_click_goes_along(
    played: Running, browser: Browser
) -> None:
    await browser.get("/nb/programmes/blest-i-havlandet?via=abc.def")
    assert 'href="/nb/interest/blest-i-havlandet?via=abc.def"' in browser.text
    await browser.get('/nb/programmes?via="><script>')
    assert "<script>" not in browser.text.split("<main")[1]


async def test_home_shows_events_to_come_and_who_invites(played: Running, browser: Browser) -> None:
    context = played.contexts["programmes"]
    async with context.database.transaction(None) as tx:
        blest = await tx.connection.fetchval(
            "SELECT programme_id FROM catalogue_directory WHERE slug = 'blest-i-havlandet'"
        )
    await browser.get("/nb")
    assert "Ingen arrangementer akkurat nå" in browser.text
    await show(context, blest, blest)
    text = words(await browser.get("/nb/"))
    assert "Hjemkomstdag" in text
    assert "Rom i skogen" in text
    assert 'href="/nb/events"' in browser.text


async def test_home_without_programmes_says_what_to_expect(client: TestClient[Any, Any]) -> None:
    browser = Browser(client, "en")
    assert "The first programme is being prepared" in await browser.get("/en")


async def test_the_catalogue_is_searched_and_filtered(played: Running, browser: Browser) -> None:
    text = words(await browser.get("/nb/programmes?q=havladet"))
    assert "Blest i Havlandet" in text and "Fjordbygda" not in text
    text = words(await browser.get("/nb/programmes?place=Vestland"))
    assert "Heim til Fjordbygda" in text and "Havlandet" not in text
    text = words(await browser.get("/nb/programmes?target_group=from_netherlands&activity=region_campaign"))
    assert "Rom i skogen" in text and "Fjordbygda" not in text
    text = words(await browser.get("/nb/programmes?q=xylofon"))
    assert "Ingen treff" in text


async def test_an_odd_address_shows_the_catalogue_all_the_same(played: Running, browser: Browser) -> None:
    for query in ("after=x", "place=", "q=" + "a" * 500, "target_group=%C3%98", "utm_source=brosjyre"):
        await browser.get(f"/nb/programmes?{query}")
        assert browser.status == 200, query
    await browser.get("/nb/programmes?target_group=%00")
    assert browser.status in {200, 422}


async def test_a_draft_is_nobodys_business_yet(house: Running, browser: Browser, house_make: MakeProgramme) -> None:
    await house_make("utkastet")
    await browser.get("/nb/programmes/utkastet")
    assert browser.status == 404
    await browser.get("/nb/programmes/ukjent")
    assert browser.status == 404
    await browser.get("/api/v1/programmes/utkastet")
    assert browser.status == 404


async def test_what_organisers_write_is_shown_as_text(
    house: Running, browser: Browser, house_make: MakeProgramme
) -> None:
    context = house.contexts["programmes"]
    made = await house_make("havlandet", names={"nb": "<script>alert(1)</script>"})
    await publish(context, made)
    page = await browser.get("/nb/programmes/havlandet")
    assert browser.status == 200
    assert "<script>alert" not in page
    assert place("Ytterhav").name in page
