from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.suite.report.svg import document, element, number, percent, rect, text, tooltip

# What XML can hold at all.
_WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Co", "Cn")))


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (100, "100"), (1.5, "1.5"), (1.005, "1"), (2.999, "3"), (-0.25, "-0.25")],
)
def test_numbers_are_written_alike(value: float, written: str) -> None:
    assert number(value) == written


def test_a_share_is_a_length() -> None:
    assert percent(1 / 3) == "33.333%"
    assert percent(1) == "100%"


@given(words=_WORDS)
@example(words="</text><script>\"'&")
def test_words_come_back_as_they_were(words: str) -> None:
    drawn = text(1, 2.5, words, tooltip(words), class_=words, aria_label=words)
    found = ET.fromstring(drawn)
    assert found.text == (words or None)
    assert found[0].text == (words or None)
    assert found.get("class", "") == found.get("aria-label", "") == words
    assert (found.get("x"), found.get("y")) == ("1", "2.5")


def test_an_empty_attribute_is_left_out_and_zero_is_not() -> None:
    assert element("g", class_="", x=0) == '<g x="0"/>'
    assert rect(0, 1, 2, 3) == '<rect x="0" y="1" width="2" height="3"/>'


def test_a_document_tells_itself() -> None:
    root = ET.fromstring(document((3, 4.5), "a<b", "c&d", ["e"], name="n", style="text {}"))
    title, description, style = root
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.text, description.text, style.text) == ("a<b", "c&d", "text {}")
    assert root.get("viewBox") == "0 0 3 4.5"
