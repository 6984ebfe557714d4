"""The plan of a hall as a page: the form as a browser without scripts sends it, and the drawing that visitors see."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from services.routes import Role
from tests.events.conftest import STAND, Person, Village, described, published
from tests.events.test_console_pages import LIST, errors, sent
from tests.events.test_plans import TWO, fair, placed, plan


def fields_of(page: str) -> dict[str, str]:
    """What the form of a page would send, were it sent untouched."""
    form = page.partition('<form class="form"')[2].partition("</form>")[0]
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', one)) for one in re.findall(r"<input ([^>]*)>", form)]
    boxes = {one["name"] for one in inputs if one.get("type") == "checkbox"}
    checked = set(re.findall(r'name="([^"]+)" type="checkbox"[^>]* checked', form))
    return {
        one["name"]: unescape(one.get("value", "on"))
        for one in inputs
        if one["name"] != "csrf" and (one["name"] not in boxes or one["name"] in checked)
    }


async def opened(organiser: Person, event: str) -> tuple[str, dict[str, Any]]:
    path = f"{LIST}/{event}/stands/plan"
    return path, fields_of(await organiser.page(path))


async def test_stands_are_placed_numbered_and_named_by_one_form(
    village: Village, organiser: Person, admin: Any
) -> None:
    event, first, second = await fair(organiser)
    assert f"/events/{event}/stands/plan" in await organiser.page(f"{LIST}/{event}")
    path, fields = await opened(organiser, event)
    assert (fields["hall_width"], fields["hall_depth"], fields["version"]) == ("20", "12", "1")
    said = await village.outbox()
    changed = {
        **fields,
        "hall_width": "24,5",
        f"stands.{first}.x": "1,5",
        f"stands.{first}.y": "2",
        f"stands.{first}.turned": "on",
        f"stands.{second}.name": "Arbeid",
        f"stands.{second}.number": "B 4",
    }
    assert await sent(organiser, path, changed) == path
    _, fields = await opened(organiser, event)
    assert (fields["version"], fields["hall_width"], fields[f"stands.{first}.x"]) == ("2", "24.5", "1.5")
    assert fields[f"stands.{first}.turned"] == "on" and f"stands.{second}.turned" not in fields
    assert (fields[f"stands.{second}.name"], fields[f"stands.{second}.number"]) == ("Arbeid", "B-4")
    told = (await village.outbox())[len(said) :]
    assert [(subject, version) for subject, version, _ in told] == [("events.stand.changed.v1", 2)]
    assert told[0][2]["names"] == {"nb": "Arbeid", "en": "Work and homes"}, "other languages keep their name"
    rows = await admin.fetch("SELECT action FROM identity.audit WHERE action ~ 'plan|edited' ORDER BY action")
    assert [row["action"] for row in rows] == ["plan.set", "stand.edited"]


async def test_a_form_sent_untouched_changes_nothing(village: Village, organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    await organiser.asked("PUT", f"events/{event}/plan", plan((first, 1.5, 1), hall_width=24.5))
    said = await village.outbox()
    path, fields = await opened(organiser, event)
    await sent(organiser, path, fields)
    assert (await opened(organiser, event))[1] == fields
    assert await village.outbox() == said


async def test_two_stands_change_numbers_and_a_third_keeps_its_own(village: Village, organiser: Person) -> None:
    event, first, second = await fair(organiser)
    third = await organiser.asked("POST", f"events/{event}/stands", {**TWO, "number": "C1"}, 201)
    path, fields = await opened(organiser, event)
    one, other = f"stands.{first}.number", f"stands.{second}.number"
    await sent(organiser, path, {**fields, one: "B3", other: "A12"})
    _, fields = await opened(organiser, event)
    assert (fields[one], fields[other]) == ("B3", "A12")
    said = await village.outbox()
    answer = await organiser.send(path, {**fields, one: "C1"})
    assert (answer.status, errors(await answer.text())) == (422, [one])
    answer = await organiser.send(path, {**fields, one: "D4", other: "D4"})
    assert answer.status == 422 and set(errors(await answer.text())) < {one, other}
    assert (await opened(organiser, event))[1] == fields
    await sent(organiser, path, {**fields, one: "", f"stands.{third['stand_id']}.number": "B3"})
    told = [(payload["number"], version) for _, version, payload in (await village.outbox())[len(said) :]]
    assert sorted(told, key=str) == [("b3", 2), (None, 3)]


async def test_what_was_typed_stays_beside_what_cannot_be(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path, fields = await opened(organiser, event)
    x, y = f"stands.{first}.x", f"stands.{first}.y"
    for change, field in (
        ({x: "1.3", y: "0"}, x),
        ({x: "1"}, y),
        ({x: "18", y: "0"}, x),
        ({x: "1", y: "1", f"stands.{second}.x": "0", f"stands.{second}.y": "0"}, x),
        ({f"stands.{first}.width": "0"}, f"stands.{first}.width"),
        ({f"stands.{first}.name": ""}, f"stands.{first}.name"),
        ({f"stands.{first}.number": "B3"}, f"stands.{first}.number"),
        ({"hall_depth": "300"}, "hall_depth"),
    ):
        answer = await organiser.send(path, {**fields, **change})
        page = await answer.text()
        assert (answer.status, errors(page)) == (422, [field]), change
        assert {name: fields_of(page)[name] for name in change} == change
    assert (await organiser.asked("GET", f"events/{event}/plan"))["version"] == 1


async def test_two_in_each_other_s_place_are_named_to_whoever_saves(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path, fields = await opened(organiser, event)
    places = {f"stands.{one}.{axis}": x for one, x in ((first, "1"), (second, "2")) for axis in ("x", "y")}
    page = unescape(await (await organiser.send(path, {**fields, **places})).text())
    assert "A12 Møt oss og B3 Jobb og bolig står oppå hverandre" in page


async def test_of_two_organisers_at_one_plan_nothing_is_lost(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path, fields = await opened(organiser, event)
    await sent(organiser, path, {**fields, f"stands.{first}.x": "1", f"stands.{first}.y": "1"})
    slower = {**fields, f"stands.{second}.x": "9", f"stands.{second}.y": "1"}
    answer = await organiser.send(path, slower)
    page = unescape(await answer.text())
    assert answer.status == 422 and "Noen andre har endret dette i mellomtiden" in page
    assert fields_of(page)[f"stands.{second}.x"] == "9"
    renamed = {**(await opened(organiser, event))[1], f"stands.{first}.name": "Velkommen"}
    await organiser.asked("PUT", f"stands/{first}", {**STAND, "names": {"nb": "Kom innom"}, "version": 1})
    answer = await organiser.send(path, renamed)
    assert answer.status == 422 and "Noen andre har endret dette i mellomtiden" in unescape(await answer.text())
    assert placed(await organiser.asked("GET", f"events/{event}/plan")) == {"a12": (1, 1), "b3": (None, None)}


async def test_a_stand_that_came_meanwhile_is_not_lost_either(organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    path, fields = await opened(organiser, event)
    third = await organiser.asked("POST", f"events/{event}/stands", {**TWO, "number": "C1"}, 201)
    answer = await organiser.send(path, {**fields, f"stands.{first}.x": "1"})
    assert fields_of(await answer.text())[f"stands.{third['stand_id']}.number"] == "C1"
    await sent(organiser, path, {**fields, f"stands.{first}.x": "1", f"stands.{first}.y": "1"})
    assert placed(await organiser.asked("GET", f"events/{event}/plan"))["c1"] == (None, None)


async def test_who_has_no_place_is_set_up_in_rows_and_saved_only_then(organiser: Person) -> None:
    event, first, second = await fair(organiser)
    path, fields = await opened(organiser, event)
    wanted = {**fields, f"stands.{first}.x": "1", f"stands.{first}.y": "1", "then": "arrange"}
    answer = await organiser.send(path, wanted)
    page = unescape(await answer.text())
    assert answer.status == 200 and "Én stand er plassert" in page
    shown = fields_of(page)
    assert (shown[f"stands.{second}.x"], shown[f"stands.{second}.y"]) == ("5", "1")
    assert (await organiser.asked("GET", f"events/{event}/plan"))["version"] == 1
    await sent(organiser, path, shown)
    assert placed(await organiser.asked("GET", f"events/{event}/plan")) == {"a12": (1, 1), "b3": (5, 1)}
    full = unescape(
        await (await organiser.send(path, {**(await opened(organiser, event))[1], "then": "arrange"})).text()
    )
    assert "Alle standene er på planen allerede" in full


async def test_in_a_small_hall_it_says_for_how_many_there_is_no_room(organiser: Person) -> None:
    event, _, _ = await fair(organiser)
    path, fields = await opened(organiser, event)
    page = await (
        await organiser.send(path, {**fields, "hall_width": "4", "hall_depth": "2", "then": "arrange"})
    ).text()
    assert "Én stand får ikke plass" in unescape(page)


async def test_the_page_is_the_organisers_own(village: Village, organiser: Person) -> None:
    event, _, _ = await fair(organiser)
    path, fields = await opened(organiser, event)
    for role in Role:
        person = await village.person("blest", role)
        may = role in {Role.OWNER, Role.ORGANISER}
        assert (await person.get(path)).status == (200 if may else 403), role
        assert (await person.send(path, fields)).status == (303 if may else 403), role
    neighbour = await village.person("fjord", Role.OWNER)
    assert (await neighbour.get(path)).status == 404
    assert (await neighbour.get(path.replace("/blest/", "/fjord/"))).status == 404
    assert (await neighbour.send(path.replace("/blest/", "/fjord/"), fields)).status == 404


async def test_without_stands_the_page_says_what_to_do_first(organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    page = await organiser.page(f"{LIST}/{event['event_id']}/stands/plan")
    assert f'href="{LIST}/{event["event_id"]}/stands/new"' in page and 'id="plan"' not in page


async def test_the_plan_of_a_cancelled_event_is_only_looked_at(organiser: Person) -> None:
    event, first, _ = await fair(organiser)
    await organiser.asked("PUT", f"events/{event}/plan", plan((first, 1, 1)))
    await organiser.asked("POST", f"events/{event}/cancel", {"reasons": {"nb": "Ferja går ikke."}})
    page = await organiser.page(f"{LIST}/{event}/stands/plan")
    assert 'transform="translate(40 40)"' in page and 'id="plan"' not in page and "plan.js" not in page


async def test_visitors_see_the_plan_once_a_stand_is_on_it(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    guest, path = village.guest(), f"/en/events/{event['slug']}"
    assert "events-hall" not in await guest.page(path)
    away = await organiser.asked("POST", f"events/{event['event_id']}/stands", TWO, 201)
    await organiser.asked("PUT", f"events/{event['event_id']}/plan", plan((stand["stand_id"], 1.5, 2)))
    page = unescape(await guest.page(path))
    (link,) = re.findall(r'<a class="events-spot" [^>]*>', page)
    assert f'href="#stand-{stand["stand_id"]}"' in link and 'transform="translate(60 80)"' in link
    assert 'aria-label="Stand A12 Meet us, by Storskjær kommune"' in link
    assert f'id="stand-{stand["stand_id"]}"' in page and f'id="stand-{away["stand_id"]}"' in page
    assert "plan.js" not in page and 'style="' not in page


async def test_a_stand_that_a_filter_leaves_out_is_drawn_and_leads_nowhere(village: Village, organiser: Person) -> None:
    event, stand, _ = await published(organiser)
    other = await organiser.asked("POST", f"events/{event['event_id']}/stands", {**TWO, "topics": ["jobs"]}, 201)
    places = plan((stand["stand_id"], 1, 1), (other["stand_id"], 6, 1))
    await organiser.asked("PUT", f"events/{event['event_id']}/plan", places)
    page = await village.guest().page(f"/en/events/{event['slug']}", topic="jobs")
    assert re.findall(r'<a class="events-spot" href="#stand-([^"]+)"', page) == [other["stand_id"]]
    assert page.count("data-quiet") == 1
