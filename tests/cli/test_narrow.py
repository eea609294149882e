"""On a narrow terminal no digit is cut: columns go by rank, names are elided in the middle."""

from __future__ import annotations

import io
import re

import pytest
from records.sample_record import RECORD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinyrig.suite.cli.narrow import cut_apart, elided, fitted
from tinyrig.suite.report.run_table import run_table

LONG = "encoders.0.self_attention.query.projection.Gemm"


def printed(table: Table, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(fitted(table, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def layers(box: bool = True) -> Table:
    table = Table(title="Layers") if box else Table(box=None, pad_edge=False)
    for name in ("layer", "op", "kernel"):
        table.add_column(name, overflow="fold")
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    table.add_row(Text(LONG), "linear", "tr_linear_s8_w16_3x2__m7", *_NUMBERS.values())
    return table


_NUMBERS = {
    "MACs": "12,345,678",
    "instructions": "123,456,789",
    "instr/MAC": "10.12",
    "ms": "0.00123",
    "arena": "1,048,576",
}


@pytest.mark.parametrize("width", [44, 60, 80, 100, 120])
@pytest.mark.parametrize("box", [True, False])
def test_every_number_that_is_shown_is_whole(width: int, box: bool) -> None:
    text = printed(layers(box), width)
    assert max(map(len, text.splitlines())) <= width
    table = text.split("left out")[0]
    shown = [name for name in _NUMBERS if re.search(rf"(?<!\S){re.escape(name)}(?!\S)", table)]
    assert shown
    assert [name for name in _NUMBERS if _NUMBERS[name] in table] == shown
    assert "ms" in shown, "milliseconds are of the highest rank"
    assert "enc" in table and "mm" in table


@pytest.mark.parametrize("width", [44, 60, 80])
def test_heads_are_broken_between_words_and_rows_keep_their_names(width: int) -> None:
    table = Table(title="Settings")
    table.add_column("group", no_wrap=True)
    table.add_column("switch", no_wrap=True)
    for name in ("arena", "to none", "peak RAM", "wrong bytes", "SQNR dB"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row("left out", "no-scratch-reuse", "12,345", "-10.5%", "3,608", "0 of 99", "38.1")
    text = printed(table, width).split("left out:")[0]
    heads = text.split("╇")[0].split("┡")[0]
    for head in ("switch", "peak", "RAM"):
        assert re.search(rf"(?<!\w){head}(?!\w)", heads), head
    assert "scratch" in text or "reuse" in text
    assert "3,608" in text


def test_what_is_left_out_is_told() -> None:
    text = " ".join(printed(layers(), 44).split())
    left_out = text.split("left out: ")[1].split(" (a wider")[0].split(", ")
    shown = text.split("left out")[0]
    assert "kernel" in left_out and "instr/MAC" in left_out
    assert not [name for name in left_out if f" {name} " in shown]


def test_what_is_indented_is_fitted_too() -> None:
    console = Console(file=io.StringIO(), width=44, no_color=True)
    console.print(fitted(Padding(layers(), (0, 0, 0, 3)), 44))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 44
    assert all(line.startswith("   ") for line in lines)
    assert _NUMBERS["ms"] in console.file.getvalue()


def test_a_table_that_fits_is_left_as_it_is() -> None:
    table = layers()
    assert fitted(table, 200) is table


def test_sentences_break_between_words() -> None:
    table = Table()
    table.add_column("name")
    table.add_column("legal when", overflow="fold")
    table.add_row("one", "the first operand is dense and the second is a constant of few columns")
    text = " ".join(printed(table, 44).replace("│", " ").split())
    assert "the first operand is dense and the second" in text
    assert "…" not in text


def test_a_run_at_44_columns() -> None:
    console = Console(file=io.StringIO(), width=44, no_color=True)
    console.print(fitted(run_table(RECORD), 44))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 44
    for number in ("22,760", "327,680", "75,970", "1,048,576"):
        assert number in text


@pytest.mark.parametrize("width", [5, 12, 13, 30])
def test_names_keep_both_ends(width: int) -> None:
    short = elided(LONG, width)
    assert len(short) == width
    front, back = short.split("…")
    assert LONG.startswith(front) and LONG.endswith(back)
    assert abs(len(front) - len(back)) <= 1
    assert elided("abc", 3) == "abc"


@pytest.mark.parametrize("pattern", ["blocks.{}.1.Conv", "stage{}.projection", "projection.{}"])
def test_names_that_differ_are_told_apart(pattern: str) -> None:
    names = [pattern.format(index) for index in range(9)]
    table = Table()
    table.add_column("layer")
    for name in ("cycles", "ms", "share"):
        table.add_column(name, justify="right")
    for name in names:
        table.add_row(name, "607,084,123", "1,005.06", "16.8%")
    rows = [line.split("│")[1].strip() for line in printed(table, 44).splitlines() if "│" in line]
    assert len(rows) == len(set(rows)) == len(names)
    assert all("…" in row for row in rows) or rows == names


def test_names_that_need_more_room_leave_it_for_digits() -> None:
    names = [f"{first}{'x' * 20}{middle}{'y' * 20}" for first in "ab" for middle in "cd"]
    assert cut_apart(names, 12) is None
    table = Table()
    table.add_column("layer")
    table.add_column("cycles", justify="right")
    for name in names:
        table.add_row(name, "607,084,123")
    assert printed(table, 44).count("607,084,123") == len(names)
