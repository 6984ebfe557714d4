"""Looks at pages as people do: Chromium by Playwright, with axe-core, a watch for broken policies, and a camera.

Other folders take the fixtures by importing them into their conftest:

    from tests.browser.harness import browser, chromium, open_page, page  # noqa: F401

    async def test_the_calendar_can_be_read_by_everyone(open_page, address):
        page = await open_page(width=360)
        await page.goto(f"{address}/nb/events")
        assert await axe(page) == []
        assert await sideways(page) == 0
        await screenshot(page, "calendar", 360)

A page that breaks its Content-Security-Policy, or whose scripts fail, fails the test that opened it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from services.pages.assets import node_modules

OpenPage = Callable[..., Awaitable[Page]]
SILENT = "Chromium is not installed, so nobody looked at the pages: install Debian's `chromium` to run these tests"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(result => result.violations)"
"""What passed is left in the page: describing it to us takes longer than finding it."""
LOOKED_AT = os.environ.get("BLEST_SCREENSHOTS")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """One Chromium for the whole run; the address at which it takes orders. Skips aloud where there is none."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip(SILENT)
    with tempfile.TemporaryDirectory(prefix="blest-chromium-", ignore_cleanup_errors=True) as folder:
        command = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
            try:
                yield _listening(process)
            finally:
                process.terminate()
                process.communicate(timeout=20)


def _listening(process: subprocess.Popen[str]) -> str:
    said = []
    for line in process.stderr or ():
        said.append(line)
        if found := re.search(r"DevTools listening on (ws://\S+)", line):
            return found[1]
    raise RuntimeError(f"Chromium ended before it listened: {''.join(said)}")


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium)
        yield connected
        await connected.close()


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(width=360, scheme="dark", scripts=False)` opens a page with nothing remembered from others.

    Further arguments are those of Playwright's `new_context`. `page.context.set_extra_http_headers` and
    `page.context.add_cookies` make it somebody's.
    """
    contexts = []
    broken: list[str] = []

    async def open_(
        width: int = 1280, height: int = 900, scheme: str = "light", scripts: bool = True, **given: Any
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            **{"locale": "nb-NO", **given},
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
        page.on("console", lambda said: broken.append(f"{page.url}: {said.text}") if _is_broken(said.text) else None)
        return page

    yield open_
    for context in contexts:
        await context.close()
    assert broken == []


def _is_broken(said: str) -> bool:
    return "Content Security Policy" in said or "Refused to" in said or "Permissions policy violation" in said


@pytest.fixture
async def page(open_page: OpenPage) -> Page:
    """A page on a laptop, by day, with scripts."""
    return await open_page()


@cache
def _axe() -> str:
    return (node_modules() / "axe-core/axe.min.js").read_text(encoding="utf-8")


async def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, a line for each element; empty is well."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    violations = await page.evaluate(RUN, RULES)
    return [
        f"{found['id']}: {found['help']}: {node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for found in violations
        for node in found["nodes"]
    ]


async def sideways(page: Page) -> int:
    """By how many pixels the page must be scrolled sideways; 0 is well (WCAG 1.4.10)."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


async def screenshot(page: Page, name: str, width: int | None = None) -> None:
    """Make the page `width` pixels wide; where $BLEST_SCREENSHOTS names a folder, as in `make test-all`, keep a picture
    of all of it there, as `<name>-<width>.png`. A picture holds nothing, and taking it costs as much as axe does."""
    if width is not None:
        await page.set_viewport_size({"width": width, "height": 900})
    await page.evaluate("document.fonts.ready.then(() => null)")
    if not LOOKED_AT:
        return
    folder = Path(LOOKED_AT)
    folder.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size or {"width": 0}
    await page.screenshot(path=folder / f"{name}-{size['width']}.png", full_page=True, animations="disabled")


async def first_load(page: Page, address: str) -> int:
    """Bytes that a first visit of `address` brings over the wire, compressed as they come, headers aside."""
    sizes: list[int] = []
    session = await page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    await session.send("Network.enable")
    await page.goto(address, wait_until="networkidle")
    await session.detach()
    return sum(sizes)
