"""The bytes of our mails, read as a mail program reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from notifications.channels.email import calendar, letter, message
from notifications.domain import Kind
from services.pages.languages import LANGUAGES, translator

BOOKING = UUID("01900000-0000-7000-8000-000000000001")
STORY: dict[str, Any] = {
    "booking_id": BOOKING,
    "visitor_id": BOOKING,
    "status": "confirmed",
    "cause": "visitor",
    "adults": 2,
    "children": 2,
    "rotation": 0,
    "offer_ends_at": datetime(2026, 12, 3, 12, tzinfo=UTC),
    "slot_id": BOOKING,
    "slot_status": "open",
    "event_id": BOOKING,
    "event_slug": "hjemkomstdag",
    "titles": {"nb": "Hjemkomstdag", "en": "Homecoming day"},
    "event_status": "published",
    "time_zone": "Europe/Oslo",
    "venue": {"name": "Samfunnshuset", "address": "Kaiveien 1"},
    "starts_at": datetime(2026, 12, 27, 11, tzinfo=UTC),
    "ends_at": datetime(2026, 12, 27, 11, 30, tzinfo=UTC),
    "awaits": None,
    "lots_at": None,
    "is_group": False,
    "subjects": {lang: f"Nytt {lang}" for lang in ("nb", "nn", "en", "nl")},
    "texts": {lang: f"Til alle {lang}" for lang in ("nb", "nn", "en", "nl")},
    "session_titles": None,
    "room": None,
    "giver": "Kari",
    "until": datetime(2026, 12, 3, 12, tzinfo=UTC),
    "stand_number": "4",
    "stand_names": {"nb": "Bolig og tomter", "en": "Homes and plots"},
    "exhibitor": "Nordvær",
    "programme_names": {"nb": "Blest i Havlandet"},
    "programme_slug": "blest-i-havlandet",
    "contact": "post@havlandet.example",
    "programme_language": "nb",
}
LINKS = letter.Links(
    preferences="http://x/nb/preferences/abc",
    unsubscribe="https://a-rather-long-host-name.municipality.example/u/" + "a" * 26,
    programme="http://x/nb/programmes/h",
    booking="http://x/nb/my-booking/abc",
    ticket="http://x/t/abc",
    event="http://x/nb/events/h",
)


def mail(kind: Kind, lang: str = "nb", entry: bytes | None = None, **story: Any) -> Any:
    text = letter.compose(kind, {**STORY, **story}, "Åse & <b>Ola</b>", lang, LINKS, translator(lang))
    envelope = message.Envelope(
        UUID(int=7),
        "Åse & <b>Ola</b>",
        "ase@example.org",
        "Blest <post@blest.example>",
        "post@havlandet.example",
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    return message_from_bytes(
        message.build(text, envelope, entry, cancelled=kind is Kind.CANCELLED).as_bytes(), policy=default
    )


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.INTEREST])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_letter_says_when_and_where_in_plain_text_and_in_html(kind: Kind, lang: str) -> None:
    found = mail(kind, lang, status="cancelled" if kind is Kind.CANCELLED else "confirmed")
    plain, html = found.get_body(("plain",)).get_content(), found.get_body(("html",)).get_content()
    for text in (plain, html):
        assert "Samfunnshuset, Kaiveien 1" in text
        assert "12:00" in text
    assert "{" not in plain
    assert found["Auto-Submitted"] == "auto-generated"
    assert "<b>Ola" not in html


def test_a_letter_in_norwegian_is_norwegian() -> None:
    found = mail(Kind.CONFIRMED)
    assert found["Subject"] == "Du er påmeldt: Hjemkomstdag"
    assert "2 voksne, 2 barn" in found.get_body(("plain",)).get_content()
    assert found["Content-Language"] == "nb"


def test_nothing_in_a_mail_is_fetched_from_anywhere() -> None:
    html = mail(Kind.CONFIRMED).get_body(("html",)).get_content()
    assert 'src="cid:ticket"' in html
    assert html.count("src=") == 1
    assert "url(" not in html
    assert "@import" not in html


def test_only_a_reminder_can_be_unsubscribed_from_and_its_address_stays_one_line() -> None:
    text = letter.compose(Kind.REMINDER, STORY, "Åse", "nb", LINKS, translator("nb"))
    envelope = message.Envelope(
        UUID(int=7), "Åse", "ase@example.org", "Blest <post@blest.example>", "", datetime(2026, 12, 1, tzinfo=UTC)
    )
    raw = message.build(text, envelope).as_bytes()
    assert f"List-Unsubscribe: <{LINKS.unsubscribe}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert mail(Kind.CONFIRMED)["List-Unsubscribe"] is None


def test_the_calendar_entry_stands_in_the_mail_twice_with_the_method_its_part_names() -> None:
    entry = calendar.entry(
        STORY,
        "nb",
        "blest.example",
        ("Blest i Havlandet", "post@blest.example"),
        "ase@example.org",
        3,
        datetime(2026, 12, 1, tzinfo=UTC),
        cancelled=False,
    )
    found = mail(Kind.MOVED, entry=entry)
    parts = [part for part in found.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == ["REQUEST", "REQUEST"]
    for part in parts:
        read = Calendar.from_ical(part.get_payload(decode=True))
        [event] = read.events
        assert (read["METHOD"], event["SEQUENCE"], event["UID"]) == ("REQUEST", 3, f"booking-{BOOKING}@blest.example")
        assert event.start == STORY["starts_at"]
        assert str(event["ATTENDEE"]) == "mailto:ase@example.org"
        assert "my-booking" not in part.get_payload(decode=True).decode()


def test_a_cancelled_entry_keeps_its_identity_and_says_cancelled() -> None:
    entry = calendar.entry(
        STORY,
        "nb",
        "blest.example",
        ("Blest", "post@blest.example"),
        "ase@example.org",
        4,
        datetime(2026, 12, 1, tzinfo=UTC),
        cancelled=True,
    )
    read = Calendar.from_ical(entry)
    assert read["METHOD"] == "CANCEL"
    assert read.events[0]["STATUS"] == "CANCELLED"
    assert read.events[0]["UID"] == f"booking-{BOOKING}@blest.example"


def test_the_sequence_rises_only_with_time_place_or_state() -> None:
    same = calendar.fingerprint({**STORY, "adults": 5, "titles": {"nb": "Annet"}}, cancelled=False)
    assert same == calendar.fingerprint(STORY, cancelled=False)
    moved = {**STORY, "starts_at": STORY["starts_at"] + timedelta(minutes=5)}
    another_stand = {**STORY, "stand_number": "5"}
    elsewhere = {**STORY, "venue": {"name": "Skolen", "address": ""}}
    assert (
        len(
            {
                calendar.fingerprint(one, cancelled=off)
                for one, off in [
                    (STORY, False),
                    (moved, False),
                    (elsewhere, False),
                    (another_stand, False),
                    (STORY, True),
                ]
            }
        )
        == 5
    )


@pytest.mark.parametrize("name", ["Ola\r\nBcc: spion@example.org", "x" * 300, "\u202eevil", "Åse Ødegård"])
def test_a_visitors_name_cannot_break_the_headers(name: str) -> None:
    text = letter.compose(Kind.CONFIRMED, STORY, name, "nb", LINKS, translator("nb"))
    envelope = message.Envelope(
        UUID(int=7),
        " ".join(name.split()),
        "ase@example.org",
        "Blest <post@blest.example>",
        "",
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    found = message_from_bytes(message.build(text, envelope).as_bytes(), policy=default)
    assert found["Bcc"] is None
    assert found["To"].addresses[0].addr_spec == "ase@example.org"


@pytest.mark.parametrize(
    "name",
    [
        "Ola http://thief.example/x",
        "Your place is lost: thief.example",
        "www.thief.example",
        "ola@thief.example",
        "You must pay the deposit today. Write to the treasurer, who waits for you",
    ],
)
def test_a_strangers_words_are_not_said_to_whom_they_name(name: str) -> None:
    text = letter.compose(Kind.CONFIRMED, STORY, name, "en", LINKS, translator("en"))
    envelope = message.Envelope(
        UUID(int=7), name, "ase@example.org", "Blest <post@blest.example>", "", datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert text.sentences[0] == "Hello,"
    assert name not in str(message_from_bytes(message.build(text, envelope).as_bytes(), policy=default))


@pytest.mark.parametrize("name", ["Åse Ødegård", "J.R.R. Tolkien", "Kari & Ola", "d'Arc-Müller", "Ola jr.", "O. N."])
def test_people_are_called_by_their_names(name: str) -> None:
    assert letter.compose(Kind.CONFIRMED, STORY, name, "en", LINKS, translator("en")).sentences[0] == f"Hello {name},"


def test_who_waits_and_asks_again_is_told_that_they_wait() -> None:
    waits = mail(Kind.AGAIN, "en", status="waiting").get_body(("plain",)).get_content()
    assert "You are on the waiting list already" in waits and "You have a booking already" not in waits
    assert "You have a booking already" in mail(Kind.AGAIN, "en").get_body(("plain",)).get_content()


def test_plain_text_is_what_people_wrote() -> None:
    text = mail(Kind.CONFIRMED, "en").get_body(("plain",)).get_content()
    assert "Hello Åse & <b>Ola</b>," in text
    shown = mail(Kind.CONFIRMED, "en").get_body(("html",)).get_content()
    assert "<b>Ola</b>" not in shown and "Åse &amp; &lt;b&gt;Ola" in shown


def test_who_waits_is_not_told_that_they_have_a_booking_when_their_time_moves() -> None:
    text = mail(Kind.MOVED, "en", status="waiting").get_body(("plain",)).get_content()
    assert "What you wait for has a new time" in text
    assert "Your ticket" not in text


ENDINGS = {
    "the visitor": ({"cause": "visitor"}, "Thank you for telling us", "/events/h"),
    "the organiser": ({"cause": "staff"}, "The organiser has cancelled it", "/events/h"),
    "the clock": ({"cause": "expiry"}, "We kept a place for you", "/events/h"),
    "the slot": ({"cause": "event", "slot_status": "closed"}, "the time you booked was taken off", "/my-booking/"),
    "the event": ({"cause": "event", "event_status": "cancelled"}, "will not take place", "/my-booking/"),
}


@pytest.mark.parametrize("who", ENDINGS)
def test_a_cancellation_says_who_or_what_ended_the_booking_and_leads_where_one_goes_on(who: str) -> None:
    story, says, leads = ENDINGS[who]
    text = mail(Kind.CANCELLED, "en", status="cancelled", **story).get_body(("plain",)).get_content()
    assert [other for other in ENDINGS if ENDINGS[other][1] in text] == [who], says
    assert leads in text
    assert ("is called off" in text) == (who == "the event")


def test_an_event_that_is_called_off_says_why_in_the_organisers_words() -> None:
    off = {"status": "cancelled", "cause": "event", "event_status": "cancelled"}
    reasons = {"nb": "Det blåser opp til storm.", "en": "A storm is coming: <b>stay in</b>."}
    text = mail(Kind.CANCELLED, "en", reasons=reasons, **off).get_body(("plain",)).get_content()
    assert "The organiser says: “A storm is coming: <b>stay in</b>.”" in text
    shown = mail(Kind.CANCELLED, "nb", reasons=reasons, **off).get_body(("html",)).get_content()
    assert "Det blåser opp til storm." in shown
    escaped = mail(Kind.CANCELLED, "en", reasons=reasons, **off).get_body(("html",)).get_content()
    assert "<b>stay in</b>" not in escaped
    assert "The organiser says" not in mail(Kind.CANCELLED, "en", **off).get_body(("plain",)).get_content()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_endings_are_told_in_the_same_words_in_any_language(lang: str) -> None:
    told = {
        mail(Kind.CANCELLED, lang, status="cancelled", **story).get_body(("plain",)).get_content()
        for story, _, _ in ENDINGS.values()
    }
    assert len(told) == len(ENDINGS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_calendar_says_at_which_stand(lang: str) -> None:
    def where(**story: Any) -> str:
        organiser, moment = ("Blest", "post@blest.example"), datetime(2026, 12, 1, tzinfo=UTC)
        made = calendar.entry({**STORY, **story}, lang, "x", organiser, "ase@example.org", 0, moment, cancelled=False)
        return str(Calendar.from_ical(made).events[0].get("LOCATION"))

    homes = "Bolig og tomter" if lang in {"nb", "nn"} else "Homes and plots"
    assert where() == f"Samfunnshuset, Kaiveien 1, Stand 4: {homes}"
    assert where(stand_names=None, stand_number=None) == "Samfunnshuset, Kaiveien 1"
    assert where(venue=None, stand_number=None) == f"Stand: {homes}"
    assert where(venue=None, stand_names=None, stand_number=None) == "None"


@pytest.mark.parametrize("lang", ["nb", "nn", "nl"])
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.INTEREST])
def test_no_sentence_of_a_letter_is_left_in_english(kind: Kind, lang: str) -> None:
    def words(lang: str) -> set[str]:
        made = letter.compose(kind, {**STORY, "titles": {lang: "Hjemkomst"}}, "Åse", lang, LINKS, translator(lang))
        return {made.subject, made.heading, made.action[0], *made.sentences[1:], *filter(None, made.footer)}

    assert len(words(lang)) == len(words("en"))
    assert not words(lang) & words("en")


@pytest.mark.parametrize("kind", [Kind.CONFIRMED, Kind.WAITLISTED, Kind.REMINDER])
def test_a_group_is_spoken_to_as_a_group(kind: Kind) -> None:
    said = [mail(kind, "en", is_group=one).get_body(("plain",)).get_content() for one in (True, False)]
    assert "group" in said[0] and "group" not in said[1]
