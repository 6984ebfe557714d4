"""Who wants to hear more gets a receipt: one, in their language, that leads on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from notifications import reactions, sending
from registrations.facts import InterestRegistered, VisitorErased
from services.clock import MovedClock
from services.pages.languages import LANGUAGES
from tests.notifications.post_office import PROGRAMME, PostOffice, World


def interest(world: World, visitor: UUID) -> InterestRegistered:
    return InterestRegistered(
        programme_id=PROGRAMME, version=1, at=world.context.clock.now(), interest_id=uuid4(), visitor_id=visitor
    )


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_receipt_leads_to_the_programme_and_to_what_we_may_send(
    world: World, office: PostOffice, lang: str
) -> None:
    visitor = await world.visitor(language=lang)
    await world.tell(reactions.take_interest, interest(world, visitor))
    await sending.send_due(world.context)
    [mail] = office.mails
    text = mail.get_body(("plain",)).get_content()
    assert f"/{lang}/programmes/havlandet" in text
    assert f"/{lang}/preferences/" in text
    assert "Blest i Havlandet" in mail["Subject"]
    assert (mail["Content-Language"], mail["Reply-To"]) == (lang, "post@havlandet.example")
    assert "my-booking" not in text
    assert [part.get_content_type() for part in mail.walk() if part.get_content_maintype() != "multipart"] == [
        "text/plain",
        "text/html",
    ]
    assert await world.log() == [("interest", "sent")]


async def test_writing_again_on_the_same_day_is_answered_once(
    world: World, office: PostOffice, clock: MovedClock
) -> None:
    visitor = await world.visitor()
    for _ in range(3):
        await world.tell(reactions.take_interest, interest(world, visitor))
    assert len(await world.log()) == 1
    clock.move(timedelta(days=1))
    await world.tell(reactions.take_interest, interest(world, visitor))
    assert len(await world.log()) == 2


async def test_an_old_interest_that_is_restated_is_not_answered(world: World) -> None:
    await world.tell(reactions.take_interest, interest(world, await world.visitor()), restated=True)
    assert await world.log() == []


async def test_who_was_forgotten_before_the_receipt_left_gets_none(world: World, office: PostOffice) -> None:
    visitor = await world.visitor()
    await world.tell(reactions.take_interest, interest(world, visitor))
    erased = VisitorErased(programme_id=PROGRAMME, version=2, at=world.context.clock.now(), visitor_id=visitor)
    await world.tell(reactions.forget, erased)
    await sending.send_due(world.context)
    assert (office.mails, await world.log()) == ([], [("interest", "withheld")])
