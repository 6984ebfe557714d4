"""events: what happens, when and where, with its stands and their slots. Read this first."""

from __future__ import annotations

from events import demo, facts, reactions, telling
from events.api.routes import API
from events.checks import CHECKS
from events.pages.routes import PAGES
from events.pages.shared import SHARED
from events.tasks import TASKS
from programmes.facts import ProgrammeChanged
from registrations.facts import PlacesChanged
from services.pages.languages import msgid
from services.routes import Role
from services.service import NavigationItem, Panel, Reaction, Retention, Service, SiteItem

SERVICE = Service(
    name="events",
    purpose="What happens: events, when and where they are, their stands and slots",
    order=20,
    routes=(*PAGES, *API),
    facts=(
        facts.EventChanged,
        facts.EventPublished,
        facts.EventCancelled,
        facts.StandChanged,
        facts.SlotOpened,
        facts.SlotMoved,
        facts.SlotClosed,
        facts.ShiftChanged,
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
    site=(SiteItem(msgid("Events"), "events", order=10),),
    navigation=(NavigationItem(msgid("Events"), "events", "events", frozenset(Role), order=30),),
    panels=(
        Panel("events-next", msgid("What happens next"), frozenset(Role), order=10),
        Panel("events-shifts", msgid("My shifts"), frozenset(Role), order=20),
        Panel("events-drafts", msgid("Drafts"), frozenset({Role.ORGANISER}), order=30),
    ),
    tasks=TASKS,
    resources=(SHARED,),
    retention=(
        Retention("shifts", "Who stood at which stand, and when: half a year after the shift.", "forget-shifts"),
    ),
    checks=CHECKS,
    restate=telling.restate,
    subjects={"event": "events/{id}"},
    demo=demo.play,
)
