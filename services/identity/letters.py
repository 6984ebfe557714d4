"""What the mails say, in the recipient's language: a subject, and the same words as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from services.pages.languages import locale_of, msgid, translator

NOTICES = {
    "password_changed": msgid("Your password for Blest was changed"),
    "second_factor_added": msgid("The second step was set up for your account on Blest"),
    "second_factor_removed": msgid("The second step was removed from your account on Blest"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its recipient."""

    lang: str
    subject: str
    text: str
    html: str


def invitation(lang: str, link: str, programme: str, invited_by: str, expires_at: datetime) -> Letter:
    """You are invited to a programme. The name of who invites, where they still have an account, tells it from a
    fraud."""
    translate = translator(lang)
    named = {"programme": programme, "name": invited_by}
    first = (
        translate("{name} invites you to work in {programme} on Blest.", **named)
        if invited_by
        else translate("You are invited to work in {programme} on Blest.", **named)
    )
    last_day = format_date(expires_at, "long", locale=locale_of(lang))
    return _letter(
        lang,
        translate("Invitation to {programme}", **named),
        [first, translate("Open the page below to say yes. If you do not know why you got this, leave it alone.")],
        (translate("See the invitation"), link),
        translate("The link is yours alone and works until {day}.", day=last_day),
    )


def reset(lang: str, link: str, name: str, lasts: timedelta) -> Letter:
    """Someone, most likely the account's owner, asked for a new password."""
    translate = translator(lang)
    minutes = int(lasts.total_seconds() // 60)
    return _letter(
        lang,
        translate("Choose a new password"),
        [
            translate("Hello {name},", name=name),
            translate("You asked to choose a new password for Blest. Open the page below to do so."),
            translate("If it was not you, leave this alone: your password stays as it is."),
        ],
        (translate("Choose a new password"), link),
        translate.plural(
            "The link works once, within {count} minute.", "The link works once, within {count} minutes.", minutes
        ),
    )


def notice(lang: str, what: str, link: str) -> Letter:
    """Something changed that whoever takes over an account would change first: its owner hears of it, whoever did
    it."""
    translate = translator(lang)
    return _letter(
        lang,
        translate(NOTICES[what]),
        [
            translate(NOTICES[what]) + ".",
            translate("If it was you, there is nothing to do."),
            translate("If it was not you, someone else has been in your account: choose a new password at once."),
        ],
        (translate("Choose a new password"), link),
        translate("You get this mail because the account is yours; it cannot be turned off."),
    )


def _letter(lang: str, subject: str, paragraphs: list[str], button: tuple[str, str], note: str) -> Letter:
    from services.pages.templating import environment

    label, link = button
    text = "\n\n".join([*paragraphs, f"{label}:\n{link}", note, "-- \nBlest"]) + "\n"
    html = (
        environment()
        .get_template("identity/letter.html")
        .render(lang=lang, subject=subject, paragraphs=paragraphs, label=label, link=link, note=note)
    )
    return Letter(lang, subject, text, html)
