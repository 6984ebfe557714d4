"""Spam held off: the trap in public forms, and a proof of work while more is asked than visitors would."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from events.facts import EventPublished
from registrations.commands import guarding
from registrations.commands.guarding import Lack, Unproved, Watch
from registrations.domain import proof
from registrations.domain.rush import LETTERS
from registrations.upkeep import CHECKS
from services.clock import MovedClock
from services.routes import Role
from services.settings import Settings
from tests.registrations.conftest import PROGRAMME
from tests.registrations.desks import OURS, Desk, Page
from tests.registrations.worlds import World

FAMILY = {"name": "Sanne de Vries", "adults": 2, "place": "event"}
LIMIT = 5

pytestmark = pytest.mark.usefixtures("small_sums")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"attack": LIMIT})


async def fair(desk: Desk) -> EventPublished:
    event = desk.world.event("fair", households=100)
    await desk.world.programme(contact="post@havlandet.example")
    await desk.world.hear(event)
    return event


def stranger() -> str:
    return f"{uuid4().hex[:8]}@example.org"


async def book(desk: Desk, page: Page | None = None, **answers: Any) -> Page:
    shown = page or await desk.get("/en/register/fair")
    return await desk.fill_in(shown, "register/fair", **{**FAMILY, "email": stranger(), **answers})


async def attack(desk: Desk, times: int = LIMIT + 1) -> None:
    """As many as it takes, past the page: what they ask for does not matter."""
    form = await desk.get("/en/register/fair")
    for _ in range(times):
        await book(desk, form, attempt=uuid4())


def solved(page: Page) -> str:
    found = re.search(r'data-challenge="([^"]+)" data-bits="(\d+)"', page.text)
    assert found is not None, "the page asks for a proof"
    challenge = unescape(found[1])
    return f"{challenge}:{','.join(map(str, proof.solve(challenge, int(found[2]))))}"


async def many(desk: Desk) -> int:
    return len(await desk.world.rows("SELECT 1 FROM bookings"))


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# The trap -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["register/fair", "interest/havlandet"])
async def test_whoever_fills_in_what_nobody_sees_gets_the_usual_answer_and_nothing_is_stored(
    desk: Desk, form: str
) -> None:
    await fair(desk)
    await desk.sign_in(Role.READER)  # so that the directory knows the programme
    name = form.split("/")[0].replace("register", "booking")
    before = figure("blest_registrations_trapped_total", form=name)
    page = await desk.get(f"/en/{form}")
    trapped = await desk.fill_in(page, form, **FAMILY, email=stranger(), website="https://spam.example")
    assert await desk.world.rows("SELECT 1 FROM people.visitors") == []
    assert figure("blest_registrations_trapped_total", form=name) == before + 1
    person = await desk.fill_in(page, form, **FAMILY, email=stranger())
    assert len(await desk.world.rows("SELECT 1 FROM people.visitors")) == 1
    received = [re.sub("entry=[^&]*", "", one.headers["Location"]) for one in (trapped, person)]
    assert trapped.status == person.status == 303 and received[0] == received[1]
    assert (await desk.get(trapped.headers["Location"])).status == 200


async def test_the_trap_is_hidden_by_a_style_of_ours_and_from_the_tab_key(desk: Desk) -> None:
    await fair(desk)
    page = await desk.get("/en/register/fair")
    assert 'class="left-alone"' in page.text and 'tabindex="-1" autocomplete="off"' in page.text
    assert "style=" not in page.text
    styles = re.search(r'/static/[^"]*registrations.css', page.text)
    assert styles and ".left-alone {\n  display: none" in (await desk.get(styles[0])).text


# The proof, on the page ---------------------------------------------------------------------------------------------


async def test_nobody_is_asked_for_a_proof_as_long_as_few_come(desk: Desk) -> None:
    await fair(desk)
    await attack(desk, LIMIT)
    page = await desk.get("/en/register/fair")
    assert "data-challenge" not in page.text and await many(desk) == LIMIT


async def test_in_a_rush_a_form_without_a_proof_books_nothing_and_loses_nothing(desk: Desk) -> None:
    await fair(desk)
    await attack(desk)
    assert await many(desk) == LIMIT
    refused = await book(desk, lives_in="Utrecht", news="on")
    assert refused.status == 403 and "Nothing you wrote is lost" in refused.text
    _, fields = refused.form("register/fair")
    assert fields["lives_in"] == ["Utrecht"] and fields["news"] == ["on"] and fields["proof"] == [""]
    assert await many(desk) == LIMIT
    assert (await book(desk, refused, proof=solved(refused))).status == 303
    assert await many(desk) == LIMIT + 1


async def test_a_proof_is_one_booking(desk: Desk) -> None:
    await fair(desk)
    await attack(desk)
    page = await desk.get("/en/register/fair")
    found = solved(page)
    assert (await book(desk, page, proof=found)).status == 303
    for again in (await book(desk, page, proof=found), await book(desk, page, proof=found, attempt=uuid4())):
        assert again.status == 403 and "data-challenge" in again.text
    assert await many(desk) == LIMIT + 1


async def test_a_form_that_keeps_a_time_by_its_proof_still_books_by_it_once(desk: Desk) -> None:
    await fair(desk)
    await attack(desk)
    page = await desk.get("/en/register/fair")
    to, found = "/en/register/fair/hold", solved(page)
    assert (await desk.fill_in(page, "register/fair", to=to, **FAMILY)).status == 403
    for _ in range(2):
        assert (await desk.fill_in(page, "register/fair", to=to, **FAMILY, proof=found)).status == 200
    other = await desk.fill_in(page, "register/fair", to=to, **{**FAMILY, "attempt": uuid4(), "proof": found})
    assert other.status == 403, "another form's"
    assert len(await desk.world.rows("SELECT 1 FROM holds")) == 1
    assert (await book(desk, page, proof=found)).status == 303


SPOILT: dict[str, Callable[[str], str]] = {
    "none": lambda found: "",
    "nonsense": lambda found: "nonsense",
    "another event's": lambda found: found.replace("event:", "event:0"),
    "a wrong number": lambda found: found[:-1] + ("1" if found[-1] != "1" else "2"),
    "unsolved": lambda found: found.rpartition(":")[0],
    "made easier": lambda found: re.sub(r"\.\d+\.([0-9a-f]{32})", r".1.\1", found),
}


async def test_what_is_no_proof_books_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "EASIEST", 8)
    monkeypatch.setattr(proof, "HARDEST", 8)
    await fair(desk)
    await attack(desk)
    page = await desk.get("/en/register/fair")
    found = solved(page)
    answers = {what: (await book(desk, page, proof=spoil(found))).status for what, spoil in SPOILT.items()}
    assert answers == dict.fromkeys(SPOILT, 403)
    assert await desk.world.rows("SELECT 1 FROM spent_proofs") == [], "it was judged without the database"
    assert (await book(desk, page, proof=found)).status == 303


async def test_a_form_left_open_too_long_is_given_another_challenge(desk: Desk, clock: MovedClock) -> None:
    await fair(desk)
    await attack(desk)
    page = await desk.get("/en/register/fair")
    clock.move(proof.HOLDS_FOR)
    await attack(desk)
    late = await book(desk, page, proof=solved(page))
    assert late.status == 403
    assert (await book(desk, late, proof=solved(late))).status == 303


async def test_it_grows_with_the_attack_and_ends_by_itself(desk: Desk, clock: MovedClock) -> None:
    await fair(desk)
    await attack(desk)
    easy = await desk.get("/en/register/fair")
    await attack(desk, 3 * LIMIT)
    clock.move(timedelta(seconds=2))
    hard = await desk.get("/en/register/fair")
    assert 'data-bits="3"' in easy.text and 'data-bits="5"' in hard.text
    clock.move(timedelta(minutes=5))
    assert "data-challenge" in (await desk.get("/en/register/fair")).text
    clock.move(timedelta(minutes=6))
    assert "data-challenge" not in (await desk.get("/en/register/fair")).text
    assert (await book(desk)).status == 303


async def test_interest_is_defended_by_what_all_events_of_the_programme_bear(desk: Desk) -> None:
    await fair(desk)
    await desk.sign_in(Role.READER)
    page = await desk.get("/en/interest/havlandet")
    answers = {"name": "Sanne", "message": "Is there a school?"}
    for _ in range(3 * LIMIT):
        sent = await desk.fill_in(page, "interest/havlandet", **answers, email=stranger(), attempt=uuid4())
        assert sent.status == 303
    refused = await desk.fill_in(page, "interest/havlandet", **answers, email=stranger(), attempt=uuid4())
    assert refused.status == 403 and "mailto:post@havlandet.example" in refused.text
    assert (await desk.fill_in(refused, "interest/havlandet", proof=solved(refused))).status == 303
    assert len(await desk.world.rows("SELECT 1 FROM interests")) == 3 * LIMIT + 1


# Without scripts ----------------------------------------------------------------------------------------------------


async def test_without_scripts_one_books_by_mail_and_takes_no_place_before_the_link_is_opened(desk: Desk) -> None:
    event = await fair(desk)
    await attack(desk)
    used = await desk.world.rows("SELECT used FROM pools")
    page = await desk.get("/en/register/fair")
    to = next(re.finditer(r'formaction="([^"]+by-mail[^"]*)"', page.text))[1]
    sent = await desk.fill_in(page, "register/fair", to=to, **FAMILY, email="sanne@example.org")
    assert sent.status == 303 and "first=mail" in sent.headers["Location"]
    assert "counts from then on" in (await desk.get(sent.headers["Location"])).text
    (row,) = await desk.world.rows("SELECT id, status, awaits FROM bookings WHERE awaits IS NOT NULL")
    assert (row["status"], row["awaits"]) == ("waiting", "address")
    assert await desk.world.rows("SELECT used FROM pools") == used
    assert ("booking.held", row["id"]) in [
        (what, UUID(said["booking_id"])) for what, said in await desk.world.told() if "booking" in what
    ]
    token = desk.world.keys.token("booking", row["id"])
    await desk.send(f"/en/my-booking/{token}", {})
    (row,) = await desk.world.rows("SELECT status FROM bookings WHERE id = $1", row["id"])
    assert row["status"] == "confirmed" and event.event_id


async def test_as_long_as_few_come_the_way_by_mail_is_the_usual_one(desk: Desk) -> None:
    await fair(desk)
    page = await desk.get("/en/register/fair")
    sent = await desk.fill_in(page, "register/fair", to="/en/register/fair/by-mail", **FAMILY, email=stranger())
    assert sent.status == 303 and "first=mail" not in sent.headers["Location"]
    assert await desk.world.rows("SELECT status, awaits FROM bookings") == [{"status": "confirmed", "awaits": None}]


async def test_a_rush_sends_only_so_many_letters_to_addresses_that_nobody_confirmed(
    desk: Desk, clock: MovedClock
) -> None:
    event = await fair(desk)
    await attack(desk)
    context = desk.running.contexts["registrations"]
    for _ in range(LETTERS):
        assert await guarding.admit_by_mail(context, PROGRAMME, event.event_id)
    with pytest.raises(guarding.TooManyLetters):
        await guarding.admit_by_mail(context, PROGRAMME, event.event_id)
    page = await desk.get("/en/register/fair")
    sent = await desk.fill_in(page, "register/fair", to="/en/register/fair/by-mail", **FAMILY, email=stranger())
    assert sent.status == 429
    clock.move(timedelta(minutes=2))
    assert await guarding.admit_by_mail(context, PROGRAMME, event.event_id)


# By API, between processes, and for those who look after it -----------------------------------------------------------


async def test_a_program_is_handed_the_challenge_and_books_with_its_solution(desk: Desk) -> None:
    event = await fair(desk)
    await attack(desk)
    body = {"name": "Sanne de Vries", "email": "sanne@example.org", "adults": 2}
    headers = {**OURS, "Idempotency-Key": "sanne-1"}
    response = await desk.client.post("/api/v1/events/fair/bookings", json=body, headers=headers)
    problem = await response.json()
    assert (response.status, problem["code"]) == (403, "proof-needed")
    asked = problem["proof"]
    assert asked["lack"] == "missing" and asked["pieces"] == proof.PIECES and str(event.event_id) in asked["challenge"]
    found = ",".join(map(str, proof.solve(asked["challenge"], asked["bits"])))
    again = await desk.client.post(
        "/api/v1/events/fair/bookings", json={**body, "proof": f"{asked['challenge']}:{found}"}, headers=headers
    )
    assert again.status == 202, "a refusal for want of a proof does not use the key up"
    assert await many(desk) == LIMIT + 1


async def test_two_processes_count_together_and_a_proof_is_spent_in_both(
    world: World, settings: Settings, clock: MovedClock
) -> None:
    contexts = [world.context(), world.context()]
    for context in contexts:
        context.settings = settings
        context.resources["watch"] = Watch(context)
    event_id = uuid4()

    async def ask(process: int, found: str = "", attempt: Any = None) -> None:
        await guarding.admit(contexts[process], PROGRAMME, event_id, attempt or uuid4(), found)

    for number in range(LIMIT):
        await ask(number % 2)
        clock.move(timedelta(seconds=1))
    with pytest.raises(Unproved):
        await ask(0)  # neither has had more than half of what is too many
    clock.move(timedelta(seconds=1))
    with pytest.raises(Unproved) as caught:
        await ask(1)
    signed = caught.value.signed
    found = f"{signed}:{','.join(map(str, proof.solve(signed, caught.value.challenge.bits)))}"
    await ask(0, found)
    for process in (0, 1):
        with pytest.raises(Unproved) as caught:
            await ask(process, found)
        assert caught.value.lack is Lack.SPENT


async def test_a_rush_is_told_to_those_who_look_after_the_house_and_forgotten_after(
    desk: Desk, clock: MovedClock
) -> None:
    await fair(desk)
    (check,) = (one for one in CHECKS if one.name == "under-attack")

    async def broken() -> int:
        async with desk.world.database.system() as tx:
            return await check.count(tx)

    assert await broken() == 0
    await attack(desk)
    page = await desk.get("/en/register/fair")
    await book(desk, page, proof=solved(page))
    assert await broken() == 1
    clock.move(timedelta(minutes=31))
    assert await broken() == 0
    assert len(await desk.world.rows("SELECT 1 FROM spent_proofs")) == 1
    clock.move(timedelta(days=1))
    await desk.world.run("forget-proofs")
    assert await desk.world.rows("SELECT 1 FROM spent_proofs") == []
    assert await desk.world.rows("SELECT 1 FROM rushes") == []
