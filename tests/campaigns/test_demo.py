"""The demo's campaigns: planned like any other, and their links followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaigns import demo, reactions
from campaigns.demo.plan import FAIR, PLANS
from campaigns.redirect import RECORDER, Visit
from services.clock import MovedClock
from tests.campaigns.desk import FAIR as FAIR_ID
from tests.campaigns.desk import event, programme
from tests.house.people import found_programme, quick_hashes

LANGUAGES = ("nb", "nn", "en", "nl")


async def test_the_demos_links_are_followed(
    open_house: Callable[..., Any], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_hashes(monkeypatch)
    async with open_house("campaigns") as house:
        programme_id = await found_programme(house, demo.PROGRAMME)
        context = house.contexts["campaigns"]
        facts: list[tuple[Any, Any]] = [
            (reactions.keep_terms, programme(programme_id, clock, demo.PROGRAMME, languages=LANGUAGES)),
            (reactions.keep_event, event(programme_id, clock, FAIR_ID, FAIR)),
        ]
        async with context.database.transaction(programme_id) as tx:
            for react, fact in facts:
                await react(tx, fact, None)
        visits: list[Visit] = []

        async def keep(visit: Visit) -> None:
            visits.append(visit)

        monkeypatch.setattr(context.resource(RECORDER), "keep", keep)
        first = clock.now().date() + timedelta(days=60 + min(plan.starts for plan in PLANS))
        for day in range(4):
            await demo.play(context, first + timedelta(days=day))
        targets = {one.target for plan in PLANS for one in plan.appearances}
        assert visits
        assert {visit.link.target for visit in visits} <= targets
