"""How full events are, as the organisers' list says it: in each unit by itself, and no place twice."""

from __future__ import annotations

from registrations.facts import Scope, Unit
from tests.events.conftest import Person, Village, published


async def test_the_list_counts_each_unit_by_itself_and_each_place_once(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    ids = [slot["slot_id"] for slot in slots]
    await village.fill(event["event_id"], ids[0], 5, 4, 2)
    await village.fill(event["event_id"], ids[1], 5, 1)
    await village.fill(event["event_id"], ids[2], 5, 5)
    await village.fill(event["event_id"], None, 40, 12, 1, unit=Unit.PERSONS)
    await village.fill(event["event_id"], None, 100, 10, 3, unit=Unit.HOUSEHOLDS, scope=Scope.EVENT)
    await village.fill(event["event_id"], None, 30, 12, 1, unit=Unit.PERSONS, scope=Scope.EVENT)
    await organiser.asked("DELETE", f"slots/{ids[2]}")
    for lang, words in {
        "nb": ("5 av 10 husstander", "12 av 30 personer", "3 venter"),
        "en": ("5 of 10 households", "12 of 30 persons", "3 waiting"),
        "nl": ("5 van 10 huishoudens", "12 van 30 personen", "3 wachten"),
        "nn": ("5 av 10 husstandar", "12 av 30 personar", "3 ventar"),
    }.items():
        page = await organiser.page(f"/{lang}/console/blest/events")
        assert all(one in page for one in words), (lang, page)
