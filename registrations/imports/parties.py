"""Who comes, as a row of a list says it: a household or a group, its children by age or by their number alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel, ValidationError

from registrations.domain.household import Household
from registrations.imports.choices import Choice
from registrations.inputs import Children, Crowd, Email, Language, Line, Many, Name, Party
from registrations.sentences import BANDS
from services.pages.languages import ENDONYMS, LANGUAGES, Translate, explain, msgid
from services.words import folded

NO_AGES = msgid(
    "The list does not say how old {count} of them are. "
    "Fill in {columns}, or choose one age group for all such children."
)
TOO_FEW = msgid("The age groups come to {count} together. Make the numbers agree.")
UNKNOWN_LANGUAGE = msgid("We do not know this language. Write one of {names}.")
_SPOKEN = {
    "nb": "norsk, bokmål, norwegian, noors, no",
    "nn": "nynorsk",
    "en": "english, engelsk, engels",
    "nl": "nederlands, nederlandsk, dutch, hollandsk",
}


class Wrong(Exception):
    """A field that must be mended. `said` is the sentence why, already translated."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(field)
        self.field = field
        self.said = said


class _Said(BaseModel):
    """What a row says beside who comes, checked as the form's fields are."""

    name: Name
    email: Email
    language: Language
    lives_in: Line = None
    group_name: Line = None


class SaidHousehold(Party, _Said):
    children: Children | None = None
    """All of them, also those whose ages are said."""


class SaidGroup(Crowd, _Said):
    children: Many | None = None


def party_of(said: Mapping[str, str], choice: Choice, translate: Translate) -> SaidHousehold | SaidGroup:
    """What a row says of those who come; raises `Wrong`. One with the name of a group is a group."""
    model = SaidGroup if said.get("group_name") else SaidHousehold
    language = said.get("language", "")
    given = {field: value for field, value in said.items() if value and field in model.model_fields}
    given |= {
        "name": said.get("name") or f"{said.get('given_name', '')} {said.get('family_name', '')}",
        "email": said.get("email", ""),
        "language": _CODES.get(" ".join(folded(language)), language) if language else choice.language,
    }
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "name"
        if field == "language":
            raise Wrong(field, translate(UNKNOWN_LANGUAGE, names=", ".join(ENDONYMS.values()))) from error
        raise Wrong(field, explain(first, translate)) from error


def children_of(party: SaidHousehold | SaidGroup) -> int:
    """How many children come, whether or not their ages are said."""
    return max(party.children or 0, party.household().children)


def without_ages(party: SaidHousehold | SaidGroup) -> int:
    """Of how many children a row does not say how old they are."""
    return children_of(party) - party.household().children


def household_of(party: SaidHousehold | SaidGroup, choice: Choice, translate: Translate) -> Household:
    """The household with its children in their age bands; raises `Wrong` where their number and their ages disagree,
    or nobody has said what ages to put the others down with."""
    household = party.household()
    if party.children is not None and party.children < household.children:
        raise Wrong("children", translate(TOO_FEW, count=household.children))
    rest = without_ages(party)
    if not rest:
        return household
    if choice.children_band is None:
        columns = ", ".join(map(translate, BANDS.values()))
        raise Wrong("children", translate(NO_AGES, count=rest, columns=columns))
    return replace(household, **{choice.children_band: getattr(household, choice.children_band) + rest})


def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for code in LANGUAGES:
        names = [code, ENDONYMS[code], *_SPOKEN[code].split(",")]
        found.update((" ".join(folded(name)), code) for name in names)
    return found


_CODES = _codes()
