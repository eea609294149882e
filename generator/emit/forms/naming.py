"""The name a model has in C: what every symbol and macro of its library begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tinyrig.generator.errors import InputError

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OWN = re.compile(r"\b(tr|TR)_(?=\w)")
_HEADERS = """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads
    time uchar wchar wctype tr
"""
_TAKEN = frozenset(_HEADERS.split())
"""Names whose header, `NAME.h`, would stand before another one of that name."""


def c_prefix(model: str, wanted: str | None = None) -> str:
    """Return the name of a model in C: `wanted`, else its own with what C does not allow left out.

    InputError for a wanted name that is none.
    """
    if wanted is not None:
        if not _WORD.fullmatch(wanted) or wanted.lower() in _TAKEN or "__" in wanted:
            raise InputError(
                f"--name {wanted!r} is no name for a C library: letters, digits and single "
                "underscores, the first a letter, and not the name of a header of C."
            )
        return wanted
    word = re.sub(r"[^A-Za-z0-9]+", "_", model).strip("_").lower() or "model"
    return word if _WORD.fullmatch(word) and word not in _TAKEN else f"model_{word}"


def prefixed(text: str, prefix: str) -> str:
    """Return C text with `tr_` and `TR_` before a name replaced by a model's own prefix."""
    return _OWN.sub(lambda own: f"{prefix if own[1] == 'tr' else prefix.upper()}_", text)


def io_words(names: Iterable[str]) -> list[str]:
    """Return a C word for each input or output: its own name where all are words, else numbers."""
    found = list(names)
    words = [re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower() for name in found]
    good = len({*words}) == len(words) and all(words)
    return words if good else [str(index) for index in range(len(found))]
