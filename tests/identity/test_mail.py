"""Mails: to whom they should go, in their language, once; and nothing kept of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services import smtp
from services.clock import MovedClock
from services.context import Context
from services.embedded.mailbox import Mail, Mailbox
from services.http.problems import Conflict, Invalid, TooMany
from services.identity import access, commands, login, mail, recovery, sessions
from services.identity.principal import GUEST, Principal
from services.routes import Role
from tests.identity.conftest import PASSWORD, NewAccount

NEW = "nye ord i samme vind"


@pytest.fixture
async def mailbox(folder: Path) -> AsyncIterator[Mailbox]:
    made = Mailbox(folder)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def post(context: Context, mailbox: Mailbox) -> Context:
    """The context, with a mail server."""
    context.settings = context.settings.model_copy(update={"smtp": mailbox.address})
    return context


async def ask(context: Context, name: str, language: str = "nb") -> None:
    await recovery.request_reset(context, email=f"{name}@havlandet.example", client="192.0.2.10", language=language)


def link(found: Mail, what: str) -> str:
    assert found.text is not None and found.html is not None
    match = re.search(rf"http://127\.0\.0\.1:8080/(\w\w)/{what}/([a-z2-7]{{26}})", found.text)
    assert match is not None
    assert match.group(0) in found.html
    return match.group(2)


async def test_a_reset_mail_lets_its_reader_choose_a_password_once(
    post: Context, mailbox: Mailbox, new_account: NewAccount
) -> None:
    kari = await new_account("kari")
    async with post.database.transaction(None) as tx:
        session = await sessions.begin(tx, kari, "")
    await ask(post, "Kari")
    await mail.send_due(post)
    (found,) = await mailbox.mails()
    assert found.recipients == ("Kari@havlandet.example",)
    assert found.subject == "Velg et nytt passord"
    token = link(found, "reset")
    with pytest.raises(Invalid):
        await recovery.reset_password(post, token, "passwordpassword")  # refused: the link stays good
    await recovery.reset_password(post, token, NEW)
    with pytest.raises(Conflict):
        await recovery.reset_password(post, token, "enda et annet passord")
    await mail.send_due(post)
    told = (await mailbox.mails())[0]
    assert told.subject == "Passordet ditt for Blest ble endret", "its owner hears of it"
    assert "/nb/forgot" in str(told.text) and NEW not in str(told.text)
    assert await access.session(post, session) == GUEST
    entered = await login.with_password(post, login.Visitor("192.0.2.1"), email="kari@havlandet.example", password=NEW)
    assert isinstance(entered, login.Entered)


async def test_a_reset_link_works_for_an_hour_and_not_after_the_password_changed(
    post: Context, mailbox: Mailbox, clock: MovedClock, new_account: NewAccount
) -> None:
    kari = await new_account("kari")
    for _ in range(2):
        await ask(post, "kari")
    await mail.send_due(post)
    first, second = (link(one, "reset") for one in await mailbox.mails())
    await recovery.reset_password(post, first, NEW)
    with pytest.raises(Conflict):
        await recovery.reset_password(post, second, "enda et annet passord")
    await ask(post, "kari")
    await mail.send_due(post)
    third = next(link(one, "reset") for one in await mailbox.mails() if one.subject == "Velg et nytt passord")
    clock.move(timedelta(hours=1))
    with pytest.raises(Conflict):
        await recovery.reset_password(post, third, "enda et annet passord")
    assert kari


async def test_an_address_that_nobody_has_gets_no_mail_and_leaves_no_trace(
    post: Context, mailbox: Mailbox, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    await new_account("kari")
    await ask(post, "nobody")
    await ask(post, "kari")
    waiting = [dict(row) for row in await admin.fetch("SELECT * FROM identity.outgoing_mails ORDER BY recipient")]
    same = ("kind", "language", "reference", "due_at", "attempts")
    assert len(waiting) == 2, "the page did the same for both"
    assert len({tuple(row[name] for name in same) for row in waiting}) == 1
    await mail.send_due(post)
    assert [one.recipients for one in await mailbox.mails()] == [("kari@havlandet.example",)]
    left = await admin.fetch("SELECT recipient, sent_at FROM identity.outgoing_mails")
    assert {row["recipient"] for row in left} == {"(erased)"}
    assert all(row["sent_at"] for row in left)


async def test_asking_again_and_again_is_stopped(post: Context) -> None:
    for _ in range(recovery.PER_ACCOUNT):
        await ask(post, "kari")
    with pytest.raises(TooMany):
        await ask(post, "KARI")


async def test_an_invitation_comes_in_the_language_it_was_given_and_names_who_invites(
    post: Context, mailbox: Mailbox, programme: UUID, new_account: NewAccount
) -> None:
    kari = Principal(kind="account", account_id=await new_account("kari", programme, Role.OWNER))
    for language in ("nb", "en"):
        async with post.database.transaction(programme) as tx:
            await commands.invite(
                tx,
                post.keys,
                kari,
                programme,
                email=f"ola-{language}@havlandet.example",
                roles=[Role.READER],
                language=language,
            )
    await mail.send_due(post)
    mails = {one.recipients[0][4:6]: one for one in await mailbox.mails()}
    assert mails["en"].subject == "Invitation to Blest i Havlandet"
    assert "Kari invites you to work in Blest i Havlandet on Blest." in str(mails["en"].text)
    assert mails["nb"].subject == "Invitasjon til Blest i Havlandet"
    assert "Kari inviterer deg" in str(mails["nb"].text)
    async with post.database.transaction(None) as tx:
        offered = await commands.offer(tx, link(mails["nb"], "invitation"))
    assert offered is not None and offered.email == "ola-nb@havlandet.example"
    source = (await mailbox.source(mails["nb"].id)).decode()
    assert "Auto-Submitted: auto-generated\r\n" in source
    assert "Content-Language: nb\r\n" in source


async def test_an_invitation_taken_back_before_it_left_is_not_sent(
    post: Context, mailbox: Mailbox, programme: UUID
) -> None:
    async with post.database.transaction(programme) as tx:
        invitation = await commands.invite(
            tx, post.keys, None, programme, email="ola@havlandet.example", roles=[Role.READER], language="nb"
        )
        await commands.withdraw(tx, None, programme, invitation)
    await mail.send_due(post)
    assert await mailbox.mails() == []


async def test_names_from_outside_are_text_in_a_mail_and_never_markup(
    post: Context, mailbox: Mailbox, programme: UUID, new_account: NewAccount
) -> None:
    async with post.database.transaction(None) as tx:
        account_id = await commands.create_account(
            tx, email="kari@havlandet.example", name="<img src=x>", language="nb", password=PASSWORD
        )
        by = Principal(kind="account", account_id=account_id)
        await commands.register_programme(
            tx, programme, slug="havlandet", name="Fest & <b>fjord</b>", language="nb", status="open"
        )
        await commands.invite(
            tx, post.keys, by, programme, email="ola@havlandet.example", roles=[Role.READER], language="nb"
        )
    await mail.send_due(post)
    (found,) = await mailbox.mails()
    assert found.html is not None and found.text is not None
    assert "<img" not in found.html and "<b>" not in found.html
    assert "&lt;img src=x&gt;" in found.html
    assert "<img src=x>" in found.text


async def test_a_mail_waits_for_a_server_that_is_away_and_is_given_up_in_the_end(
    context: Context, clock: MovedClock, admin: asyncpg.Connection, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari")
    await ask(context, "kari")  # nothing listens at the settings' address
    tries = 0
    while await admin.fetchval("SELECT given_up_at IS NULL FROM identity.outgoing_mails"):
        await mail.send_due(context)
        tries += 1
        clock.move(timedelta(hours=5))
    row = await admin.fetchrow("SELECT attempts, error, sent_at FROM identity.outgoing_mails")
    assert row is not None
    assert (row["attempts"], row["sent_at"]) == (len(mail.PAUSES) + 1, None)
    assert tries == row["attempts"]
    assert row["error"] and "@" not in row["error"]


async def test_two_senders_do_not_send_the_same_mail(post: Context, mailbox: Mailbox, new_account: NewAccount) -> None:
    import asyncio

    for number in range(5):
        await new_account(f"name{number}")
        await ask(post, f"name{number}")
    await asyncio.gather(*(mail.send_due(post) for _ in range(3)))
    assert len({one.recipients for one in await mailbox.mails()}) == len(await mailbox.mails()) == 5


async def test_a_process_that_is_to_end_sends_the_mail_in_its_hand_and_keeps_no_other(
    post: Context, mailbox: Mailbox, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    has, may = asyncio.Event(), asyncio.Event()
    connection = smtp.connection

    async def slowly(*given: Any) -> Any:
        has.set()
        await may.wait()
        return await connection(*given)

    monkeypatch.setattr(smtp, "connection", slowly)
    for name in ("kari", "ola"):
        await new_account(name)
        await ask(post, name)
    run = asyncio.create_task(mail.send_due(post))
    await has.wait()
    run.cancel()
    await asyncio.sleep(0)
    may.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(await mailbox.mails()) == 1
    await mail.send_due(post)
    assert len(await mailbox.mails()) == 2, "the other waits for no lease to end, and none comes twice"
