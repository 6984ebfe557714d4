"""What events takes in, what it says anew when asked, and what must hold of it at any moment."""

from __future__ import annotations

from datetime import timedelta

from events.checks import CHECKS
from events.facts import EventCancelled, EventChanged, EventPublished, SlotClosed
from events.telling import restate
from services.routes import Role
from tests.events.conftest import Person, Village, described, programme_fact, published


async def test_restating_gives_the_present_state_of_everything(village: Village, organiser: Person) -> None:
    event, _, slots = await published(organiser)
    await organiser.asked("DELETE", f"slots/{slots[0]['slot_id']}")
    draft = await organiser.asked("POST", "events", described(titles={"nb": "Utkast"}), 201)
    gone, _, _ = await published(organiser, titles={"nb": "Avlyst", "en": "Cancelled"})
    await organiser.asked("POST", f"events/{gone['event_id']}/cancel", {"reasons": {"nb": "Storm"}})
    async with village.transaction() as tx:
        facts = [fact async for fact in restate(tx)]
    kinds = {kind: [fact for fact in facts if type(fact) is kind] for kind in {type(fact) for fact in facts}}
    assert {kind.__name__: len(those) for kind, those in kinds.items()} == {
        "EventPublished": 1, "EventChanged": 1, "EventCancelled": 1, "StandChanged": 2,
        "SlotOpened": 15, "SlotClosed": 1,
    }  # fmt: skip
    assert [str(fact.event_id) for fact in kinds[EventPublished]] == [event["event_id"]]
    assert [str(fact.event_id) for fact in kinds[EventChanged]] == [draft["event_id"]]
    assert [fact.reasons for fact in kinds[EventCancelled]] == [{"nb": "Storm"}]
    assert [str(fact.slot_id) for fact in kinds[SlotClosed]] == [slots[0]["slot_id"]]
    # The newest word that was said of each aggregate is what is said anew, but for the moment.
    newest = {
        payload.get("slot_id") or payload.get("stand_id") or payload["event_id"]: payload
        for _, _, payload in await village.outbox()
    }
    for fact in facts:
        assert {**fact.model_dump(mode="json"), "at": None} == {**newest[str(fact.identifier)], "at": None}


async def test_an_older_word_of_a_programme_does_not_replace_a_newer(village: Village, organiser: Person) -> None:
    blest, now = village.programmes["blest"], village.clock.now()
    await village.hear(programme_fact(blest, "blest", now, version=3, required_languages=("nb",)))
    await village.hear(programme_fact(blest, "blest", now, version=2, required_languages=("nb", "en", "nl")))
    bare = described(titles={"nb": "Dag"}, summaries={"nb": "En dag"}, capacity=3)
    event = await organiser.asked("POST", "events", bare, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})


async def test_events_says_so_while_it_has_not_heard_of_a_programme(village: Village) -> None:
    async with village.transaction("fjord") as tx:
        await tx.connection.execute("DELETE FROM programmes_directory WHERE programme_id = $1", tx.programme)
    organiser = await village.person("fjord", Role.ORGANISER)
    answer = await organiser.api("POST", "events", described())
    assert (answer.status, (await answer.json())["code"]) == (409, "programme-unknown")
    assert (await organiser.get("/nb/console/fjord/events/new")).status == 503
    assert (await organiser.get("/nb/console/fjord/events")).status == 200
    await village.hear(programme_fact(village.programmes["fjord"], "fjord", village.clock.now()))
    assert (await organiser.api("POST", "events", described())).status == 201


async def test_nothing_new_happens_in_a_closed_programme(village: Village, organiser: Person) -> None:
    now = village.clock.now()
    await village.hear(programme_fact(village.programmes["blest"], "blest", now, version=2, status="closed"))
    answer = await organiser.api("POST", "events", described())
    assert (answer.status, (await answer.json())["code"]) == (409, "programme-closed")


async def test_the_invariants_hold_and_find_what_breaks_them(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    moved = described(starts_at="2026-06-13T10:00", ends_at="2026-06-14T16:00", move_slots=True)
    await organiser.asked("PUT", f"events/{event['event_id']}", moved)

    async def counts() -> dict[str, int]:
        async with village.context.database.system() as tx:
            return {check.name: await check.count(tx) for check in CHECKS}

    assert await counts() == {"calendar": 0, "addresses": 0, "slots": 0}
    async with village.transaction() as tx:
        await tx.connection.execute(
            "UPDATE events SET ends_at = starts_at + interval '45 minutes', version = 9, slug = 'x'"
        )
    assert await counts() == {"calendar": 1, "addresses": 1, "slots": 7}


async def test_a_long_list_of_what_is_over_is_read_backwards(village: Village, organiser: Person) -> None:
    for number in range(3):
        await organiser.asked(
            "POST", "events", described(titles={"nb": f"N{number}"}, starts_at=f"2026-06-0{number + 1}T10:00"), 201
        )
    village.clock.move(timedelta(days=100))
    organiser = await village.person("blest", Role.ORGANISER)
    first = await organiser.asked("GET", "events", show="past", limit="2")
    second = await organiser.asked("GET", "events", show="past", limit="2", after=first["next"])
    assert [one["titles"]["nb"] for one in (*first["items"], *second["items"])] == ["N2", "N1", "N0"]
    assert second["next"] is None
