"""Answers brought in with a list of people: what a row may say, and what it may not."""

from __future__ import annotations

from registrations.domain.questions import Kind
from services.routes import Role
from tests.registrations.asked import BED, EVERY, PHOTOS, SIGHTS, ask_for, question
from tests.registrations.bringing import HEADER, fair, fates, going, sent
from tests.registrations.desks import Desk
from tests.registrations.lists import csv_of


async def test_a_list_may_hold_answers_in_anybodys_words_and_no_consents(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    event = await fair(desk)
    day = question(Kind.DATE, "When?")
    await ask_for(desk.world, event.event_id, *EVERY, day)
    asked = [one.labels["en"] for one in (BED, SIGHTS, PHOTOS, day)]
    page = await sent(
        desk,
        csv_of(
            (*HEADER, *asked),
            ("Anna", "anna@example.org", 2, "Hotel (nb)", "farm; Harbour", "yes", "46519"),
            ("Bo", "bo@example.org", 1, "", "", "", ""),
            ("Cy", "cy@example.org", 1, "On the moon", "", "", ""),
            ("Dy", "dy@example.org", 1, "hotel", "", "", "soon"),
        ),
    )
    assert [one.split(":")[0] for one in fates(page)] == ["Will be booked", "Will be booked", *["Must be mended"] * 2]
    assert "Where do you sleep?: Choose one of the options." in page.text
    assert PHOTOS.labels["en"] in page.text, "it is said of this column that it is left out"
    await desk.send(*going(page), follow=True)
    rows = await desk.world.rows(
        "SELECT q.labels ->> 'en' AS label, a.value, a.given_through FROM people.answers a"
        " JOIN questions q ON q.id = a.question_id ORDER BY q.position"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Where do you sleep?", "hotel", "import"),
        ("What would you see?", ["harbour", "farm"], "import"),
        ("When?", "2027-05-12", "import"),
    ]
    assert await desk.world.rows("SELECT 1 FROM people.question_consents") == []
