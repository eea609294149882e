"""Digests of C text: what counts as a change of source."""

from __future__ import annotations

import pytest

from tinyrig.suite.bench.sources import text_digest

_TEXT = 'int f(int a) {\n  const char *s = "a // b";\n  return a; \n}\n'


@pytest.mark.parametrize(
    "same",
    [
        'int f(int a) { // sum\n  const char *s = "a // b";\n\n  return a;\n}',
        '/* head\n * of two lines */\nint f(int a) {\n\tconst char *s = "a // b"; /* c */\n'
        "    return a;\n}\n\n",
    ],
)
def test_a_comment_and_the_layout_are_no_change(same: str) -> None:
    assert text_digest(same) == text_digest(_TEXT)


@pytest.mark.parametrize(
    "other",
    [
        _TEXT.replace("return a", "return b"),
        _TEXT.replace("a // b", "a // c"),
        _TEXT.replace("a // b", "a"),
        _TEXT.replace("  return a; \n", "  // return a;\n"),
    ],
)
def test_any_other_text_is_a_change(other: str) -> None:
    assert text_digest(other) != text_digest(_TEXT)
