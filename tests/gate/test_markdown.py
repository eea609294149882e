"""The gate's answer as GitHub would show it: nothing in a name, a note or code is markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tinyrig.suite.gate.inert import MOST, fenced, inert
from tinyrig.suite.gate.markdown import gate_markdown
from tinyrig.suite.gate.report import (
    ArenaPeak,
    BlockCode,
    BlockRow,
    Difference,
    Explanation,
    Figure,
    GateReport,
    Hit,
    Place,
    Tensor,
)

GITHUB = MarkdownIt("gfm-like")
assert GITHUB.linkify is not None
GITHUB.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
# What GitHub's filters look for in the text of the page.
FILTERS = re.compile(
    r"@\w|#\d|\bGH-\w|\b(?:GHSA|CVE)-\w|:[+\w-]+:|https?://|\bwww\.|mailto:\w"
    r"|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])|[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]",
    re.IGNORECASE,
)
HOSTILE = (
    "@everyone", "#123", "GH-1", "gh-77", "us/rig#1", "us/rig@0123456789abcdef", "deadbeef",
    "0" * 40, "http://evil.example", "HTTPS://evil.example/x", "www.evil.example", "//evil.example",
    "a@evil.example", "mailto:a@evil.example", "xmpp:a@evil.example", ":tada:", ":+1:",
    "[a](https://evil.example)", "![a](https://evil.example/x.png)", "[a]: https://evil.example",
    "[^1]", "<https://evil.example>", "<img src=x onerror=y>", "<!--", "-->", "</details>",
    "<script>", "&lt;b&gt;", "&#64;all", "`", "```", "````````", "~~~", "# big", "## x", "=====",
    "-----", "***", "- [ ] task", "* a", "+ b", "1. one", "12) two", "> quote", "> [!WARNING]",
    "| a | b |", "|---|---|", "\\", "\\|", "\\`", "\n", "\r\n", "\n\n", "\t", "\u2028", "\x85",
    "\u202e", "\u2066", "\u200b", "\x00", "\x1b[31m", "\ufeff", "$x$", "$$", "_a_", "**b**",
    "~~c~~", "::error::x", "GHSA-abcd-efgh-ijkl", "CVE-2020-1234", " ", "    ", "a", "é", "中", "",
)  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=6)), max_size=8).map("".join)


def tokens(markdown: str) -> list[Token]:
    """Return all tokens, those inside others included."""
    found: list[Token] = []
    for token in GITHUB.parse(markdown):
        found += [token, *(token.children or ())]
    return found


def text_of(found: list[Token]) -> str:
    """Return what a reader sees outside of code."""
    return "".join(token.content for token in found if token.type in ("text", "text_special"))


@settings(max_examples=300)
@given(TEXT)
@example("".join(HOSTILE))
def test_text_is_shown_as_it_is(text: str) -> None:
    for markdown in (inert(text), f"- {inert(text)}", f"**1. {inert(text)}**"):
        assert "\n" not in markdown
        found = tokens(markdown)
        kinds = {token.type for token in found} - {"paragraph_open", "paragraph_close", "inline"}
        kinds -= {"text", "text_special"}
        if markdown.startswith("- "):
            kinds -= {
                f"{kind}_{end}"
                for kind in ("bullet_list", "list_item")
                for end in ("open", "close")
            }
        if markdown.startswith("**"):
            kinds -= {"strong_open", "strong_close"}
        assert not kinds
        assert not FILTERS.search(text_of(found))
    plain = " ".join(text.split())
    if len(plain) <= MOST and plain.isprintable():
        assert text_of(tokens(inert(text))).replace("\u200b", "") == plain


@settings(max_examples=200)
@given(st.lists(TEXT, max_size=4))
@example(["```", "+ ````` </code>\n```\n# big", "~~~"])
def test_no_line_ends_its_block_of_code(lines: list[str]) -> None:
    (fence,) = GITHUB.parse(fenced(lines, "diff"))
    assert (fence.type, fence.info) == ("fence", "diff")
    assert fence.content.count("\n") == len(lines)
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", fence.content)


def hostile_report(text: str) -> GateReport:
    """Return an answer with a text in every place that holds one."""
    hit = Hit(job=text, model=text, board=text, metric="flash", base=1, head=2, amount=1)
    moved = Tensor(name=text, change=text, words=text, at_peak=True)
    peak = ArenaPeak(layer=text, live=1, arena=2, tensors=((text, 3),))
    block = BlockCode(
        function=text,
        file=text,
        base_offset=1,
        head_offset=None,
        base_count=1,
        head_count=2,
        base_cycles=1,
        head_cycles=2,
        rows=tuple(BlockRow(sign=sign, offset=0, text=text) for sign in ("-", "+", " ")),
        cut=1,
    )
    place = Place(
        layer=text, kernel=text, function=text, file=text, unit="cycles", before=1, after=2
    )
    cause: dict[str, Any] = {
        "kind": "source",
        "title": text,
        "files": (text,),
        "hits": (hit,),
        "worst": hit,
        "places": (place,),
        "block": block,
        "tensors": (moved,),
        "base_peak": peak,
        "head_peak": peak,
    }
    figure = Figure(
        job=text,
        model=text,
        board=text,
        metric="flash",
        base=1,
        head=2,
        percent=100,
        verdict="worse",
        note=text,
        fails=True,
    )
    return GateReport(
        base=text,
        head=text,
        passed=False,
        jobs=1,
        identical=0,
        booted=1,
        figures=(figure, figure),
        missing=(text,),
        new=(text,),
        causes=(Explanation(**cause), Explanation(**cause)),
        harmless=(Difference(kind="x", title=text, jobs=(text,), tensors=(moved,)),),
        notes=(text,),
    )


def shape(found: list[Token]) -> list[str]:
    """Return what a page is made of, without what is written on it."""
    return [
        token.type for token in found if token.type not in ("text", "text_special", "softbreak")
    ]


@settings(max_examples=150)
@given(TEXT)
@example("\n```\n# big\n[a](https://evil.example) ![b](https://evil.example/x.png)\n")
@example("`````\n~~~~~\n</code></pre><h1>big</h1>")
def test_an_answer_has_the_same_shape_whatever_it_holds(text: str) -> None:
    found = tokens(gate_markdown(hostile_report(text)))
    assert shape(found) == shape(tokens(gate_markdown(hostile_report("name"))))
    assert not any(token.type.startswith(("link", "image", "html")) for token in found)
    assert [token.tag for token in found if token.type == "heading_open"] == ["h3"]
    assert not FILTERS.search(text_of(found))


@pytest.mark.parametrize("most", [600, 1500, 3000, 60_000])
def test_what_is_too_long_is_left_out_in_whole_parts(most: int) -> None:
    answer = gate_markdown(hostile_report("`" * 60 + "x" * 400), most)
    assert len(answer) <= most
    found = tokens(answer)
    assert all(token.type != "fence" or "left out" not in token.content for token in found)
    assert ("The rest is left out." in text_of(found)) == (most < 60_000)


def test_commits_and_counts_stay_readable() -> None:
    assert inert("1111111 -> v1.2: 7,103,490") == "111111\u200b1 -&#62; v1.2: 7,103,490"
    assert inert("tr_add_s8__m4.c") == "tr\\_add\\_s8\\_\\_m4.c"
