"""What the demo's events ask of those who book, and what the families answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID, uuid5

from registrations.commands import questions
from registrations.commands.answers import questions_of
from registrations.demo.stage import Event, Stage
from registrations.domain.answers import Given
from registrations.domain.household import Household
from registrations.domain.questions import Kind, Option, Question

Texts = Mapping[str, str]

SOUP: Texts = {
    "nb": "Spiser dere fiskesuppe med oss?",
    "nn": "Et de fiskesuppe med oss?",
    "en": "Will you have fish soup with us?",
    "nl": "Eten jullie vissoep met ons mee?",
}
SOUP_HINT: Texts = {
    "nb": "Den er gratis, og vi koker etter hvor mange som sier ja.",
    "nn": "Ho er gratis, og vi kokar etter kor mange som seier ja.",
    "en": "It costs nothing, and we cook for as many as say yes.",
    "nl": "Die is gratis, en we koken voor wie ja zegt.",
}
YES: Texts = {"nb": "Ja takk", "nn": "Ja takk", "en": "Yes, please", "nl": "Ja, graag"}
NO: Texts = {"nb": "Nei takk", "nn": "Nei takk", "en": "No, thank you", "nl": "Nee, dank je"}
BOWLS: Texts = {
    "nb": "Hvor mange tallerkener?",
    "nn": "Kor mange tallerkar?",
    "en": "How many bowls?",
    "nl": "Hoeveel borden?",
}
PHOTOS: Texts = {
    "nb": "Dere kan ta bilder av oss på dagen og vise dem på nettsidene til kommunen. Jeg kan trekke dette tilbake.",
    "nn": "De kan ta bilete av oss på dagen og vise dei på nettsidene til kommunen. Eg kan trekkje dette tilbake.",
    "en": "You may take pictures of us on the day and show them on the municipality's website. I can take this back.",
    "nl": "Jullie mogen die dag foto's van ons maken en ze op de website van de gemeente tonen. Ik kan dit intrekken.",
}
ASKING = ("hjemkomstdag",)
"""The events that ask something."""


async def ask(stage: Stage, event: Event) -> bool:
    """Let an event ask its questions, once; whether it asks any."""
    if event.slug not in ASKING:
        return False
    async with stage.context.database.transaction(stage.programme_id) as tx:
        if not await questions_of(tx, event.id):
            for one in _questions(event.id):
                await questions.add(tx, event.id, one)
    return True


def answers(event: Event, household: Household, rolls: random.Random) -> Given:
    """What a family answers: most of them eat, and half of them may be photographed."""
    said = {_id(event.id, "soup"): ["no"]}
    if rolls.random() < 0.7:
        said = {_id(event.id, "soup"): ["yes"], _id(event.id, "bowls"): [str(household.persons)]}
    if rolls.random() < 0.5:
        said[_id(event.id, "photos")] = ["1"]
    return said


def _questions(event_id: UUID) -> list[Question]:
    soup = _id(event_id, "soup")
    options = (Option("yes", YES), Option("no", NO))
    return [
        Question(soup, 1, Kind.CHOICE, SOUP, required=True, hints=SOUP_HINT, options=options),
        Question(
            _id(event_id, "bowls"),
            2,
            Kind.NUMBER,
            BOWLS,
            required=True,
            least=Decimal(1),
            most=Decimal(12),
            shown_when=soup,
            shown_for=("yes",),
        ),
        Question(_id(event_id, "photos"), 3, Kind.CONSENT, PHOTOS),
    ]


def _id(event_id: UUID, name: str) -> UUID:
    return uuid5(event_id, f"question {name}")
