"""What a host reads of a shift, in each language: what it is about before it is opened, when, where, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from notifications.channels.email import calendar, message, shift_letter
from notifications.channels.email.letter import Links
from services.pages.languages import LANGUAGES, translator

TEN, NOON = (datetime(2026, 4, 23, hour, tzinfo=UTC) for hour in (10, 12))
STORY: dict[str, Any] = {
    "programme_names": {"nb": "Blest i Havlandet"},
    "contact": "post@havlandet.example",
    "titles": {"nb": "Hjemkomstdag", "en": "Homecoming day"},
    "venue": {"name": "Samfunnshuset", "address": "Kaiveien 1"},
    "time_zone": "Europe/Oslo",
    "event_status": "published",
    "stand_number": "4",
    "stand_names": {"nb": "Bolig", "en": "Homes"},
    "starts_at": TEN,
    "ends_at": NOON,
    "before": (datetime(2026, 4, 22, 8, tzinfo=UTC), datetime(2026, 4, 22, 9, tzinfo=UTC)),
    "session_titles": None,
    "room": "",
}
KINDS = {"given": {}, "moved": {}, "taken": {}, "called off": {"event_status": "cancelled"}}


def written(kind: str, lang: str, **story: Any) -> Any:
    """The mail of a kind: it says `taken` also of what is called off."""
    news = "taken" if kind == "called off" else kind
    links = Links(preferences="", unsubscribe="", programme=f"http://x/{lang}/console/havlandet")
    text = shift_letter.compose(news, {**STORY, **KINDS[kind], **story}, "Kari", lang, links, translator(lang))
    envelope = message.Envelope(UUID(int=7), "Kari", "kari@example.org", "Blest <a@b.example>", STORY["contact"], TEN)
    return message_from_bytes(message.build(text, envelope).as_bytes(), policy=default)


def texts(mail: Any) -> list[str]:
    return [" ".join(mail.get_body((kind,)).get_content().split()) for kind in ("plain", "html")]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_says_when_where_at_which_stand_and_whom_to_ask(kind: str, lang: str) -> None:
    mail = written(kind, lang)
    for text in texts(mail):
        assert "Samfunnshuset, Kaiveien 1" in text and "4 · " in text and "12:00–14:00" in text
        assert "post@havlandet.example" in text and "/console/havlandet" in text
        assert ("10:00–11:00" in text) is (kind == "moved"), "what it was before"
    assert mail["Reply-To"] == "post@havlandet.example"
    assert "23" in mail["Subject"] and "12:00–14:00" in mail["Subject"], (
        "who has several shifts can tell the mails apart"
    )


@pytest.mark.parametrize(
    ("kind", "lang", "subject", "says"),
    [
        ("given", "nb", "Du har en vakt: Hjemkomstdag, tor. 23. apr., 12:00–14:00", "Takk for at du er vert!"),
        ("given", "nn", "Du har ei vakt: Hjemkomstdag, to. 23. apr., 12:00–14:00", "Kan du ikkje kome? Sei frå snart"),
        (
            "moved",
            "nb",
            "Vakten din er flyttet: Hjemkomstdag, tor. 23. apr., 12:00–14:00",
            "Før var den onsdag 22. april",
        ),
        (
            "moved",
            "nl",
            "Je dienst is verplaatst: Homecoming day, do 23 apr, 12:00–14:00",
            "Eerder was dat woensdag 22 april",
        ),
        (
            "taken",
            "en",
            "You no longer have this shift: Homecoming day, Thu 23 Apr, 12:00–14:00",
            "If you have other shifts, they stay as they are.",
        ),
        ("called off", "nb", "Avlyst: Hjemkomstdag, tor. 23. apr., 12:00–14:00", "arrangementet blir ikke noe av"),
        ("called off", "en", "Called off: Homecoming day, Thu 23 Apr, 12:00–14:00", "the event will not take place"),
    ],
)
def test_its_subject_says_what_it_is_about_and_its_words_what_to_do(
    kind: str, lang: str, subject: str, says: str
) -> None:
    mail = written(kind, lang)
    assert mail["Subject"] == subject
    assert all(says in text for text in texts(mail))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_asked_to_answer_where_nobody_reads_the_answer(kind: str) -> None:
    for text in texts(written(kind, "en", contact="")):
        assert "nswer" not in text


@pytest.mark.parametrize(("lang", "called"), [("nb", "Vakt: Hjemkomstdag"), ("nl", "Dienst: Homecoming day")])
def test_a_calendar_calls_it_a_shift(lang: str, called: str) -> None:
    entry = calendar.entry(
        STORY,
        lang,
        "blest.example",
        ("Blest", "a@b.example"),
        "kari@example.org",
        0,
        TEN,
        cancelled=False,
        uid="shift-1@blest.example",
        summary=shift_letter.in_calendar(STORY, lang, translator(lang)),
    ).decode()
    assert f"SUMMARY;LANGUAGE={lang}:{called}" in entry


def test_a_name_of_several_lines_is_written_on_one_and_keeps_no_mail_back() -> None:
    links = Links(preferences="", unsubscribe="")
    text = shift_letter.compose("given", STORY, "Kari\nNordmann", "en", links, translator("en"))
    envelope = message.Envelope(UUID(int=7), "Kari\r\nNordmann", "kari@example.org", "Blest <a@b.example>", "", TEN)
    mail = message_from_bytes(message.build(text, envelope).as_bytes(), policy=default)
    assert mail["To"] == "Kari Nordmann <kari@example.org>"
    assert "Hello Kari Nordmann," in texts(mail)[0]
