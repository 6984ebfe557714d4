"""An organiser sees what is kept of people and who took it out, and erases what is past its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registrations.commands import people
from registrations.domain.consents import Purpose
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_visitors import audited, everybody, kept

PAGE = "/en/console/havlandet/privacy"


async def test_the_page_counts_what_is_kept_and_names_nobody(desk: Desk) -> None:
    names = await everybody(desk)
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await people.give_consent(tx, names["Sanne de Vries"], Purpose.NEWS, "nl", "form")
        await people.give_consent(tx, names["Ola Nordmann"], Purpose.NEWS, "nb", "form")
        await people.withdraw_consent(tx, names["Ola Nordmann"], Purpose.NEWS)
    await desk.sign_in(Role.ORGANISER)
    page = (await desk.get(PAGE)).text
    figures = {_text(part, "dt"): _text(part, "dd") for part in page.split('<dl class="stat">')[1:]}
    assert figures["People with name and address"] == "3"
    assert figures["Wrote to hear more"] == "1"
    assert figures["Forgotten"] == "0"
    assert "Nobody is due to be forgotten within 30 days." in page
    row = page.partition("Send me news about jobs")[2].partition("</tr>")[0]
    assert row.count(">1</td>") == 2, "one holds, one was taken back"
    assert "120 days after the last event" in page
    assert [name for name in names if name in page] == []
    assert "Nobody has exported anything." in page


def _text(part: str, tag: str) -> str:
    """What the first such tag of a part says, without what is around it."""
    inner = part.partition(f"<{tag}")[2].partition(">")[2].partition(f"</{tag}>")[0]
    return inner.partition(">")[2].partition("<")[0] if inner.startswith("<") else inner.strip()


async def test_what_is_past_its_time_is_erased_at_once_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everybody(desk)
    await desk.sign_in(Role.ORGANISER)
    assert (await desk.fill_in(await desk.get(PAGE), "/privacy/run")).status == 303
    assert len(await kept(desk)) == 3, "nobody's time is over"
    for name in ("VISITOR_KEPT", "INTEREST_KEPT"):
        monkeypatch.setattr(f"registrations.commands.forgetting.{name}", timedelta(0))
    page = await desk.get(PAGE)
    assert "3 people are forgotten within 30 days" in page.text
    desk.world.clock.move_to(desk.world.clock.now() + timedelta(minutes=5))
    sent = await desk.fill_in(page, "/privacy/run")
    assert "erased; 2 people are forgotten." in (await desk.get(sent.headers["Location"])).text
    assert await kept(desk) == {"Sanne de Vries"}, "her event is still to come"
    assert await audited(desk, "retention.") == [("retention.run", f"programme:{desk.world.programme_id}")] * 2


@pytest.mark.parametrize("role", [Role.MARKETING, Role.STAND_HOST, Role.READER])
async def test_only_who_organises_sees_it(desk: Desk, role: Role) -> None:
    await desk.world.programme()
    await desk.sign_in(role)
    assert (await desk.get(PAGE)).status == 403
