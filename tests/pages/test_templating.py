"""Templates, prose and what is shown once."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from jinja2 import DictLoader, Environment

from services.pages import flash
from services.pages.compiled import Kept
from services.pages.navigation import allowed, visible
from services.pages.prose import markdown
from services.pages.templating import environment, prepare, sources
from services.routes import Role
from services.service import NavigationItem


def test_everything_that_pages_need_can_be_read_and_compiled() -> None:
    prepare()
    assert "chassis/public.html" in sources()


def test_what_is_not_named_is_an_error_and_what_is_written_is_escaped() -> None:
    show = environment().from_string
    assert show("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError):
        show("{{ nobody }}").render()


def test_attributes_are_escaped_and_left_out_where_they_say_nothing() -> None:
    shown = (
        environment()
        .from_string("<input{{ given|attributes }}>")
        .render(given={"hx_get": '/x?"', "required": True, "disabled": False, "value": None, "min": 0})
    )
    assert shown == '<input hx-get="/x?&#34;" required min="0">'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Hei** *du*", "<p><strong>Hei</strong> <em>du</em></p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://evil.example/p.png)", "!"),
        ("[x](https://a.example)", '<p><a href="https://a.example" rel="noopener nofollow">x</a></p>\n'),
        ("### A\n\n# B\n\n### C", "<h4>A</h4>\n<h3>B</h3>\n<h4>C</h4>\n"),
        ("###### A", "<h3>A</h3>\n"),
    ],
)
def test_what_organisers_write_can_do_no_harm(written: str, shown: str) -> None:
    html = markdown(written)
    assert shown in html
    assert "<img" not in html
    assert "<script" not in html


def _left(sentence: str, tone: str = "success", secure: bool = False) -> web.Response:
    response = web.Response()
    flash.leave(response, sentence, secure, tone)
    return response


def _bringing(name: str, value: str) -> web.Request:
    return make_mocked_request("GET", "/", headers={"Cookie": f"{name}={value}"})


def test_a_sentence_is_left_and_taken_once() -> None:
    cookie = _left("Lagret – «ja»").cookies["flash"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "120")
    request = _bringing("flash", cookie.value)
    assert flash.take(request, secure=False) == flash.Flash("Lagret – «ja»")
    answer = web.Response()
    flash.settle(request, answer, secure=False)
    assert answer.cookies["flash"]["max-age"] == "0"


def test_under_tls_the_sentence_comes_from_us_alone() -> None:
    cookies = _left("x", secure=True).cookies
    assert cookies["__Host-flash"]["secure"]
    assert flash.take(_bringing("flash", cookies["__Host-flash"].value), secure=True) is None


@pytest.mark.parametrize("value", ["", "%%", "eA", "YQ", "d2hhdHx4", "x" * 4000])
def test_a_sentence_that_is_not_ours_is_not_shown(value: str) -> None:
    assert flash.take(_bringing("flash", value), secure=False) is None


def test_a_page_that_shows_nothing_takes_no_cookie_away() -> None:
    answer = web.Response()
    flash.settle(make_mocked_request("GET", "/"), answer, secure=False)
    assert "flash" not in answer.cookies


def test_the_navigation_shows_what_a_role_may_open() -> None:
    everyone = NavigationItem("A", "a", "home", frozenset(), order=20)
    marketing = NavigationItem("B", "b", "home", frozenset({Role.MARKETING}), order=10)
    assert allowed([everyone, marketing], frozenset({Role.OWNER})) == [marketing, everyone]
    assert allowed([everyone, marketing], frozenset({Role.READER})) == [everyone]
    assert allowed([everyone], frozenset()) == []
    assert visible(frozenset({Role.MARKETING}), frozenset({Role.MARKETING, Role.READER}))


def test_a_compiled_template_is_kept_until_its_text_changes(tmp_path: Path) -> None:
    def shown(text: str, folder: Path) -> str:
        return (
            Environment(loader=DictLoader({"a": text}), bytecode_cache=Kept(folder, keep=True))
            .get_template("a")
            .render()
        )

    assert shown("one", tmp_path) == "one"
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"one", b"two"))
    assert shown("one", tmp_path) == "two", "it was read from the folder"
    assert shown("three", tmp_path) == "three"
    kept.write_bytes(b"half a file")
    assert shown("one", tmp_path) == "one"
    (tmp_path / "file").write_text("")
    assert shown("one", tmp_path / "file" / "below") == "one", "a folder that cannot be made is done without"
