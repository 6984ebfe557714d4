"""Words as people sort and misspell them: Norwegian order and forgiving search on a plain PostgreSQL.

    sort_key("Ås")             # stored beside the name; ORDER BY sort_key puts it after Øyer
    grams("Havlandet")         # stored as text[] under GIN
    shared, wanted = …         # rows whose grams hold at least half of those of what was searched for

Both are made in Python and stored, so that the database needs neither a locale nor an extension.
"""

from __future__ import annotations

import re
import unicodedata

# æ, ø and å come after z, and with them what Norwegians sort there (CLDR, nb): aa is an old å, ä an æ, ö an ø, ü a y.
_ORDER = {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}", "aa": "}", "ü": "y"}
# How each is typed on a keyboard that lacks it; one folding for what is stored and what is searched.
_FOLDED = {"æ": "ae", "ä": "ae", "ø": "o", "ö": "o", "oe": "o", "å": "a", "aa": "a", "ü": "u"}
# Letters that Unicode does not take apart into a letter and a mark.
_WHOLE = {"đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "þ": "th", "ß": "ss", "ł": "l", "œ": "o"}

_SPLIT = re.compile(r"[^0-9a-z{|}]+")
_LARGEST = 64
"""Words longer than this are cut: nobody searches for more."""

LEAST_SHARED = 0.5
"""The share of a search's trigrams that a text must hold to be found: one slip in a word of five letters or more."""


def sort_key(text: str) -> str:
    """What to sort by in byte order (C.UTF-8): case, accents and punctuation aside, ending … x y z æ ø å."""
    return " ".join(part for part in _SPLIT.split(_spell(text, _ORDER)) if part)


def folded(text: str) -> list[str]:
    """The words of a text, in lower case and the letters a to z, as someone without Norwegian letters types them."""
    return [part[:_LARGEST] for part in _SPLIT.split(_spell(text, _FOLDED)) if part.strip("{|}")]


def grams(*texts: str) -> list[str]:
    """The trigrams of the words of these texts, each once, in order: `hav` gives '  h', ' ha', 'hav', 'av '."""
    found: set[str] = set()
    for text in texts:
        for word in folded(text):
            padded = f"  {word} "
            found.update(padded[start : start + 3] for start in range(len(padded) - 2))
    return sorted(found)


def _spell(text: str, letters: dict[str, str]) -> str:
    spelled = unicodedata.normalize("NFC", text).casefold()
    for letter, instead in {**letters, **_WHOLE}.items():
        spelled = spelled.replace(letter, instead)
    if spelled.isascii():
        return spelled
    bare = "".join(one for one in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(one))
    for pair in (letter for letter in letters if len(letter) == 2):
        bare = bare.replace(pair, letters[pair])  # without their marks, letters can make a pair: Aà
    return bare
