"""A flamegraph tells whole names, and by colour what became of each frame."""

from __future__ import annotations

import re

import pytest

from tinyrig.suite.report.flame import Stack
from tinyrig.suite.report.site.flame_chart import flame_chart

_FRAME = re.compile(r"<title>(.*?)</title><rect class=\"(.*?)\"")
LONG = "tr_attention_s8_pairs_kept__m4_and_more_than_fits"


def frames(counts: dict[Stack, int], before: dict[Stack, int] | None = None) -> dict[str, str]:
    """The class of each frame by its words."""
    return dict(_FRAME.findall(flame_chart(counts, "cycles", "t", before)))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (1000, 1000, "d0"),
        (1000, 1009, "more1"),
        (1000, 1010, "more2"),
        (1000, 1099, "more2"),
        (1000, 1100, "more3"),
        (0, 1000, "more3"),
        (1000, 991, "less1"),
        (1000, 990, "less2"),
        (1000, 900, "less3"),
    ],
)
def test_colours_tell_by_how_much(before: int, after: int, kind: str) -> None:
    found = frames({("m", "f"): after}, {("m", "f"): before})
    words = f"f: {after:,} cycles, 100.0%; before {before:,}, {after - before:+,}"
    assert found[words] == kind


def test_a_frame_is_held_against_all_that_lay_in_it() -> None:
    before = {("m", "layer", "gone"): 60, ("m", "layer", "kept"): 40}
    found = frames({("m", "layer", "kept"): 100}, before)
    assert [words.split(";")[1] for words in found] == [
        *(" before 100, +0", " before 100, +0", " before 40, +60")
    ]
    assert list(found.values()) == ["d0", "d0", "more3"]


def test_names_are_whole_and_escaped() -> None:
    chart = flame_chart({("m", LONG): 1, ("m", "<script>"): 999}, "cycles", "t")
    assert f"<title>{LONG}: 1 cycles, 0.1%</title>" in chart
    assert "<script>" not in chart and "&lt;script&gt;: 999 cycles, 99.9%" in chart
