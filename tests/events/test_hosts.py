"""Hosts of a stand: who stands there when, where somebody is missing, and what nobody else gets to know."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.commands import hosts
from events.domain.refusal import Refusal
from events.domain.slot_inputs import HostInput
from events.domain.slots import Stretch
from events.domain.staffing import Gap, gaps, is_short
from events.tasks import SHIFTS_KEPT, forget_shifts
from services.identity import commands as identity
from services.routes import Role
from tests.events.conftest import RULE, STAND, Person, Village, described, published
from tests.events.test_console_pages import LIST, errors, sent

TEN = datetime(2026, 6, 6, 8, tzinfo=UTC)  # ten o'clock in Oslo
MORNING = {"starts_at": "2026-06-06T10:00", "ends_at": "2026-06-06T12:00"}


def stretch(begin: int, end: int, desk: int = 1) -> Stretch:
    return Stretch(TEN + timedelta(minutes=begin), TEN + timedelta(minutes=end), desk)


def gap(begin: int, end: int, missing: int) -> Gap:
    return Gap(TEN + timedelta(minutes=begin), TEN + timedelta(minutes=end), missing)


def test_a_gap_is_where_slots_have_fewer_hosts_than_tables() -> None:
    slots = [stretch(0, 30), stretch(30, 60), stretch(30, 60, 2), stretch(90, 120)]
    assert gaps(slots, []) == [gap(0, 30, 1), gap(30, 60, 2), gap(90, 120, 1)]
    assert gaps(slots, [stretch(0, 60)]) == [gap(30, 60, 1), gap(90, 120, 1)]
    assert gaps(slots, [stretch(-60, 45), stretch(30, 200)]) == [gap(45, 60, 1)]
    assert gaps([], [stretch(0, 60)]) == []
    assert gaps([stretch(0, 30), stretch(30, 60)], []) == [gap(0, 60, 1)], "gaps that touch are one"


def test_a_slot_is_short_of_hosts_only_where_a_gap_touches_it() -> None:
    lacking = [gap(30, 60, 1)]
    assert [is_short(one, lacking) for one in (stretch(0, 30), stretch(20, 31), stretch(59, 90), stretch(60, 90))] == [
        False, True, True, False,
    ]  # fmt: skip


some = st.lists(st.builds(lambda at, long: stretch(at, at + long), st.integers(0, 30), st.integers(1, 12)), max_size=6)


@given(some, some)
def test_gaps_say_for_every_minute_how_many_are_missing(slots: list[Stretch], shifts: list[Stretch]) -> None:
    found = gaps(slots, shifts)
    for minute in range(45):
        moment = TEN + timedelta(minutes=minute)
        needed, there = (sum(one.starts_at <= moment < one.ends_at for one in those) for those in (slots, shifts))
        said = [one.missing for one in found if one.starts_at <= moment < one.ends_at]
        assert said == ([needed - there] if needed > there else [])


async def fields(answer: Any) -> list[str]:
    return [one["field"] for one in (await answer.json())["errors"]]


async def told_of_shifts(village: Village) -> list[tuple[int, str, bool]]:
    """(version, beginning, whether it is taken away) of every fact about a shift, in order."""
    said = [payload for subject, _, payload in await village.outbox() if subject == "events.shift.changed.v1"]
    return [(one["version"], one["starts_at"], one["removed"]) for one in said]


async def test_a_host_is_put_on_a_shift_and_facts_tell_of_it_by_the_account_alone(
    village: Village, organiser: Person
) -> None:
    _, stand, _ = await published(organiser)
    said = await village.outbox()
    host = await village.person("blest", Role.STAND_HOST)
    path = f"stands/{stand['stand_id']}/shifts"
    shift = await organiser.asked("POST", path, {"account_id": str(host.account_id), **MORNING}, 201)
    assert (shift["starts_at"], shift["account_id"]) == ("2026-06-06T08:00:00Z", str(host.account_id))
    found = await organiser.asked("GET", path)
    assert found["shifts"] == [shift]
    assert found["gaps"] == [{"starts_at": "2026-06-07T08:00:00Z", "ends_at": "2026-06-07T10:00:00Z", "missing": 1}]
    later = {"account_id": str(host.account_id), "starts_at": "2026-06-07T10:00", "ends_at": "2026-06-07T12:00"}
    changed = await organiser.asked("PUT", f"shifts/{shift['shift_id']}", {**later, "version": 1})
    assert changed["version"] == 2
    answer = await organiser.api("PUT", f"shifts/{shift['shift_id']}", {**later, "version": 1})
    assert (await answer.json())["code"] == "changed-meanwhile"
    await organiser.asked("DELETE", f"shifts/{shift['shift_id']}", status=204, version="2")
    assert (await organiser.asked("GET", path))["shifts"] == []
    assert (await organiser.api("DELETE", f"shifts/{shift['shift_id']}")).status == 404
    told = (await village.outbox())[len(said) :]
    assert await told_of_shifts(village) == [
        (1, "2026-06-06T08:00:00Z", False),
        (2, "2026-06-07T08:00:00Z", False),
        (3, "2026-06-07T08:00:00Z", True),
    ]
    assert len(told) == 3 and {payload["account_id"] for _, _, payload in told} == {str(host.account_id)}
    assert all("name" not in payload and "email" not in payload for _, _, payload in told)


async def test_it_refuses_a_shift_with_bad_fields(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    host, reader = await village.person("blest", Role.STAND_HOST), await village.person("blest", Role.READER)
    neighbour = await village.person("fjord", Role.STAND_HOST)
    path = f"stands/{stand['stand_id']}/shifts"
    good = {"account_id": str(host.account_id), **MORNING}
    await organiser.asked("POST", path, good, 201)
    for name, change, field in (
        ("nobody", {"account_id": None}, "account_id"),
        ("a name", {"account_id": "Kari"}, "account_id"),
        ("somebody unknown", {"account_id": str(uuid4())}, "account_id"),
        ("somebody who only reads", {"account_id": str(reader.account_id)}, "account_id"),
        ("somebody of another programme", {"account_id": str(neighbour.account_id)}, "account_id"),
        ("somebody who stands there", {"starts_at": "2026-06-06T11:59", "ends_at": "2026-06-06T13:00"}, "account_id"),
        ("no start", {"starts_at": ""}, "starts_at"),
        ("the end first", {"ends_at": "2026-06-06T09:00"}, "ends_at"),
        ("long before the event", {"starts_at": "2026-06-05T21:59"}, "starts_at"),
        ("long after it", {"ends_at": "2026-06-08T04:01"}, "ends_at"),
        ("a field that is none", {"name": "Kari"}, "name"),
    ):
        answer = await organiser.api("POST", path, {**good, **change})
        assert (answer.status, await fields(answer)) == (422, [field]), name
    early = {**good, "starts_at": "2026-06-06T07:00", "ends_at": "2026-06-06T10:00"}
    await organiser.asked("POST", path, early, 201)  # sets the stand up; ends as the other begins


async def test_nobody_stands_at_two_stands_at_once(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    other = await organiser.asked("POST", f"events/{event['event_id']}/stands", {**STAND, "number": "A13"}, 201)
    host = await village.person("blest", Role.STAND_HOST)
    given = HostInput(account_id=host.account_id, **MORNING)  # type: ignore[arg-type]

    async def put_on(where: str) -> str:
        try:
            async with village.transaction() as tx:
                await hosts.put_on(tx, UUID(where), given)
        except Refusal as refused:
            return refused.code
        return "made"

    both = await asyncio.gather(*(put_on(one["stand_id"]) for one in (stand, other)))
    assert sorted(both) == ["host-elsewhere", "made"]


async def test_the_table_refuses_shifts_that_overlap_also_across_programmes(
    village: Village, organiser: Person
) -> None:
    _, stand, _ = await published(organiser)
    neighbour = await village.person("fjord", Role.ORGANISER)
    _, theirs, _ = await published(neighbour)
    host = await village.person("blest", Role.STAND_HOST)
    async with village.transaction("blest") as tx:
        await hosts.put_on(tx, UUID(stand["stand_id"]), HostInput(account_id=host.account_id, **MORNING))  # type: ignore[arg-type]
    chassis = village.running.contexts["identity"]
    async with chassis.database.transaction(None) as tx:
        await identity.grant(tx, None, village.programmes["fjord"], host.account_id, Role.STAND_HOST)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        async with village.transaction("fjord") as tx:
            await hosts.put_on(tx, UUID(theirs["stand_id"]), HostInput(account_id=host.account_id, **MORNING))  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.code) == ("account_id", "host-elsewhere")
    async with village.transaction("fjord") as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM shifts") == 0


async def test_an_organiser_keeps_the_hosts_by_form(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    host = await village.person("blest", Role.STAND_HOST, name="Ådne Hauge")
    await village.person("blest", Role.READER, name="Leser")
    stands = f"{LIST}/{event['event_id']}/stands"
    path = f"{stands}/{stand['stand_id']}/hosts"
    page = await organiser.page(path)
    assert "Ådne Hauge" in page and "Leser" not in page
    given = {"account_id": str(host.account_id), **MORNING}
    answer = await organiser.send(path, {**given, "ends_at": "2026-06-06T09:00"})
    assert (answer.status, errors(await answer.text())) == (422, ["ends_at"])
    await sent(organiser, path, given)
    assert "Ådne Hauge" in await organiser.page(path)
    for shown in (stands, f"{stands}/{stand['stand_id']}"):
        assert "Ådne Hauge" in await organiser.page(shown), shown
    assert (await organiser.page(stands)).count("ds-tag") >= 4  # the four slots of Sunday have nobody
    (shift,) = (await organiser.asked("GET", f"stands/{stand['stand_id']}/shifts"))["shifts"]
    one = f"{stands}/hosts/{shift['shift_id']}"
    assert f'<option value="{host.account_id}" selected>Ådne Hauge' in await organiser.page(one)
    await sent(organiser, one, {**given, "version": "1", "ends_at": "2026-06-06T11:00"})
    assert (await organiser.send(one, {**given, "version": "1"})).status == 422
    await sent(organiser, f"{one}/off", {"version": "2"})
    assert (await organiser.asked("GET", f"stands/{stand['stand_id']}/shifts"))["shifts"] == []
    assert (await organiser.get(one)).status == 404


async def test_a_host_sees_their_own_shifts_and_nobody_else_s(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    host, other = await village.person("blest", Role.STAND_HOST), await village.person("blest", Role.STAND_HOST)
    await organiser.asked(
        "POST", f"stands/{stand['stand_id']}/shifts", {"account_id": str(host.account_id), **MORNING}, 201
    )
    panel = "/en/console/blest/panels/events-shifts"
    assert "Open village weekend" in await host.page(panel) and "A12" in await host.page(panel)
    assert "Open village weekend" not in await other.page(panel)
    (mine,) = (await host.asked("GET", "shifts/mine"))["shifts"]
    assert (mine["titles"]["en"], mine["starts_at"]) == ("Open village weekend", "2026-06-06T08:00:00Z")
    assert (await other.asked("GET", "shifts/mine"))["shifts"] == []
    assert (await host.api("GET", f"stands/{stand['stand_id']}/shifts")).status == 403
    guest = village.guest()
    for address in ("/en/events/apen-bygdehelg", "/api/v1/events/apen-bygdehelg"):
        assert str(host.account_id) not in await guest.page(address)
    village.clock.move_to(datetime(2026, 6, 6, 10, 1, tzinfo=UTC))
    again = await village.person("blest", Role.STAND_HOST)
    async with village.transaction() as tx:
        await tx.connection.execute("UPDATE shifts SET account_id = $1", again.account_id)
    assert (await again.asked("GET", "shifts/mine"))["shifts"] == [], "what is over is not before anybody"


async def test_only_organisers_put_people_on_shifts(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    host, neighbour = await village.person("blest", Role.STAND_HOST), await village.person("fjord", Role.OWNER)
    given = {"account_id": str(host.account_id), **MORNING}
    shift = await organiser.asked("POST", f"stands/{stand['stand_id']}/shifts", given, 201)
    for person, status in ((host, 403), (neighbour, 404)):
        assert (await person.api("POST", f"stands/{stand['stand_id']}/shifts", given)).status == status
        assert (await person.api("PUT", f"shifts/{shift['shift_id']}", given)).status == status
        assert (await person.api("DELETE", f"shifts/{shift['shift_id']}")).status == status
    assert (await neighbour.api("GET", f"stands/{stand['stand_id']}/shifts")).status == 404


async def test_shifts_follow_their_event_and_end_with_their_stand(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    host = await village.person("blest", Role.STAND_HOST)
    path = f"stands/{stand['stand_id']}/shifts"
    await organiser.asked("POST", path, {"account_id": str(host.account_id), **MORNING}, 201)
    later = described(starts_at="2026-10-31T10:00", ends_at="2026-11-01T16:00", move_slots=True)
    await organiser.asked("PUT", f"events/{event['event_id']}", later)
    (moved,) = (await organiser.asked("GET", path))["shifts"]
    assert (moved["starts_at"], moved["version"]) == ("2026-10-31T09:00:00Z", 2), "ten o'clock, in winter time"

    elsewhere, there, _ = await published(organiser)
    busy = {"account_id": str(host.account_id), **MORNING}
    await organiser.asked("POST", f"stands/{there['stand_id']}/shifts", busy, 201)
    answer = await organiser.api("PUT", f"events/{event['event_id']}", described(move_slots=True))
    assert (answer.status, await fields(answer)) == (422, ["starts_at"]), "the host stands elsewhere then"
    await organiser.asked("POST", f"events/{elsewhere['event_id']}/cancel", {"reasons": {"nb": "Storm"}})
    await organiser.asked("PUT", f"events/{event['event_id']}", described(move_slots=True))
    await organiser.asked("DELETE", f"stands/{stand['stand_id']}", status=204)
    async with village.transaction() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM shifts") == 0
    assert await told_of_shifts(village) == [
        (1, "2026-06-06T08:00:00Z", False),
        (2, "2026-10-31T09:00:00Z", False),
        (1, "2026-06-06T08:00:00Z", False),
        (2, "2026-06-06T08:00:00Z", True),  # with its event
        (3, "2026-06-06T08:00:00Z", False),
        (4, "2026-06-06T08:00:00Z", True),  # with its stand
    ]


async def test_whoever_has_left_the_programme_does_not_count(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    host = await village.person("blest", Role.STAND_HOST)
    path = f"stands/{stand['stand_id']}/shifts"
    whole = {"starts_at": "2026-06-06T10:00", "ends_at": "2026-06-07T12:00", "account_id": str(host.account_id)}
    await organiser.asked("POST", path, whole, 201)
    assert (await organiser.asked("GET", path))["gaps"] == []
    chassis = village.running.contexts["identity"]
    async with chassis.database.transaction(None) as tx:
        await identity.set_roles(tx, None, village.programmes["blest"], host.account_id, set())  # type: ignore[arg-type]
    assert len((await organiser.asked("GET", path))["gaps"]) == 2
    assert "En som har sluttet" in await organiser.page(f"{LIST}/{event['event_id']}/stands")


async def test_who_stood_where_is_forgotten(village: Village, organiser: Person) -> None:
    _, stand, _ = await published(organiser)
    host = await village.person("blest", Role.STAND_HOST)
    given = {"account_id": str(host.account_id), **MORNING}
    await organiser.asked("POST", f"stands/{stand['stand_id']}/shifts", given, 201)

    async def kept() -> int:
        await forget_shifts(village.context)
        async with village.transaction() as tx:
            return int(await tx.connection.fetchval("SELECT count(*) FROM shifts"))

    village.clock.move_to(datetime(2026, 6, 6, 10, tzinfo=UTC) + SHIFTS_KEPT)
    assert await kept() == 1
    village.clock.move(timedelta(seconds=1))
    assert await kept() == 0


async def test_a_rule_s_tables_each_want_a_host(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    stand = await organiser.asked("POST", f"events/{event['event_id']}/stands", STAND, 201)
    two = {**RULE, "desks": 2, "last_day": "2026-06-06"}
    await organiser.asked("POST", f"stands/{stand['stand_id']}/slots", two, 201)
    host = await village.person("blest", Role.STAND_HOST)
    given = {"account_id": str(host.account_id), **MORNING}
    await organiser.asked("POST", f"stands/{stand['stand_id']}/shifts", given, 201)
    found = await organiser.asked("GET", f"stands/{stand['stand_id']}/shifts")
    assert [one["missing"] for one in found["gaps"]] == [1]
