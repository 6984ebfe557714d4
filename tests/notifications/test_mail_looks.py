"""How a mail looks in a program that reads its style sheet: by day and by night, on a phone and on a wide screen."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.domain import Kind
from tests.browser.harness import OpenPage, axe, sideways
from tests.notifications.test_letters import mail
from tests.notifications.test_shift_letters import written

COLOURS = """() => ['body', '.card', 'h1', '.button'].map(one => {
    const style = getComputedStyle(document.querySelector(one));
    return style[one == 'h1' ? 'color' : 'backgroundColor'];
})"""
BY = {
    "light": ["rgb(238, 242, 241)", "rgb(255, 255, 255)", "rgb(15, 58, 64)", "rgb(29, 92, 99)"],
    "dark": ["rgb(15, 31, 35)", "rgb(23, 48, 58)", "rgb(243, 227, 179)", "rgb(143, 199, 196)"],
}


@pytest.mark.parametrize("found", [written("moved", "nb"), mail(Kind.CONFIRMED)], ids=["of a shift", "of a booking"])
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), pytest.param(1280, "light", marks=pytest.mark.all)])
async def test_it_can_be_read_by_day_and_by_night(open_page: OpenPage, width: int, scheme: str, found: Any) -> None:
    page = await open_page(width=width, scheme=scheme)
    await page.set_content(found.get_body(("html",)).get_content().replace("cid:ticket", "data:image/png;base64,"))
    assert await page.evaluate(COLOURS) == BY[scheme]
    assert await sideways(page) == 0
    # The mail program around it has the landmarks.
    assert [one for one in await axe(page) if not one.startswith(("landmark-one-main:", "region:"))] == []
