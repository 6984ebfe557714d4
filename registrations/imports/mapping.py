"""Which column of a list is what, guessed from its header in the languages that lists are written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registrations.sentences import BANDS
from services.pages.languages import LANGUAGES, msgid, translator
from services.words import folded

FIELDS: Mapping[str, str] = {
    "name": msgid("Name"),
    "given_name": msgid("First name"),
    "family_name": msgid("Last name"),
    "email": msgid("E-mail"),
    "language": msgid("Language"),
    "adults": msgid("Adults"),
    "children": msgid("Children"),
    **BANDS,
    "group_name": msgid("Group"),
    "lives_in": msgid("Lives in"),
    "stand": msgid("Stand"),
    "session": msgid("Session"),
    "starts_at": msgid("Begins"),
}
"""What a list may say of a household. Consents are not among them: those only visitors themselves can give."""

WORDS: Mapping[str, str] = {
    "name": "navn, namn, naam, full name, fullt navn, fullt namn, volledige naam, deltaker, deltakar, participant",
    "given_name": "fornavn, førenamn, first name, given name, voornaam",
    "family_name": "etternavn, etternamn, last name, family name, surname, achternaam",
    "email": "e-post, epost, e-postadresse, epostadresse, email, e-mail, mail, mailadresse, e-mailadres, email address",
    "language": "språk, language, taal, sprog",
    "adults": "voksne, vaksne, antall voksne, adults, volwassenen, aantal volwassenen, tal på vaksne",
    "children": "born, antall barn, tal på barn, tal på born, number of children, aantal kinderen",
    "children_0_2": "barn 0-2, born 0-2, children 0-2, kinderen 0-2",
    "children_3_5": "barn 3-5, born 3-5, children 3-5, kinderen 3-5",
    "children_6_12": "barn 6-12, born 6-12, children 6-12, kinderen 6-12",
    "children_13_17": "barn 13-17, born 13-17, children 13-17, kinderen 13-17",
    "group_name": "gruppenavn, gruppenamn, group name, groepsnaam, klasse, skoleklasse, skuleklasse, class, klas",
    "lives_in": "bosted, bustad, bor i, bur i, sted, residence, lives in, city, town, woonplaats, woont in",
    "stand": "stand, stands",
    "session": "økt, sesjon, sessie, programpunkt, foredrag",
    "starts_at": "tid, tidspunkt, begynner, byrjar, time, slot, begins, starts, tijd, tijdstip, begint",
}
CONSENT = {"samtykke", "samtykkje", "consent", "toestemming", "nyhetsbrev", "newsletter", "nieuwsbrief"}


def _key(text: str) -> str:
    return " ".join(folded(text))


def _known(further: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, label in FIELDS.items():
        names = [field, *WORDS[field].split(","), *(translator(lang)(label) for lang in LANGUAGES)]
        for name in names:
            found.setdefault(_key(name), field)
    for field, words in further.items():
        for name in words:
            found.setdefault(_key(name), field)
    return found


def guessed(header: Sequence[str], further: Mapping[str, Sequence[str]] | None = None) -> dict[str, int]:
    """Field → number of its column, from 0; each column is one thing at most, and the first that fits is taken.
    `further` are fields of this event alone, with what they are called."""
    known = _known(further or {})
    found: dict[str, int] = {}
    for number, name in enumerate(header):
        field = known.get(_key(name))
        if field is not None:
            found.setdefault(field, number)
    if "name" in found and "given_name" in found:
        del found["given_name"]  # "Navn" beside "Fornavn" is the whole name in some lists and the family's in others
        found.pop("family_name", None)
    return found


def unread(header: Sequence[str], columns: Mapping[str, int], told: Sequence[str] = ()) -> list[str]:
    """Columns that are taken for nothing, in the order of the file, so that nobody loses what is in them unknowing;
    `told` are those of which it is said already."""
    taken = set(columns.values())
    return [name for number, name in enumerate(header) if name and number not in taken and name not in told]


def consent_columns(header: Sequence[str], wordings: Sequence[str] = ()) -> list[str]:
    """Columns that look like a consent, or are called as one of this event, to say of them that they are left out."""
    asked = {_key(one) for one in wordings}
    return [name for name in header if CONSENT & set(folded(name)) or _key(name) in asked]
