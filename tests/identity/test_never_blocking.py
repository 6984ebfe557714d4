"""Nothing of identity holds up the event loop: hashing, codes, mails and files do their work elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pyotp
import pytest
from blockbuster import BlockBuster, BlockingError, blockbuster_ctx

from services.clock import MovedClock
from services.context import Context
from services.embedded.mailbox import Mailbox
from services.identity import login, mail, passwords, recovery, retention, totp
from services.pages.templating import prepare
from tests.identity.conftest import PASSWORD, NewAccount


@pytest.fixture
def watched() -> Iterator[BlockBuster]:
    prepare()  # as a process does before its event loop
    with blockbuster_ctx() as buster:
        yield buster


async def test_the_watch_would_notice(watched: BlockBuster) -> None:
    import time

    with pytest.raises(BlockingError):
        time.sleep(0.001)  # noqa: ASYNC251


@pytest.fixture
async def mailbox(folder: Path) -> AsyncIterator[Mailbox]:
    made = Mailbox(folder)
    await made.start()
    yield made
    await made.stop()


async def test_people_are_let_in_without_holding_up_others(
    context: Context, clock: MovedClock, new_account: NewAccount, mailbox: Mailbox, watched: BlockBuster
) -> None:
    kari = await new_account("kari")
    async with context.database.transaction(None) as tx:
        enrolment = await totp.start(tx, context.keys, kari, "kari@havlandet.example")
        assert enrolment is not None
        app = pyotp.TOTP(enrolment.secret)
        assert await totp.confirm(tx, context.keys, kari, app.at(tx.moment))
    visitor = login.Visitor("192.0.2.10")
    found = await login.with_password(context, visitor, email="kari@havlandet.example", password=PASSWORD)
    assert isinstance(found, login.CodeWanted)
    clock.move(login.STEP_LASTS / 2)
    entered = await login.with_code(context, visitor, note=found.note, code=app.at(clock.now()))
    assert isinstance(entered, login.Entered)
    assert await passwords.refusal("en lang setning om havet", ("kari",)) is None

    context.settings = context.settings.model_copy(update={"smtp": mailbox.address})
    await recovery.request_reset(context, email="kari@havlandet.example", client="192.0.2.10", language="nb")
    await mail.send_due(context)
    assert len(await mailbox.mails()) == 1
    await retention.erase_credentials(context)
