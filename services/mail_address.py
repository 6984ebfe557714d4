"""Mail addresses as people write them, in one form. Whether anybody reads there is not asked."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

_PLAIN = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")
LONGEST_LOCAL_PART = 64
LONGEST = 254
DOMAINS = 4096
"""So many domains are remembered as good ones, in memory alone: most people's mail is at one of a few."""


class NoAddress(ValueError):
    """The text is no mail address."""


def normal(text: str) -> str:
    """An address in its normal form: the domain in lower case, Unicode composed. Raises `NoAddress`.

    The library judges. Of an address as plain as nearly all are it judges the domain alone, and once: to judge the
    whole took a tenth of what a booking takes.
    """
    plain = _PLAIN.fullmatch(text)
    try:
        if plain is not None and len(plain[1]) <= LONGEST_LOCAL_PART and len(text) <= LONGEST:
            return f"{plain[1]}@{_domain(plain[2])}"
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise NoAddress(str(error)) from error


@lru_cache(maxsize=DOMAINS)
def _domain(written: str) -> str:
    return str(validate_email(f"x@{written}", check_deliverability=False).domain)
