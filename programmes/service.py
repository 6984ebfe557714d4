"""programmes: who recruits: programmes, municipalities, working groups, partners, target groups, the catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator

from programmes import demo, records
from programmes.api.routes import API
from programmes.domain import told
from programmes.facts import ProgrammeChanged
from programmes.pages.routes import PAGES
from programmes.reactions import REACTIONS
from programmes.tasks import OFFICE, TASKS
from services.database import Transaction
from services.facts import Fact
from services.pages.languages import msgid
from services.routes import Role
from services.service import Check, NavigationItem, Panel, Service, SiteItem

READERS = frozenset({Role.ORGANISER, Role.MARKETING, Role.READER})


async def restate(tx: Transaction) -> AsyncIterator[Fact]:
    """The programme of the transaction, as it is now."""
    programme = await records.programme(tx)
    yield told(programme, programme.changed_at)


async def out_of_step(tx: Transaction) -> int:
    return int(await records.queries.out_of_step(tx.connection))


SERVICE = Service(
    name="programmes",
    order=10,
    purpose="who recruits: programmes, municipalities, working groups, partners, target groups, the catalogue",
    routes=(*PAGES, *API),
    facts=(ProgrammeChanged,),
    reactions=REACTIONS,
    tasks=TASKS,
    site=(SiteItem(msgid("Programmes"), "programmes", order=20),),
    navigation=(NavigationItem(msgid("Programme"), "programme", "programme", READERS, order=20),),
    panels=(
        Panel("tasks", msgid("Tasks"), READERS, order=20),
        Panel("goal", msgid("Inhabitants"), READERS, order=80),
    ),
    retention=(OFFICE,),
    checks=(
        Check(
            "catalogue",
            "Every published or closed programme has its entry in the catalogue, and no other.",
            out_of_step,
        ),
    ),
    restate=restate,
    subjects={"programme": "programme", "working_group": "programme/groups/{id}"},
    demo=demo.play,
)
