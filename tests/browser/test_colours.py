"""The colours of our pages: every pair that meets has the contrast that WCAG 2.2 AA asks for, by day and by night."""

from __future__ import annotations

import re

import pytest

from services.pages.packages import HERE

TEXT, SIGN = 4.5, 3.0
TONES = ("neutral", "accent", "lichen", "window", "info", "success", "warning", "danger")
GROUNDS = (
    "background-default",
    "background-tinted",
    "surface-default",
    "surface-tinted",
    "surface-hover",
    "surface-active",
)
PAIRS = [
    *((text, ground, TEXT) for text in ("text-default", "text-subtle") for ground in GROUNDS),
    *(("base-contrast-default", ground, TEXT) for ground in ("base-default", "base-hover", "base-active")),
    *(("border-default", ground, SIGN) for ground in ("background-default", "surface-default", "surface-tinted")),
]


def _tokens(file: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (HERE / "static" / file).read_text(encoding="utf-8")))


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("file", ["colours.css", "night.css"])
def test_text_and_signs_can_be_read_on_every_ground(file: str) -> None:
    tokens = _tokens(file)
    faint = {
        f"{tone}: {above} on {below}": round(ratio, 2)
        for tone in TONES
        for above, below, least in PAIRS
        if (ratio := contrast(tokens[f"ds-color-{tone}-{above}"], tokens[f"ds-color-{tone}-{below}"])) < least
    }
    assert faint == {}


@pytest.mark.parametrize("file", ["colours.css", "night.css"])
def test_the_foot_of_the_page_and_the_focus_can_be_seen(file: str) -> None:
    tokens = _tokens(file)
    assert contrast(tokens["sea-text"], tokens["sea"]) >= TEXT
    assert contrast(tokens["sea-quiet"], tokens["sea"]) >= TEXT
    assert contrast(tokens["ds-color-focus-outer"], tokens["ds-color-neutral-background-default"]) >= SIGN
    assert contrast(tokens["ds-color-focus-outer"], tokens["ds-color-focus-inner"]) >= SIGN


def test_day_and_night_name_the_same_colours() -> None:
    assert set(_tokens("colours.css")) == set(_tokens("night.css"))
