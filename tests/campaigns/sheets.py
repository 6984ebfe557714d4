"""Sheets for tests: laid out and drawn without a database, or fetched as a browser gets them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from campaigns import printing
from campaigns.inputs import PrintQuery
from campaigns.printing import Printed, contents
from campaigns.sheets import SHEETS
from services.pages import paper
from tests.campaigns.desk import FAIR, Desk
from tests.registrations.test_my_ticket import MOMENT

URL = "https://rekruttering.blest-i-havlandet.example"
MM = 72 / 25.4
ALL = tuple(SHEETS)
"""The formats."""


def made(headline: str = "Hjemkomstdag", line: str = "12. desember, Finnsnes", **placement: Any) -> Printed:
    """A placement with an event, without a database."""
    return Printed(
        placement={
            "slug": "abk4w7",
            "target": "/events/messe",
            "language": "nb",
            "headlines": {"nb": headline} if headline else {},
            "lines": {"nb": line} if line else {},
            **placement,
        },
        campaign={"id": UUID(int=3), "starts_on": MOMENT.date()},
        terms={"names": {"nb": "Blest i Havlandet"}, "language": "nb", "languages": ["nb"], "time_zone": "Europe/Oslo"},
        event={
            "event_id": FAIR, "cover": None, "titles": {"nb": "Messe", "nl": "Beurs"}, "starts_at": MOMENT,
            "time_zone": None, "venue": "Jaarbeurs",
        },
    )  # fmt: skip


def laid_out(of: Printed, **asked: Any) -> dict[str, Any]:
    return contents(of, PrintQuery(**asked), URL)


def drawn(of: Printed, density: float = 150, **asked: Any) -> Image.Image:
    return Image.open(BytesIO(paper.typeset(printing.TEMPLATE, laid_out(of, **asked), MOMENT, "png", density)))


def box(document: bytes, name: str) -> list[float] | None:
    """A page's box, in millimetres."""
    found = re.search(rb"/%sBox\[([^\]]+)\]" % name.encode(), document)
    return [round(float(one) / MM, 1) for one in found[1].split()] if found else None


async def sheet(desk: Desk, placement: str, **asked: str) -> tuple[Any, bytes]:
    """The PDF, as a browser gets it."""
    answer = await desk.client.get(
        f"/en/console/havlandet/placements/{placement}/print.pdf", params=asked, cookies=desk.person.cookies
    )
    return answer, await answer.read()
