"""Accounts: made, appointed, erased. Each command raises a `Problem` where it refuses, and then nothing is stored."""

from __future__ import annotations

from uuid import UUID

from services import mail_address
from services.database import Transaction
from services.http.problems import Conflict, Invalid, NotFound
from services.identity import audit, functions, passwords
from services.identity.principal import Principal
from services.ids import new_id
from services.mail_address import NoAddress
from services.pages.explaining import EMAIL
from services.pages.languages import LANGUAGES, msgid

LONGEST_NAME = 120
LAST_OPERATOR = msgid("This person is the only one who runs the installation. Appoint another first.")


def address(email: str) -> str:
    """A mail address in its normal form; raises `Invalid` for what is none. Whether anybody reads it is not asked."""
    try:
        return mail_address.normal(email.strip())
    except NoAddress as error:
        raise Invalid({"email": EMAIL}) from error


async def create_account(
    tx: Transaction,
    *,
    email: str,
    name: str,
    language: str,
    password: str | None,
    operator: bool = False,
    first: bool = False,
    by: Principal | None = None,
) -> UUID:
    """Make an account and return its id. Without a password its owner chooses one by a reset mail. `first`: only if
    there is no account yet. Raises `Invalid` per wrong field, `Conflict` where the address has an account (or,
    for `first`, anybody)."""
    email, name = address(email), name.strip()
    errors: dict[str, str] = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        errors["name"] = msgid("Write the person's name.")
    if language not in LANGUAGES:
        errors["language"] = msgid("Choose one of the options.")
    refused = await passwords.refusal(password, (email, name)) if password is not None else None
    if refused:
        errors["password"] = refused
    if errors:
        raise Invalid(errors)
    encoded = await passwords.hashed(password) if password is not None else None
    account_id = new_id(tx.moment)
    if not await functions.value(
        tx.connection, "create_account", account_id, email, name, language, encoded, operator, first, tx.moment
    ):
        raise Conflict("account-exists", msgid("There is an account with this address."))
    await audit.record_for(tx, by, None, "account.created", f"account:{account_id}", operator=operator)
    return account_id


async def set_operator(tx: Transaction, by: Principal | None, account_id: UUID, operator: bool) -> None:
    """Let an account run the installation, or no longer. Raises `Conflict` for the last one that does."""
    match await functions.value(tx.connection, "set_operator", account_id, operator):
        case "last_operator":
            raise Conflict("last-operator", LAST_OPERATOR)
        case "changed":
            await audit.record_for(tx, by, None, "account.operator_set", f"account:{account_id}", operator=operator)


async def erase_account(tx: Transaction, by: Principal | None, account_id: UUID) -> None:
    """Erase an account with its sessions, roles and tokens. Raises `Conflict` for the last owner of a programme and
    the last operator, `NotFound` for an account that does not exist."""
    match await functions.value(tx.connection, "erase_account", account_id):
        case "last_owner":
            raise Conflict(
                "last-owner", msgid("This person is the only owner of a programme. Make someone else owner first.")
            )
        case "last_operator":
            raise Conflict("last-operator", LAST_OPERATOR)
        case "unknown":
            raise NotFound("account")
    await audit.record_for(tx, by, None, "account.erased", f"account:{account_id}")
