"""Text from files nobody trusts, made to be read as itself wherever Markdown is shown.

GitHub works in two steps: its parser (CommonMark with tables and autolinks), and then filters on
the text of the page, which link mentions, issues, commits and addresses and draw emoji. References
such as `&#42;` keep a character from the parser; a zero-width space keeps a word from the filters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST = 300
"""Characters of one text that are shown."""
_MOST_CODE = 200
_LEAST_FENCE = 3
_BREAK = "\u200b"
_UNSEEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_SPACES = re.compile(r"\s+")
_LEADING = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
_TICKS = re.compile(r"`+")
_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in "\\`*{}[]<>#|~&@$"} | {ord("_"): "\\_"}
_LINKED = re.compile(
    r"@(?=\w)|#(?=\d)|:(?=\S)|/(?=/)|www(?=\.)|\b(?:GH|GHSA|CVE)-(?=\w)", re.IGNORECASE
)
_COMMIT = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,}(?![0-9a-z])", re.IGNORECASE)
_PIECE = 6
"""A run of fewer than seven hexadecimal digits is no commit."""


def inert(text: str) -> str:
    """Return text as Markdown that shows it as it is, on one line and at most `MOST` characters."""
    shown = visible(_SPACES.sub(" ", text).strip(), MOST)
    broken = _COMMIT.sub(_in_pieces, _LINKED.sub(rf"\g<0>{_BREAK}", shown))
    leading = _LEADING.match(broken)
    if leading is None:
        return broken.translate(_ENTITIES)
    # What makes a list or underlines a heading, at the start of a line.
    at = leading.end() if leading[0].isdigit() else 0
    return f"{broken[:at]}\\{broken[at]}{broken[at + 1 :].translate(_ENTITIES)}"


def fenced(lines: Sequence[str], language: str) -> str:
    """Return lines as a block of code that none of them can end."""
    rows = [visible(line, _MOST_CODE) for line in lines]
    longest = max((len(run) for row in rows for run in _TICKS.findall(row)), default=0)
    fence = "`" * max(_LEAST_FENCE, longest + 1)
    return "\n".join((f"{fence}{language}", *rows, fence))


def visible(text: str, most: int) -> str:
    """Return at most `most` characters of a text, those that are not seen as their code points.

    Those are controls, directions and line ends.
    """
    cut = text if len(text) <= most else f"{text[: most - 3]}..."
    return "".join(
        f"<U+{ord(sign):04X}>" if unicodedata.category(sign) in _UNSEEN else sign for sign in cut
    )


def _in_pieces(found: re.Match[str]) -> str:
    digits = found[0]
    return _BREAK.join(digits[at : at + _PIECE] for at in range(0, len(digits), _PIECE))
