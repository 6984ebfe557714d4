"""Covers, icons and codes: drawn, not loaded, and allowed by the strictest policy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from services.pages.covers import cover
from services.pages.icons import WORDS, IconUnknown, icon
from services.pages.motifs import KINDS, WINDOW
from services.pages.qr import qr_svg
from services.pages.sky import light, mix
from services.registry import installed

SEED = UUID("0190a8b0-0000-7000-8000-00000000000a")
JULY, DECEMBER = datetime(2026, 7, 4, 12, tzinfo=UTC), datetime(2026, 12, 5, 22, tzinfo=UTC)
LARGEST = 9_500


@given(
    st.uuids(),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([*KINDS, "something else"]),
)
def test_every_cover_is_sound_small_and_without_styles(seed: UUID, moment: datetime, kind: str) -> None:
    drawn = cover(seed, moment, kind)
    ET.fromstring(drawn)
    assert len(drawn) < LARGEST
    assert not re.search(r"\b(style|id|href|onload)=|<(script|style|image|use)|nan|inf", drawn)
    assert WINDOW in drawn


def test_a_cover_stays_the_same_and_no_two_are_alike() -> None:
    cover.cache_clear()
    first = cover(SEED, JULY, "fair")
    cover.cache_clear()
    assert cover(SEED, JULY, "fair") == first
    others = {cover(UUID(int=number), JULY, "fair") for number in range(200)}
    assert len(others | {first}) == 201


def test_a_cover_shows_the_hour_and_the_season() -> None:
    assert light(DECEMBER).dark
    assert not light(JULY).dark
    assert light(datetime(2026, 6, 21, 22, 50, tzinfo=UTC)).height > 0, "the midnight sun"
    assert light(datetime(2026, 12, 21, 10, 50, tzinfo=UTC)).height < 0, "the polar night"
    equinox = datetime(2026, 3, 20, 10, 50, tzinfo=UTC)
    assert light(equinox).height == pytest.approx(90 - 69.2, abs=1.5)
    assert light(equinox + timedelta(hours=12)).height == pytest.approx(69.2 - 90, abs=1.5)
    assert cover(SEED, JULY, "fair") != cover(SEED, DECEMBER, "fair")


def test_halfway_between_black_and_white_looks_halfway() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#636363"
    assert mix("#12ab9f", "#ffffff", 0) == "#12ab9f"


def test_every_word_for_an_icon_leads_to_one() -> None:
    for name in [*WORDS, "calendar", "person-group", "PersonGroup"]:
        assert icon(name).startswith('<svg class="icon" viewBox="0 0 24 24" fill="none" aria-hidden="true">')
    with pytest.raises(IconUnknown, match="no icon called 'unicorn'"):
        icon("unicorn")


def test_the_icons_that_services_declare_exist() -> None:
    assert [icon(item.icon) for service in installed() for item in service.navigation]


def test_a_code_is_drawn_in_attributes_and_says_what_it_is() -> None:
    drawn = qr_svg("https://blest.example/l/abcdefghijklmnopqrstuvwxyz", 'Ticket "A" <b>')
    assert isinstance(drawn, Markup)
    root = ET.fromstring(drawn)
    assert root.get("aria-label") == 'Ticket "A" <b>'
    assert root.get("viewBox") == "0 0 41 41", "version 4 with its quiet zone of 4"
    assert "style" not in drawn
    assert ET.fromstring(qr_svg("x")).get("aria-hidden") == "true"
