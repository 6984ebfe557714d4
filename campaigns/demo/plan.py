"""What the demo's marketing plans: two campaigns and their appearances, in days around the fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FAIR = "emigratiebeurs"
HOMECOMING = "hjemkomstdag"


@dataclass(frozen=True, slots=True)
class Appearance:
    names: Mapping[str, str]
    channel: Any
    place: str
    target: str
    language: Any
    visits: int
    """Per day, on average."""
    costs: Sequence[tuple[str, int]]
    copies: int | None = None
    impressions: int = 0
    """Per week, at the most."""
    source: Any = "imported"
    origin: str = ""
    later_target: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    names: Mapping[str, str]
    objectives: Mapping[str, str]
    starts: int
    """Days from the fair; negative is before."""
    ends: int
    budget: int
    goal: int
    for_whom: Sequence[str]
    appearances: Sequence[Appearance] = field(default_factory=tuple)


PLANS = (
    Plan(
        names={
            "nb": "Nederlandske familier",
            "nn": "Nederlandske familiar",
            "en": "Dutch families",
            "nl": "Nederlandse gezinnen",
        },
        objectives={
            "nb": "Få førti familier til å sette av tid på standen vår.",
            "nn": "Få førti familiar til å setje av tid på standen vår.",
            "en": "Have forty families book a talk at our stand.",
            "nl": "Veertig gezinnen een gesprek op onze stand laten reserveren.",
        },
        starts=-60,
        ends=1,
        budget=140_000,
        goal=40,
        for_whom=("Barnefamilier", "Flyttere fra Nederland"),
        appearances=(
            Appearance(
                names={
                    "nb": "Brosjyre til messen",
                    "nn": "Brosjyre til messa",
                    "en": "Brochure for the fair",
                    "nl": "Brochure voor de beurs",
                },
                channel="brochure",
                place="Utrecht",
                target=f"/events/{FAIR}",
                language="nl",
                visits=3,
                costs=(("Trykk", 28_500), ("Oversettelse", 6_200)),
                copies=4_000,
            ),
            Appearance(
                names={
                    "nb": "Annonse i utvandrerblad",
                    "nn": "Annonse i utvandrarblad",
                    "en": "Ad in an emigrants' magazine",
                    "nl": "Advertentie in emigratieblad",
                },
                channel="print_ad",
                place="Nederland",
                target=f"/events/{FAIR}",
                language="nl",
                visits=1,
                costs=(("Halvside", 31_000),),
                impressions=9_000,
                source="estimated",
                origin="Opplag × 1,5 lesere",
            ),
            Appearance(
                names={"nb": "Annonse på nett", "nn": "Annonse på nett", "en": "Online ad", "nl": "Online advertentie"},
                channel="online_ad",
                place="Nederland og Flandern",
                target=f"/events/{FAIR}",
                language="nl",
                visits=6,
                costs=(("Visninger", 24_000),),
                impressions=42_000,
                origin="Rapport fra annonsenettverket",
            ),
            Appearance(
                names={
                    "nb": "Plakat i norsk butikk",
                    "nn": "Plakat i norsk butikk",
                    "en": "Poster at a Norwegian shop",
                    "nl": "Poster in een Noorse winkel",
                },
                channel="poster",
                place="Amersfoort",
                target=f"/events/{FAIR}",
                language="nl",
                visits=1,
                costs=(("Trykk og porto", 1_900),),
                copies=12,
            ),
        ),
    ),
    Plan(
        names={
            "nb": "Kom hjem til havet",
            "nn": "Kom heim til havet",
            "en": "Come home to the sea",
            "nl": "Kom thuis aan zee",
        },
        objectives={
            "nb": "Få utflyttere til å komme på åpen bygdehelg og hjemkomstdag.",
            "nn": "Få utflyttarar til å kome på open bygdehelg og heimkomstdag.",
            "en": "Have those who moved away come to the open village weekend and the homecoming day.",
            "nl": "Mensen die vertrokken zijn naar het open dorpsweekend en de thuiskomdag laten komen.",
        },
        starts=40,
        ends=240,
        budget=95_000,
        goal=120,
        for_whom=("Potensielle tilbakeflyttere", "Ungdom"),
        appearances=(
            Appearance(
                names={
                    "nb": "Annonse i sosiale medier",
                    "nn": "Annonse i sosiale medium",
                    "en": "Ad on social media",
                    "nl": "Advertentie op sociale media",
                },
                channel="social",
                place="Tromsø, Oslo og Bergen",
                target="/events",
                language=None,
                visits=5,
                costs=(("Visninger", 22_000),),
                impressions=30_000,
                origin="Rapport fra plattformen",
                later_target=f"/events/{HOMECOMING}",
            ),
            Appearance(
                names={
                    "nb": "Plakat på butikken",
                    "nn": "Plakat på butikken",
                    "en": "Poster at the shop",
                    "nl": "Poster bij de winkel",
                },
                channel="poster",
                place="Butikken på kaia",
                target="/events",
                language="nb",
                visits=2,
                costs=(("Trykk", 1_200),),
                copies=40,
                later_target=f"/events/{HOMECOMING}",
            ),
            Appearance(
                names={
                    "nb": "Brev til utflyttere",
                    "nn": "Brev til utflyttarar",
                    "en": "Letter to those who moved away",
                    "nl": "Brief aan vertrokken inwoners",
                },
                channel="newsletter",
                place="Hele landet",
                target="/events",
                language="nb",
                visits=3,
                costs=(("Porto", 14_800), ("Trykk", 5_400)),
                copies=900,
                later_target=f"/events/{HOMECOMING}",
            ),
            Appearance(
                names={
                    "nb": "Annonse i avisa",
                    "nn": "Annonse i avisa",
                    "en": "Newspaper ad",
                    "nl": "Krantenadvertentie",
                },
                channel="print_ad",
                place="Nord-Troms",
                target="/programmes/blest-i-havlandet",
                language="nb",
                visits=0,
                costs=(("Kvartside", 9_800),),
                impressions=6_000,
                source="estimated",
                origin="Opplag × 2 lesere",
            ),
        ),
    ),
)
