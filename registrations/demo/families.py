"""The demo's people, all invented: who they are, who comes along, where they live, what they look for."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registrations.demo.dice import dice, one_of
from registrations.domain.applications import Person
from registrations.domain.consents import Purpose
from registrations.domain.household import Household

FIRST: Mapping[str, Sequence[str]] = {
    "nl": (
        "Sanne", "Daan", "Anouk", "Jeroen", "Lotte", "Bram", "Femke", "Ruben", "Marloes", "Tijs", "Ilse", "Joost",
        "Esther", "Wouter", "Nienke", "Sjoerd", "Hanneke", "Maarten", "Roos", "Gijs",
    ),
    "nb": (
        "Ingrid", "Ola", "Kari", "Per", "Solveig", "Jonas", "Åse", "Lars", "Øyvind", "Marte", "Håkon", "Sigrid",
        "Tormod", "Ane", "Bjørn", "Live", "Emil", "Gro", "Mikkel", "Ragnhild",
    ),
    "en": ("Emma", "Tomasz", "Aisha", "Lukas", "Maria", "James", "Katrin", "Oleh", "Fatima", "Peter"),
}  # fmt: skip
LAST: Mapping[str, Sequence[str]] = {
    "nl": (
        "de Vries", "Bakker", "Jansen", "Visser", "Mulder", "de Boer", "Dijkstra", "Hoekstra", "Smit", "van Dam",
        "Kuipers", "Postma", "van den Berg", "Brouwer", "Veenstra", "Zijlstra", "Wiersma", "Schouten",
    ),
    "nb": (
        "Hansen", "Nilsen", "Berg", "Ås", "Øien", "Ellingsen", "Strand", "Fjellheim", "Mikalsen", "Kristoffersen",
        "Nordgård", "Aune", "Havn", "Solli", "Eriksen", "Lyngstad", "Sand", "Ytterøy",
    ),
    "en": ("Becker", "Kowalski", "Rahman", "Schmidt", "Novak", "Wilson", "Lindqvist", "Shevchenko", "Ali", "Moore"),
}  # fmt: skip
LIVES_IN: Mapping[str, Sequence[str]] = {
    "nl": ("Utrecht", "Groningen", "Drenthe", "Rotterdam", "Friesland", "Gent", "Apeldoorn", "Zwolle"),
    "nb": ("Oslo", "Tromsø", "Bergen", "Trondheim", "Harstad", "Stavanger", "Drammen", "Bodø"),
    "en": ("Hamburg", "Gdańsk", "Oslo", "Berlin", "Kyiv", "Leeds", "Tromsø"),
}
MOVING = [("this_year", 2.0), ("one_to_two_years", 4.0), ("later", 2.0), ("thinking", 3.0), (None, 2.0)]
HEARD_OF = [
    ("brochure", 3.0),
    ("web", 3.0),
    ("social_media", 3.0),
    ("family_or_friends", 4.0),
    ("fair", 1.0),
    ("poster", 1.0),
    ("employer", 1.0),
    (None, 3.0),
]
HOUSEHOLDS = [
    (Household(1), 3.0),
    (Household(2), 4.0),
    (Household(2, children_0_2=1), 2.0),
    (Household(2, children_3_5=1, children_6_12=1), 4.0),
    (Household(2, children_6_12=2), 3.0),
    (Household(2, children_6_12=1, children_13_17=1), 2.0),
    (Household(1, children_6_12=1), 1.0),
    (Household(2, children_0_2=1, children_3_5=1, children_6_12=1), 1.0),
]


@dataclass(frozen=True, slots=True)
class Family:
    person: Person
    household: Household
    lives_in: str | None
    moving: str | None
    looking_for: tuple[str, ...]
    heard_of: str | None
    consents: tuple[Purpose, ...]
    groups: tuple[UUID, ...]


def language_for(slug: str, rolls: random.Random) -> str:
    """Who comes to an event: mostly Dutch to the fair, mostly Norwegians home."""
    abroad = slug == "emigratiebeurs"
    return one_of(
        rolls, [("nl", 8.0 if abroad else 1.0), ("nb", 0.5 if abroad else 8.0), ("en", 1.5 if abroad else 1.0)]
    )


def family(rolls: random.Random, language: str, day: date, number: int, groups: Sequence[UUID]) -> Family:
    """One family; its address is never that of another."""
    first, last = rolls.choice(FIRST[language]), rolls.choice(LAST[language])
    local = _ascii(f"{first}.{last}".lower().replace(" ", ""))
    chance = {Purpose.FOLLOW_UP: 0.65, Purpose.NEWS: 0.3}
    return Family(
        person=Person(f"{first} {last}", f"{local}.{day:%y%m%d}{number:02}@example.org", language),
        household=one_of(rolls, HOUSEHOLDS),
        lives_in=rolls.choice(LIVES_IN[language]) if rolls.random() < 0.8 else None,
        moving=one_of(rolls, MOVING),
        looking_for=_looking_for(day, number),
        heard_of=one_of(rolls, HEARD_OF),
        consents=tuple(purpose for purpose, often in chance.items() if rolls.random() < often),
        groups=tuple(rolls.sample(list(groups), k=min(len(groups), rolls.choice((0, 1, 1, 2))))),
    )


def _looking_for(day: date, number: int) -> tuple[str, ...]:
    rolls = dice(day, "looks for", str(number))
    weighted = {"jobs": 0.5, "housing": 0.45, "school": 0.3, "childcare": 0.2, "farms": 0.15, "language": 0.15}
    return tuple(topic for topic, often in weighted.items() if rolls.random() < often)


def _ascii(text: str) -> str:
    return "".join({"æ": "ae", "ø": "o", "å": "a", "ń": "n"}.get(letter, letter) for letter in text)


# What is talked about ---------------------------------------------------------------------------------------------

TALKS = (
    ("Ser etter småbruk med plass til to hester. Han er snekker, hun underviser i musikk.", "småbruk, håndverk"),
    ("Sykepleier med ti års erfaring, vil ha jobb på helsehuset før de flytter.", "sykepleier, jobb"),
    ("Barna er sju og ni. Spurte mest om skolen, skyssen og om noen snakker engelsk.", "skole, familie"),
    ("Vil leie et år før de kjøper. Kan begge jobbe hjemmefra.", "leie, fjernarbeid"),
    ("Vokste opp i Ytterhav. Samboeren er fra byen og er mer usikker.", "tilbakeflytter"),
    ("Elektriker. Arbeidsgiver må ordne bolig den første tiden.", "elektriker, bolig"),
    ("Driver gårdsutsalg i dag, lurer på ysteri. Trenger å snakke med landbrukskontoret.", "gård, gründer"),
    ("Ungdom som studerer havbruk, ser etter lærlingplass.", "ungdom, havbruk"),
    ("Vil vite hvordan mørketida er, ærlig talt. Kommer gjerne på besøk i januar.", "besøk"),
    ("Lærer og brannmann. To ledige stillinger nevnt, begge interesserte.", "lærer, jobb"),
)
PROMISES = (
    "Sende lista over hus til leie",
    "Sette dem i kontakt med rektor",
    "Høre med helsehuset om stilling",
    "Sende brosjyre på nederlandsk",
    None,
    None,
)
NEXT_STEPS = (
    "Ringe og høre hvordan det går",
    "Sende ledige stillinger",
    "Avtale besøkshelg",
    "Sende svar om barnehageplass",
    "Sette opp møte med arbeidsgiver",
)
QUESTIONS = (
    "Vi er en familie på fire som vurderer å flytte nordover. Finnes det hus å leie?",
    "Er det behov for lærere hos dere fra høsten?",
    "Zijn er Nederlandse gezinnen die al bij jullie wonen?",
    "Jeg er tømrer og vil gjerne flytte hjem. Hvem snakker jeg med?",
    None,
)
