"""A campaign's figures as a table for a spreadsheet: a line per placement, and below what each figure counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import groupby

from babel.numbers import get_currency_precision, get_decimal_symbol

from campaigns.ledger import STEPS, Ledger, Row
from campaigns.words import CHANNEL_NAMES, MEANINGS, STEP_NAMES
from services.pages.languages import Translate, locale_of, text_in
from services.spreadsheets import BOM, harmless


def as_csv(book: Ledger, links: str, too_early: Collection[str], translate: Translate) -> bytes:
    """The report as Excel reads it: UTF-8 with a byte order mark, semicolons, decimals as the language writes them.

    `links`: the address before a placement's slug. A figure of `too_early` that is 0 is left empty: nobody can know it
    yet. What each figure counts stands below the placements, as wide as they are.
    """
    currencies = sorted(book.total.costs)
    header = _header(currencies, translate)
    lines = [header, *(_line(row, currencies, links, too_early, translate) for row in (*book.rows, book.total))]
    lines += [[], [translate("Figure"), translate("What it counts")]]
    lines += [[name, meaning] for name, meaning in meanings(translate)]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([harmless(cell) for cell in _as_wide(line, header)] for line in lines)
    return (BOM + out.getvalue()).encode()


def meanings(translate: Translate) -> list[tuple[str, str]]:
    """Each figure's name and what it counts, in the order of the report."""
    named = {
        "cost": translate("Cost"),
        "impressions": translate("Impressions"),
        **{step: translate(name) for step, name in STEP_NAMES.items()},
        "each": translate("Cost per each"),
    }
    return [(name, translate(MEANINGS[figure])) for figure, name in named.items()]


def explained(translate: Translate) -> list[tuple[str, str]]:
    """The same for people: figures that count alike are explained once, together."""
    return [
        (", ".join(name for name, _ in alike), meaning)
        for meaning, alike in groupby(meanings(translate), key=lambda one: one[1])
    ]


def _header(currencies: Sequence[str], translate: Translate) -> list[str]:
    names = [translate(STEP_NAMES[step]) for step in STEPS]
    priced = currencies if len(currencies) == 1 else []
    return [
        translate("Placement"),
        translate("Channel"),
        translate("Place"),
        translate("Link"),
        translate("Copies printed"),
        *(f"{translate('Cost')} ({currency})" for currency in currencies),
        translate("Impressions"),
        *names,
        translate("Suspect visits"),
        translate("Visits by programs"),
        *(f"{name}: {translate('Cost per each')} ({currency})" for currency in priced for name in names),
    ]


def _line(
    row: Row, currencies: Sequence[str], links: str, too_early: Collection[str], translate: Translate
) -> list[str]:
    known = [step for step in STEPS if row.counts[step] or step not in too_early]
    priced = currencies if len(currencies) == 1 else []
    return [
        text_in(row.names, translate.lang)[0] if row.placement_id else translate("Together"),
        translate(CHANNEL_NAMES[row.channel]) if row.channel else "",
        row.place,
        f"{links}{row.slug}" if row.slug else "",
        _count(row.copies),
        *(_money(row.costs.get(currency), currency, translate) for currency in currencies),
        _count(row.impressions),
        *(str(row.counts[step]) if step in known else "" for step in STEPS),
        str(row.suspect),
        str(row.bot),
        *(_money(row.price(step).amount_minor, currency, translate) for currency in priced for step in STEPS),
    ]


def _count(figure: int | None) -> str:
    return "" if figure is None else str(figure)


def _money(minor: int | None, currency: str, translate: Translate) -> str:
    """Minor units as a number that a spreadsheet adds, without thousands and currency; nothing where there is none."""
    if minor is None:
        return ""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return str(amount).replace(".", get_decimal_symbol(locale_of(translate.lang)))


def _as_wide(line: Sequence[str], header: Sequence[str]) -> list[str]:
    """RFC 4180, 2.4: each line holds the same number of fields."""
    return [*line, *("" for _ in range(len(header) - len(line)))]
