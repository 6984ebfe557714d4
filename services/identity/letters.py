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
    say = translator(lang)
    named = {"programme": programme, "name": invited_by}
    first = (
        say("{name} invites you to work in {programme} on Blest.", **named)
        if invited_by
        else say("You are invited to work in {programme} on Blest.", **named)
    )
    last_day = format_date(expires_at, "long", locale=locale_of(lang))
    return _letter(
        lang,
        say("Invitation to {programme}", **named),
        [first, say("Open the page below to say yes. If you do not know why you got this, leave it alone.")],
        (say("See the invitation"), link),
        say("The link is yours alone and works until {day}.", day=last_day),
    )


def reset(lang: str, link: str, name: str, lasts: timedelta) -> Letter:
    """Someone, most likely the account's owner, asked for a new password."""
    say = translator(lang)
    minutes = int(lasts.total_seconds() // 60)
    return _letter(
        lang,
        say("Choose a new password"),
        [
            say("Hello {name},", name=name),
            say("You asked to choose a new password for Blest. Open the page below to do so."),
            say("If it was not you, leave this alone: your password stays as it is."),
        ],
        (say("Choose a new password"), link),
        say.plural(
            "The link works once, within {count} minute.", "The link works once, within {count} minutes.", minutes
        ),
    )


def notice(lang: str, what: str, link: str) -> Letter:
    """Something changed that whoever takes over an account would change first: its owner hears of it, whoever did
    it."""
    say = translator(lang)
    return _letter(
        lang,
        say(NOTICES[what]),
        [
            say(NOTICES[what]) + ".",
            say("If it was you, there is nothing to do."),
            say("If it was not you, someone else has been in your account: choose a new password at once."),
        ],
        (say("Choose a new password"), link),
        say("You get this mail because the account is yours; it cannot be turned off."),
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
