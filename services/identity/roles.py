"""What the roles are called, and what each is for, in words an owner chooses by."""

from __future__ import annotations

from collections.abc import Iterable

from services.pages.languages import Translate, msgid
from services.routes import Role

NAMES = {
    Role.OWNER: msgid("Owner"),
    Role.ORGANISER: msgid("Organiser"),
    Role.MARKETING: msgid("Marketing"),
    Role.STAND_HOST: msgid("Stand host"),
    Role.CHECK_IN: msgid("Check-in"),
    Role.READER: msgid("Reader"),
}
NOTES = {
    Role.OWNER: msgid("May do everything, and decides who else may do what."),
    Role.ORGANISER: msgid("Plans events and stands, and looks after the bookings."),
    Role.MARKETING: msgid("Makes campaigns, and sees what they cost and bring."),
    Role.STAND_HOST: msgid("Meets people at a stand and notes the conversations."),
    Role.CHECK_IN: msgid("Lets people in at the door."),
    Role.READER: msgid("Sees figures and plans, and changes nothing."),
}


def role_names(roles: Iterable[Role | str], translate: Translate) -> str:
    """`Organiser, Marketing`, in the house's order."""
    held = {Role(role) for role in roles}
    return ", ".join(translate(NAMES[role]) for role in Role if role in held)


def role_options(
    translate: Translate, allowed: Iterable[Role] = tuple(Role), *, notes: bool = True
) -> list[tuple[str, str, str]]:
    """(value, label, note) for the form parts."""
    chosen = set(allowed)
    return [
        (role.value, translate(NAMES[role]), translate(NOTES[role]) if notes else "") for role in Role if role in chosen
    ]
