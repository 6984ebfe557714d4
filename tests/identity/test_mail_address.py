"""Addresses as people write them. The library is the judge, also of what is answered without asking it each time."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from services.mail_address import NoAddress, normal

PARTS = st.text(alphabet="abzAZ019._+-'\"æø@ ", max_size=70)
DOMAINS = st.sampled_from(
    ["example.org", "Example.ORG", "bygd.example.no", "blåbær.no", "localhost", "a..b", "-a.no", "x" * 64]
)


def judged(text: str) -> str | None:
    try:
        return str(validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError:
        return None


def ours(text: str) -> str | None:
    try:
        return normal(text)
    except NoAddress:
        return None


@given(PARTS, DOMAINS | PARTS)
@example("ola", "example.org")
@example("a" * 64, "example.org")
@example("a" * 65, "example.org")
@example("a" * 64, "b." * 94 + "no")
@example("Postmaster", "example.org")
@example("postmaster", "Example.org")
@example("a..b", "example.org")
@example(".a", "example.org")
def test_it_says_what_the_library_says(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert ours(text) == judged(text)


@pytest.mark.parametrize(
    "text", ["", "ola", "ola@", "@example.org", "ola@example", "ola@@example.org", "ola@exa mple.org"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NoAddress):
        normal(text)
