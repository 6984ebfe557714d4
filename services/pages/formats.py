"""Dates, times, money and numbers as the reader writes them. Moments are aware and shown in the zone they are given."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from services.pages.languages import locale_of

ZONE = "Europe/Oslo"
"""Where a template names no zone."""

Moment = datetime | date


def _local(value: Moment, tz: str | None) -> Moment:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone before it can be shown")
    return value.astimezone(ZoneInfo(tz or ZONE))


def day(value: Moment, lang: str, tz: str | None = None, form: str = "full") -> str:
    """`full`: Saturday 12 December 2026; `long`: 12 December 2026; `short`: 12 Dec; `weekday`: Sat 12 Dec;
    `month`: December 2026; `iso`: 2026-12-12."""
    local = _local(value, tz)
    if form == "iso":
        return local.strftime("%Y-%m-%d")
    return _written(date(local.year, local.month, local.day), lang, form)


@lru_cache(maxsize=4096)
def _written(day: date, lang: str, form: str) -> str:
    """A page names the same few days again and again."""
    locale = locale_of(lang)
    return format_date(day, _pattern(locale, form), locale=locale)


def _pattern(locale: Locale, form: str) -> str:
    """With the dot that Norwegian and Sámi put behind the day's number, and no comma behind the weekday."""
    number = "d." if locale.language in {"nb", "nn", "se"} else "d"
    return {
        "full": f"EEEE {number} MMMM y",
        "long": f"{number} MMMM y",
        "short": f"{number} MMM",
        "weekday": f"EEE {number} MMM",
        "month": "LLLL y",
    }[form]


def time(value: datetime, lang: str, tz: str | None = None) -> str:
    """14:30, in every language."""
    local = _local(value, tz)
    return f"{local:%H:%M}" if isinstance(local, datetime) else "00:00"


def moment(value: datetime, lang: str, tz: str | None = None, form: str = "full") -> str:
    """Saturday 12 December 2026, 14:30. `form` is that of `day`."""
    return f"{day(value, lang, tz, form)}, {time(value, lang, tz)}"


def span(start: datetime, end: datetime | None, lang: str, tz: str | None = None, form: str = "full") -> str:
    """Saturday 12 December 2026, 10:00–16:00; over several days both days are named. No end: the start alone."""
    first = moment(start, lang, tz, form)
    if end is None or end == start:
        return first
    if day(start, lang, tz, "iso") == day(end, lang, tz, "iso"):
        return f"{first}–{time(end, lang, tz)}"
    return f"{first} – {moment(end, lang, tz, form)}"


def ago(value: datetime, now: datetime, lang: str) -> str:
    """3 hours ago, in 2 days."""
    return format_timedelta(value - now, add_direction=True, locale=locale_of(lang))


def money(minor: int, currency: str, lang: str) -> str:
    """Minor units (øre, cent) as 15 000 kr; decimals only where there are any."""
    precision = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-precision)
    locale = locale_of(lang)
    if amount == amount.to_integral_value():
        whole = locale.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(amount, currency, whole, locale=locale, currency_digits=False)
    return format_currency(amount, currency, locale=locale)


def number(value: float | Decimal, lang: str, digits: int | None = None) -> str:
    """12 345,5; with `digits`, so many behind the comma."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=locale_of(lang))


def percent(share: float | Decimal, lang: str) -> str:
    """0.125 as 12,5 %; at most one digit behind the comma."""
    locale = locale_of(lang)
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.#")
    return format_percent(share, pattern, locale=locale)
