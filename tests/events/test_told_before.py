"""What pages say before something is done, and beside what was wrong: who is told, days in words, whole numbers."""

from __future__ import annotations

from html import unescape

from registrations.facts import Unit
from tests.events.conftest import Person, Village, published
from tests.events.test_console_pages import LIST
from tests.events.test_plan_page import opened
from tests.events.test_plans import fair


async def test_who_calls_an_event_off_or_moves_it_reads_first_how_many_are_told(
    village: Village, organiser: Person
) -> None:
    event, _, slots = await published(organiser)
    editor = f"{LIST}/{event['event_id']}"
    nobody = "Ingen har meldt seg på ennå, så ingen får beskjed."
    assert nobody in await organiser.page(f"{editor}/cancel")
    page = await organiser.page(editor)
    assert f"får beskjed. {nobody}" in page and "selve arrangementet, får vite om" not in page
    await village.fill(event["event_id"], slots[0]["slot_id"], 3, 2, waiting=1)
    await village.fill(event["event_id"], slots[1]["slot_id"], 1, 1)
    slots_told = "Disse får beskjed: 3 husstander med plass, 1 påmelding som venter."
    assert slots_told in await organiser.page(editor)
    await village.fill(event["event_id"], None, 90, 40, unit=Unit.PERSONS)
    told = "Disse får beskjed: 3 husstander med plass, 40 personer med plass, 1 påmelding som venter."
    assert told in await organiser.page(f"{editor}/cancel")
    page = await organiser.page(editor)
    assert slots_told in page
    own = "selve arrangementet, får vite om en ny tid. Disse får beskjed: 40 personer med plass."
    assert own in page


async def test_a_day_without_the_time_is_told_in_words(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    page = f"{LIST}/{event['event_id']}/series"
    answer = await organiser.send(page, {"starts_at": "2027-03-21T02:30", "every": "week", "times": "2"})
    text = unescape(await answer.text())
    assert answer.status == 422
    assert "finnes ikke søndag 28. mars 2027" in text and "finnes ikke 2027-03-28" not in text


async def test_a_bound_is_told_as_people_write_it(village: Village, organiser: Person) -> None:
    event, _, _ = await fair(organiser)
    path, fields = await opened(organiser, event)
    answer = await organiser.send(path, {**fields, "hall_width": "900"})
    text = unescape(await answer.text())
    assert answer.status == 422 and "Skriv 200 eller mindre" in text and "200.0" not in text
