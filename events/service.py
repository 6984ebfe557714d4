"""events: what happens, when and where, with its stands and their slots. Read this first."""

from __future__ import annotations

from events import facts, reactions, telling
from programmes.facts import ProgrammeChanged
from registrations.facts import PlacesChanged
from services.service import Reaction, Service

SERVICE = Service(
    name="events",
    purpose="What happens: events, when and where they are, their stands and slots",
    order=20,
    facts=(
        facts.EventChanged,
        facts.EventPublished,
        facts.EventCancelled,
        facts.StandChanged,
        facts.SlotOpened,
        facts.SlotMoved,
        facts.SlotClosed,
    ),
    reactions=(
        Reaction(
            "programmes",
            (ProgrammeChanged,),
            reactions.take_in_programme,
            projection=True,
            tables=("programmes_directory",),
        ),
        Reaction("places", (PlacesChanged,), reactions.take_in_places, projection=True, tables=("places",)),
    ),
    restate=telling.restate,
)
