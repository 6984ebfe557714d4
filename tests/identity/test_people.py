"""People and roles: an owner stays, an invitation is taken once, a programme sees its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.clock import MovedClock
from services.context import Context
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import access, commands, functions, mail, people, sessions
from services.identity.principal import Principal
from services.ids import new_id
from services.routes import Role
from tests.identity.conftest import NewAccount


async def roles(context: Context, programme_id: UUID) -> dict[str, set[str]]:
    async with context.database.transaction(programme_id) as tx:
        return {one.name: {role.value for role in one.roles} for one in await commands.members(tx, programme_id)}


async def invitation_token(context: Context, invitation_id: UUID) -> str:
    """What the mail would hold: derived from the id and the rotation, stored nowhere."""
    async with context.database.transaction(None) as tx:
        found = await functions.row(tx.connection, "invitation_mail", invitation_id, tx.moment)
    return context.keys.token(mail.INVITATION, invitation_id, found["rotation"] if found else 0)


async def invite(context: Context, programme_id: UUID, email: str, *given: Role) -> UUID:
    async with context.database.transaction(programme_id) as tx:
        return await commands.invite(
            tx, context.keys, None, programme_id, email=email, roles=given or (Role.READER,), language="nb"
        )


async def test_the_last_owner_cannot_be_removed_demoted_or_erased(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    await new_account("ola", programme, Role.ORGANISER)
    async with context.database.transaction(programme) as tx:
        for refused in (
            commands.revoke(tx, None, programme, kari),
            commands.revoke(tx, None, programme, kari, Role.OWNER),
            commands.set_roles(tx, None, programme, kari, [Role.READER]),
            commands.erase_account(tx, None, kari),
        ):
            with pytest.raises(Conflict) as conflict:
                await refused
            assert conflict.value.code == "last-owner"
    assert await roles(context, programme) == {"Kari": {"owner"}, "Ola": {"organiser"}}


async def test_two_owners_who_remove_each_other_at_once_leave_one(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    kari, ola = await new_account("kari", programme, Role.OWNER), await new_account("ola", programme, Role.OWNER)

    async def remove(whom: UUID) -> str:
        try:
            async with context.database.transaction(programme) as tx:
                await commands.revoke(tx, None, programme, whom)
        except Conflict as conflict:
            return conflict.code
        return "removed"

    for _ in range(5):
        assert sorted(await asyncio.gather(remove(kari), remove(ola))) == ["last-owner", "removed"]
        async with context.database.transaction(programme) as tx:
            for one in (kari, ola):
                await commands.grant(tx, None, programme, one, Role.OWNER)


async def test_roles_given_at_the_same_moment_are_all_kept(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari")

    async def grant(role: Role) -> None:
        async with context.database.transaction(programme) as tx:
            await commands.grant(tx, None, programme, kari, role)

    await asyncio.gather(*(grant(role) for role in Role))
    assert await roles(context, programme) == {"Kari": {role.value for role in Role}}


async def test_roles_in_one_programme_are_none_in_another(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari = await new_account("kari", programme, Role.OWNER)
    async with context.database.transaction(None) as tx:
        token = await sessions.begin(tx, kari, "")
    principal = await access.session(context, token)
    assert principal.roles_in(programme) == {Role.OWNER}
    assert principal.roles_in(neighbour) == frozenset()
    assert await roles(context, neighbour) == {}


async def test_names_are_told_to_the_programme_whose_people_they_are(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari, ola = await new_account("kari", programme, Role.READER), await new_account("ola", neighbour, Role.READER)
    async with context.database.transaction(programme) as tx:
        assert await commands.names(tx, programme, [kari, ola, uuid4()]) == {kari: "Kari"}


async def test_how_to_write_to_somebody_is_told_to_the_programme_whose_people_they_are(
    context: Context, programme: UUID, neighbour: UUID, new_account: NewAccount
) -> None:
    kari, ola = await new_account("kari", programme, Role.READER), await new_account("ola", neighbour, Role.READER)
    async with context.database.transaction(programme) as tx:
        found = await people.contact(tx, programme, kari)
        assert found is not None and (found.name, "@" in found.email, found.language) == ("Kari", True, "nb")
        assert [await people.contact(tx, programme, one) for one in (ola, uuid4())] == [None, None]


async def test_an_unknown_account_or_programme_gets_no_role(context: Context, programme: UUID) -> None:
    async with context.database.transaction(programme) as tx:
        with pytest.raises(NotFound):
            await commands.grant(tx, None, programme, uuid4(), Role.READER)


async def test_every_change_of_roles_is_in_the_audit(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    from services.identity import audit

    kari = await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.READER)
    by = Principal(kind="account", account_id=kari)
    async with context.database.transaction(programme) as tx:
        await commands.set_roles(tx, by, programme, ola, [Role.MARKETING, Role.READER])
        await commands.set_roles(tx, by, programme, ola, [Role.READER, Role.MARKETING])  # no change, no entry
        await commands.revoke(tx, by, programme, ola)
        entries = await audit.listed(tx, programme, 2)
    assert [(one.action, one.subject, one.account_name) for one in entries] == [
        ("member.removed", f"account:{ola}", "Kari"),
        ("member.roles_set", f"account:{ola}", "Kari"),
    ]
    assert entries[1].details == {"roles": ["marketing", "reader"]}


# Invitations ----------------------------------------------------------------------------------------------------------


async def test_an_invitation_gives_its_roles_once(context: Context, programme: UUID, new_account: NewAccount) -> None:
    await new_account("kari", programme, Role.OWNER)
    invitation = await invite(context, programme, "ola@havlandet.example", Role.ORGANISER, Role.CHECK_IN)
    token = await invitation_token(context, invitation)
    ola, per = await new_account("ola"), await new_account("per")
    async with context.database.transaction(None) as tx:
        offered = await commands.offer(tx, token)
        assert offered is not None and (offered.account_id, offered.programme_slug) == (ola, "havlandet")
        await commands.accept(tx, offered, ola)
    async with context.database.transaction(None) as tx:
        assert await commands.offer(tx, token) is None
        with pytest.raises(Conflict):
            await commands.accept(tx, offered, per)
    assert await roles(context, programme) == {"Kari": {"owner"}, "Ola": {"organiser", "check_in"}}


async def test_an_invitation_sent_again_makes_the_older_link_worthless(context: Context, programme: UUID) -> None:
    first = await invite(context, programme, "ola@havlandet.example", Role.READER)
    old = await invitation_token(context, first)
    second = await invite(context, programme, "OLA@havlandet.example", Role.MARKETING)
    assert second == first
    async with context.database.transaction(None) as tx:
        assert await commands.offer(tx, old) is None
        offered = await commands.offer(tx, await invitation_token(context, first))
    assert offered is not None and offered.roles == {Role.MARKETING}


async def test_an_invitation_ends_after_two_weeks_or_when_it_is_taken_back(
    context: Context, clock: MovedClock, programme: UUID, neighbour: UUID
) -> None:
    past = await invitation_token(context, await invite(context, programme, "ola@havlandet.example"))
    clock.move(timedelta(days=14))
    taken_back = await invite(context, programme, "per@havlandet.example")
    token = await invitation_token(context, taken_back)
    async with context.database.transaction(programme) as tx:
        assert await commands.offer(tx, past) is None
        assert await commands.offer(tx, token) is not None
        with pytest.raises(NotFound):
            await commands.withdraw(tx, None, neighbour, taken_back)
        await commands.withdraw(tx, None, programme, taken_back)
        assert await commands.offer(tx, token) is None


async def test_inviting_says_nothing_of_who_has_an_account(
    context: Context, programme: UUID, new_account: NewAccount
) -> None:
    await new_account("kari")
    for name in ("kari", "nobody"):
        await invite(context, programme, f"{name}@havlandet.example")
    async with context.database.transaction(programme) as tx:
        known, unknown = sorted(await commands.invitations(tx, programme), key=lambda one: one.email)
    assert (known.roles, known.mail, known.expires_at) == (unknown.roles, unknown.mail, unknown.expires_at)
    assert await roles(context, programme) == {}


async def test_the_link_of_an_invitation_is_stored_nowhere(
    context: Context, programme: UUID, admin: asyncpg.Connection
) -> None:
    token = await invitation_token(context, await invite(context, programme, "ola@havlandet.example"))
    for table in ("invitations", "outgoing_mails", "audit"):
        rows = await admin.fetch(f"SELECT * FROM identity.{table}")
        assert rows and token not in str([dict(row) for row in rows])


async def test_every_wrong_field_of_an_invitation_is_named(context: Context, programme: UUID) -> None:
    async def wrong(email: str, roles: list[Role], language: str) -> set[str]:
        async with context.database.transaction(programme) as tx:
            with pytest.raises(Invalid) as invalid:
                await commands.invite(tx, context.keys, None, programme, email=email, roles=roles, language=language)
        return {one.field for one in invalid.value.fields}

    assert await wrong("ingen adresse", [Role.READER], "nb") == {"email"}
    assert await wrong("kari@havlandet.example", [], "xx") == {"roles", "language"}


# Accounts and programmes ----------------------------------------------------------------------------------------------


async def test_one_address_has_one_account_however_it_is_spelt(context: Context, new_account: NewAccount) -> None:
    await new_account("kari")
    async with context.database.transaction(None) as tx:
        with pytest.raises(Conflict):
            await commands.create_account(tx, email="KARI@Havlandet.example", name="K", language="nb", password=None)


async def test_the_first_account_is_made_once_though_two_try_at_the_same_moment(context: Context) -> None:
    async def first(name: str) -> str:
        try:
            async with context.database.transaction(None) as tx:
                email = f"{name}@havlandet.example"
                await commands.create_account(
                    tx, email=email, name=name, language="nb", password=None, operator=True, first=True
                )
        except Conflict as conflict:
            return conflict.code
        return "made"

    answers = await asyncio.gather(*(first(f"name{number}") for number in range(5)))
    assert sorted(answers) == ["account-exists"] * 4 + ["made"]


async def test_the_last_operator_stays(context: Context, new_account: NewAccount) -> None:
    kari, ola = await new_account("kari", operator=True), await new_account("ola")
    async with context.database.transaction(None) as tx:
        for refused in (commands.erase_account(tx, None, kari), commands.set_operator(tx, None, kari, False)):
            with pytest.raises(Conflict) as conflict:
                await refused
            assert conflict.value.code == "last-operator"
        await commands.set_operator(tx, None, ola, True)
        await commands.set_operator(tx, None, kari, False)
        await commands.erase_account(tx, None, kari)


async def test_erasing_an_account_leaves_nothing_of_it(
    context: Context, programme: UUID, admin: asyncpg.Connection, new_account: NewAccount
) -> None:
    await new_account("kari", programme, Role.OWNER)
    ola = await new_account("ola", programme, Role.ORGANISER)
    await invite(context, programme, "ola@havlandet.example", Role.MARKETING)
    async with context.database.transaction(None) as tx:
        token = await sessions.begin(tx, ola, "")
        await commands.erase_account(tx, None, ola)
    assert (await access.session(context, token)).kind == "guest"
    for table in ("accounts", "memberships", "sessions", "invitations", "outgoing_mails"):
        rows = [str(dict(row)) for row in await admin.fetch(f"SELECT * FROM identity.{table}")]
        assert [row for row in rows if "ola@" in row or str(ola) in row] == []


async def test_two_programmes_cannot_share_an_address(context: Context, programme: UUID) -> None:
    async with context.database.transaction(None) as tx:
        with pytest.raises(Conflict) as conflict:
            await commands.register_programme(
                tx, new_id(tx.moment), slug="havlandet", name="Another", language="nb", status="open"
            )
        assert conflict.value.code == "slug-taken"
        # The transaction goes on: what else it did is not lost.
        assert len(await commands.programmes(tx)) == 1


async def test_a_renamed_programme_is_found_at_once_by_whoever_hears_of_it(context: Context, programme: UUID) -> None:
    found = await access.find_programme(context, "havlandet")
    assert found is not None and found.name == "Blest i Havlandet"
    async with context.database.transaction(None) as tx:
        await commands.register_programme(
            tx, programme, slug="havlandet", name="Havlandet kaller", language="nb", status="open"
        )
    stale = await access.find_programme(context, "havlandet")
    assert stale is not None and stale.name == "Blest i Havlandet", "remembered for a few seconds"
    await access.announce(context)
    fresh = await access.find_programme(context, "havlandet")
    assert fresh is not None and fresh.name == "Havlandet kaller"
    assert await access.find_programme(context, "nowhere") is None
