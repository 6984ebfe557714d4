"""Files under addresses that hold their hash."""

from __future__ import annotations

from pathlib import Path

import pytest
from yarl import URL

from services.http import static
from services.pages import packages as pages_packages


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    folder = tmp_path / "village"
    (folder / "static" / "fonts").mkdir(parents=True)
    (folder / "static" / "page.css").write_text("a { color: red }\n" * 100)
    (folder / "static" / "fonts" / "a.woff2").write_bytes(bytes(range(256)) * 10)
    (folder / "static" / "README.md").write_text("not served")
    (folder / "secret.css").write_text("not ours to show")
    found = {**pages_packages.packages(), "village": folder}
    monkeypatch.setattr(static, "packages", lambda: found)
    static._files.cache_clear()
    yield folder
    static._files.cache_clear()


async def test_a_file_under_its_hash_may_be_kept_for_ever(browser, package):
    response = await browser.get(static.address("village", "page.css"))
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (await response.text()).startswith("a { color")


async def test_a_file_under_an_older_hash_is_served_to_be_asked_for_again(browser, package):
    response = await browser.get("/static/0000/village/page.css")
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-cache"
    again = await browser.get("/static/0000/village/page.css", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(("accepted", "coding"), [("br", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_it_is_compressed_once_as_small_as_it_gets(browser, package, accepted, coding):
    address = static.address("village", "page.css")
    for _ in range(2):
        response = await browser.get(address, headers={"Accept-Encoding": accepted})
        assert response.headers.get("Content-Encoding") == coding
        assert response.headers["Vary"] == "Accept-Encoding"
        assert len(await response.text()) == 1700


async def test_what_is_compressed_already_stays_as_it_is(browser, package):
    response = await browser.get(static.address("village", "fonts/a.woff2"), headers={"Accept-Encoding": "br"})
    assert response.headers["Content-Type"] == "font/woff2"
    assert "Content-Encoding" not in response.headers
    assert await response.read() == bytes(range(256)) * 10


@pytest.mark.parametrize(
    "path",
    [
        "village/../secret.css",
        "village/%2e%2e/secret.css",
        "village/..%2fsecret.css",
        "village/fonts/../../secret.css",
        "village//etc/passwd",
        "village/README.md",
        "village/fonts",
        "village/",
        "nobody/page.css",
        "../village/page.css",
        "npm/../blest.css",
        "npm/jquery.js",
        "village/page.css%00.png",
        "village/" + "a/" * 500,
    ],
)
async def test_nothing_else_can_be_asked_for(browser, package, path):
    response = await browser.get(URL(f"/static/{static.find('village', 'page.css').hash}/{path}", encoded=True))
    assert response.status == 404


def test_a_template_that_asks_for_a_file_that_is_not_there_is_told(package):
    with pytest.raises(static.StaticUnknown, match=r"village/none\.css"):
        static.address("village", "none.css")


def test_the_address_changes_with_the_content(package):
    before = static.address("village", "page.css")
    (package / "static" / "page.css").write_text("a { color: blue }")
    static._files.cache_clear()
    assert static.address("village", "page.css") != before


async def test_every_file_that_pages_load_is_served(browser):
    static.prepare()
    from services.pages.assets import ASSETS

    for name, asset in ASSETS.items():
        response = await browser.get(static.address("npm", name))
        assert response.status == 200
        assert response.content_type == asset.content_type
        assert "immutable" in response.headers["Cache-Control"]
