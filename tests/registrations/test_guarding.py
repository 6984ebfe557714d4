"""Spam held off: the trap in public forms, and a proof of work while more is asked than visitors would."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registrations.commands import guarding
from registrations.domain import proof
from registrations.domain.rush import LETTERS
from services.clock import MovedClock
from services.routes import Role
from services.settings import Settings
from tests.registrations.attacks import FAMILY, LIMIT, attack, book, fair, figure, many, solved, stranger
from tests.registrations.conftest import PROGRAMME
from tests.registrations.desks import Desk

pytestmark = pytest.mark.usefixtures("small_sums")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"attack": LIMIT})


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
