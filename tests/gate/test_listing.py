"""Listings of real firmware: the same wherever a function lies, and different where it differs."""

from __future__ import annotations

import dataclasses
import re

import pytest
from gate.changed_rig import Kernels
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.gate.alignment import align
from tinyrig.suite.gate.code_reader import Line
from tinyrig.suite.gate.frames import frame_bytes
from tinyrig.suite.gate.listing import Listing, list_routine
from tinyrig.suite.gate.symbols import Routine, read_symbols
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.run import RunOptions, firmware_of
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import load_toolchain

_GROWTH = [("stm32f427", 8), ("stm32f746", 4), ("gap9", 4)]
"""Boards, and instructions of two bytes that a function gets more: few, so that hardly any call
reaches so much farther that it takes another form, and 16 bytes where kernels' loops are aligned to
as many, so that what lies behind them moves."""


def _firmware(board: str) -> Firmware:
    case = resolve("ecgformer-mhsa", {})
    return firmware_of(case, load_board(board), load_toolchain("zig"), RunOptions())


def _listings(image: Image) -> dict[tuple[str, str], Listing]:
    symbols = read_symbols(image)
    return {(r.name, r.file): list_routine(image, symbols, r) for r in symbols.routines}


@pytest.mark.parametrize(("board", "more"), _GROWTH)
def test_only_the_function_that_grew_differs(board: str, more: int, kernels: Kernels) -> None:
    before = _firmware(board)
    kernel = before.plan.steps[0].kernel
    nops = f'  __asm volatile(".rept {more}\\\\nnop\\\\n.endr");\n'
    entry = re.compile(rf"(\nvoid {kernel.name}\([^)]*\) \{{\n)")
    kernels(kernel.source, lambda text: entry.sub(rf"\1{nops}", text))
    after = _firmware(board)
    old, new = _listings(before.checked), _listings(after.checked)
    assert old.keys() == new.keys()
    moved = [key for key in old if old[key].routine.address != new[key].routine.address]
    assert ("tr_infer", "model_checked.c") in moved
    # A call that reaches farther than before may take another form.
    differing = {key for key in old if not align(old[key], new[key]).same}
    assert differing - {("tr_infer", "model_checked.c")} == {(kernel.name, f"{kernel.name}.c")}


@pytest.mark.parametrize("board", ["stm32f746", "gap9"])
def test_a_listing_covers_its_function_and_names_places(board: str) -> None:
    firmware = _firmware(board)
    listings = _listings(firmware.checked)
    for listing in listings.values():
        at = 0
        for line in listing.lines:
            assert line.offset == at
            at += line.size
        assert at == listing.routine.size
    infer = listings["tr_infer", "model_checked.c"]
    text = " ".join(line.text for line in infer.lines)
    for name in ("tr_step_begin", "tr_step_end", firmware.plan.steps[0].kernel.name):
        assert name in text
    assert 8 <= frame_bytes(infer) <= 256


_LINES = st.lists(
    st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9)), min_size=1, max_size=10
)


def _made(lines: list[tuple[str, int | None]]) -> Listing:
    """A function of two-byte lines; a number is the line a branch goes to, if there is one."""
    made = []
    for at, (text, to) in enumerate(lines):
        target = None if to is None or to >= len(lines) else 2 * to
        made.append(Line(2 * at, 2, text if target is None else f"b {text} @", target))
    return Listing(Routine(0, 2 * len(made), "f", "f.c"), tuple(made))


@given(_LINES)
def test_a_function_is_the_same_as_itself_elsewhere(lines: list[tuple[str, int | None]]) -> None:
    one = _made(lines)
    other = dataclasses.replace(one, routine=dataclasses.replace(one.routine, address=4096))
    assert align(one, other).same


@given(_LINES, st.data())
def test_a_line_put_in_is_the_only_change(
    lines: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(lines)))
    more = [
        *((text, to + 1 if to is not None and to >= at else to) for text, to in lines[:at]),
        ("nop", None),
        *((text, to + 1 if to is not None and to >= at else to) for text, to in lines[at:]),
    ]
    one = _made([(text, to if to is None or to < len(lines) else None) for text, to in lines])
    other = _made([(text, to if to is None or to < len(more) else None) for text, to in more])
    changed = [row for row in align(one, other).rows if row.changed]
    assert [(row.base, row.head and row.head.text) for row in changed] == [(None, "nop")]


@given(_LINES, st.data())
def test_a_branch_elsewhere_is_a_change(
    lines: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    one = _made(lines)
    branches = [at for at, line in enumerate(one.lines) if line.target is not None]
    if not branches or len(lines) < 2:
        return
    at = data.draw(st.sampled_from(branches))
    wrong = data.draw(
        st.sampled_from([n for n in range(len(lines)) if 2 * n != one.lines[at].target])
    )
    lines_of_other = list(one.lines)
    lines_of_other[at] = dataclasses.replace(one.lines[at], target=2 * wrong)
    other = dataclasses.replace(one, lines=tuple(lines_of_other))
    assert [row.head or row.base for row in align(one, other).rows if row.changed]
