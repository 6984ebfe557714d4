"""`blest doctor`: what it finds in an installation that is well, and in one that is not."""

from __future__ import annotations

from datetime import timedelta

from services import repairs
from services.chassis import CHASSIS
from services.cli import doctor
from services.cli.doctor import Finding
from services.cli.reach import Reached, all_services
from services.clock import MovedClock, SystemClock
from services.database import Database
from services.identity import mail
from services.keys import Keys
from services.settings import Settings


async def invariants(settings: Settings) -> list[Finding]:
    return [finding async for finding in doctor.invariants(Reached(settings, {}))]


async def test_it_looks_at_every_invariant_that_anybody_declares(settings: Settings) -> None:
    found = await invariants(settings)
    assert all(finding.well for finding in found)
    declared = [(service.name, check.says) for service in all_services() for check in service.checks]
    assert [(finding.part, finding.says) for finding in found] == declared
    assert {"identity", "registrations"} <= {service for service, _ in declared}


async def test_it_tells_of_a_mail_that_does_not_leave_and_where_to_read_of_it(settings: Settings, keys: Keys) -> None:
    # The doctor goes by the real time, so the mail is written two of its hours ago.
    database = Database(CHASSIS.name, settings.database, keys, MovedClock(SystemClock().now() - timedelta(hours=2)))
    await database.open()
    async with database.transaction(None) as tx:
        await mail.queue(tx, mail.RESET, "kari@havlandet.example", "nb")
    await database.close()
    (ill,) = [finding for finding in await invariants(settings) if not finding.well]
    assert (ill.part, ill.do) == ("identity", "see the invariants in services/identity/README.md (mails-leave)")
    assert ill.says.startswith("1 times not so: No invitation or reset mail waits")


async def test_it_tells_of_a_projection_that_was_emptied_and_not_filled_again(settings: Settings, keys: Keys) -> None:
    assert [finding async for finding in doctor.tasks(Reached(settings, {}))] == []
    database = Database("events", settings.database, keys, SystemClock())
    await database.open()
    async with database.system() as tx:
        await tx.connection.execute(repairs.EMPTIED, "rebuild events-places", tx.moment, "It is not full again")
    await database.close()
    (ill,) = [finding async for finding in doctor.tasks(Reached(settings, {}))]
    assert (ill.part, ill.says, ill.well) == ("events", "rebuild events-places: It is not full again", False)
