"""Several dates under one attempt: made once, and whoever sends something else under it is told so."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import UUID

from events.commands import series
from events.domain.series_inputs import SeriesInput
from tests.events.conftest import Person, Village, published
from tests.events.test_series import ATTEMPT, LIST, WEEKLY, begins, events_of


async def test_the_same_attempt_makes_them_once_also_at_the_same_moment(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    asked = SeriesInput(**WEEKLY, attempt=ATTEMPT)

    async def once() -> series.Series:
        async with village.transaction() as tx:
            return await series.make_series(tx, UUID(event["event_id"]), asked)

    found = await asyncio.gather(*(once() for _ in range(4)))
    assert sorted(one.new for one in found) == [False, False, False, True]
    assert len({tuple(event.event_id for event in one.events) for one in found}) == 1
    assert await events_of(village) == 4
    answer = await organiser.asked("POST", f"events/{event['event_id']}/series", {**WEEKLY, "attempt": ATTEMPT})
    assert not answer["new"] and begins(answer)[0] == "2026-10-17T08:00:00Z"
    other, _, _ = await published(organiser)
    refused = await organiser.api("POST", f"events/{other['event_id']}/series", {**WEEKLY, "attempt": ATTEMPT})
    assert (refused.status, (await refused.json())["code"]) == (409, "attempt-used")


async def test_an_attempt_that_made_other_dates_makes_none_and_says_so(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    path = f"events/{event['event_id']}/series"
    await organiser.asked("POST", path, {**WEEKLY, "attempt": ATTEMPT}, 201)
    by_hand = {"dates": ["2026-10-31T10:00", "2026-10-17T10:00", "2026-10-24T08:00:00Z"], "attempt": ATTEMPT}
    assert not (await organiser.asked("POST", path, by_hand))["new"], "the same moments, written otherwise"
    refused = await organiser.api("POST", path, {**WEEKLY, "times": 4, "attempt": ATTEMPT})
    told = await refused.json()
    assert (refused.status, told["code"]) == (409, "attempt-used")
    assert [(one["field"], one["code"]) for one in told["errors"]] == [("attempt", "attempt-used")]
    assert await events_of(village) == 4


async def test_an_attempt_that_made_drafts_publishes_nothing_and_the_other_way_round(
    village: Village, organiser: Person
) -> None:
    event, _, _ = await published(organiser)
    path = f"events/{event['event_id']}/series"
    for first, attempt in ((False, ATTEMPT), (True, str(UUID(int=78)))):
        made = await organiser.asked("POST", path, {**WEEKLY, "attempt": attempt, "publish": first}, 201)
        refused = await organiser.api("POST", path, {**WEEKLY, "attempt": attempt, "publish": not first})
        told = await refused.json()
        assert (refused.status, told["code"]) == (409, "attempt-used")
        assert [(one["field"], one["code"]) for one in told["errors"]] == [("attempt", "attempt-used")]
        again = await organiser.asked("POST", path, {**WEEKLY, "attempt": attempt, "publish": first})
        assert not again["new"] and again["events"] == made["events"]
    assert await events_of(village) == 7


async def test_dates_made_before_their_choice_of_publishing_was_kept_are_the_same_with_either(
    village: Village, organiser: Person
) -> None:
    event, _, _ = await published(organiser)
    path = f"events/{event['event_id']}/series"
    await organiser.asked("POST", path, {**WEEKLY, "attempt": ATTEMPT}, 201)
    async with village.transaction() as tx:
        await tx.connection.execute("UPDATE series SET publish = NULL")
    for publish in (False, True):
        again = await organiser.asked("POST", path, {**WEEKLY, "attempt": ATTEMPT, "publish": publish})
        assert not again["new"]


async def test_on_the_page_drafts_that_are_now_to_be_published_are_not_said_to_be(
    village: Village, organiser: Person
) -> None:
    event, _, _ = await published(organiser)
    path = f"{LIST}/{event['event_id']}/series"
    typed = {**WEEKLY, "attempt": ATTEMPT, "then": "make", "ticked": ["2026-10-17T10:00"]}
    assert (await organiser.send(path, typed)).status == 303
    answer = await organiser.send(path, {**typed, "publish": "on"})
    assert answer.status == 422 and "et annet valg om publisering" in await answer.text()
    assert await events_of(village) == 2


async def test_the_same_dates_are_the_same_also_once_the_first_has_begun(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    path, body = f"events/{event['event_id']}/series", {**WEEKLY, "attempt": ATTEMPT}
    await organiser.asked("POST", path, body, 201)
    async with village.transaction() as tx:
        asked = SeriesInput(**body)
        tx.moment += timedelta(days=400)
        assert not (await series.make_series(tx, UUID(event["event_id"]), asked)).new


async def test_on_the_page_other_dates_are_made_by_pressing_again(village: Village, organiser: Person) -> None:
    event, _, _ = await published(organiser)
    path = f"{LIST}/{event['event_id']}/series"
    typed = {**WEEKLY, "attempt": ATTEMPT, "then": "make"}
    await organiser.send(path, {**typed, "ticked": ["2026-10-17T10:00"]})
    other = {**typed, "ticked": ["2026-10-24T10:00", "2026-10-31T10:00"]}
    answer = await organiser.send(path, other)
    page = await answer.text()
    assert answer.status == 422 and "har laget andre datoer før" in page
    assert page.count('form="series" checked') == 2 and await events_of(village) == 2
    (fresh,) = re.findall(r'name="attempt" value="([^"]+)"', page)
    assert fresh != ATTEMPT
    assert (await organiser.send(path, {**other, "attempt": fresh})).status == 303
    assert await events_of(village) == 4
