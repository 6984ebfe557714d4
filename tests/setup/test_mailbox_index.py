"""The mailbox finds an address without reading its mails, whichever process wrote them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.embedded import mailbox_index
from services.embedded.mailbox import Mailbox
from services.embedded.mailbox_index import SETTLED, Index


def write(folder: Path, number: int, *to: str) -> str:
    """As another process writes: a draft that gets its name once it is whole."""
    identifier = f"{number:019d}-0001"
    head = "".join(f"Delivered-To: {one}\r\n" for one in to)
    draft = folder / f".{identifier}"
    draft.write_text(
        f"Return-Path: <post@blest.example>\r\n{head}Subject: Brev\r\n\r\nDelivered-To: nobody@example.org"
    )
    draft.rename(folder / f"{identifier}.eml")
    return identifier


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that has not changed for a while."""

    class Later:
        @staticmethod
        def time_ns() -> int:
            return tmp_path.stat().st_mtime_ns + SETTLED + 1

    monkeypatch.setattr(mailbox_index, "time", Later)


def test_it_knows_each_recipient_of_a_mail_and_nothing_that_stands_in_its_text(tmp_path: Path) -> None:
    mails = [
        write(tmp_path, 1, "Ada@example.org"),
        write(tmp_path, 3, "kåre@blåbær.example", "ada@example.org"),
        write(tmp_path, 2, "ola@example.org"),
    ]
    index = Index(tmp_path)
    assert index.ids() == sorted(mails)
    assert index.ids("ADA@example.org") == [mails[0], mails[1]]
    assert index.ids("kåre@blåbær.example") == [mails[1]]
    assert index.ids("no@example.org") == []


def test_what_another_process_writes_or_deletes_is_seen_at_the_next_look(tmp_path: Path) -> None:
    index = Index(tmp_path)
    for number in range(1, 40):  # many within one tick of the file system's clock
        newest = write(tmp_path, number, "ada@example.org")
        assert index.ids("ada@example.org")[-1] == newest
    (tmp_path / f"{newest}.eml").unlink()
    assert len(index.ids("ada@example.org")) == len(index.ids()) == 38


def test_a_folder_that_has_not_changed_is_not_listed_again_and_one_that_has_is(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Index(tmp_path)
    first = write(tmp_path, 1, "ada@example.org")
    os.utime(tmp_path, ns=(1, 1))
    assert index.ids() == [first]
    listed: list[Path] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (listed.append(path), scandir(path))[1])
    assert index.ids() == index.ids("ada@example.org") == [first] and listed == []
    second = write(tmp_path, 2, "ada@example.org")
    assert index.ids("ada@example.org") == [first, second] and listed == [tmp_path]


async def test_a_search_reads_the_mails_that_it_shows_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox(tmp_path)
    folder = tmp_path / "mailbox"
    folder.mkdir()
    for number in range(1, 60):
        write(folder, number, f"reader{number % 10}@example.org")
    whole: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (whole.append(path), read(path))[1])
    sheet = await mailbox.sheet("reader3@example.org", 2)
    assert [int(mail.id.split("-")[0]) for mail in sheet.mails] == [53, 43] and sheet.older and not sheet.newer
    assert len(whole) == 3, "the two, and the one that lies beyond"
    assert (await mailbox.sheet("nobody@example.org", 2)).mails == [] and len(whole) == 3
