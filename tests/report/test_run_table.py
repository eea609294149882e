"""The table of a run says what the record holds, from the record alone."""

from __future__ import annotations

import io
from typing import Any

from records.sample_record import CHECK, MEMORY, RECORD
from rich.console import Console

from tinyrig.suite.records.record import LayerWeights, PowerFacts, Record
from tinyrig.suite.report.run_table import run_table


def _text(record: Record, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(run_table(record))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _with(**changes: Any) -> Record:
    return RECORD.model_copy(update=changes)


def _line(text: str, *words: str) -> str:
    (line,) = (line for line in text.splitlines() if all(word in line for word in words))
    return line


def test_heading() -> None:
    text = _text(RECORD)
    assert "small" in _line(text, "model", "2,000 MACs", "53,026 parameters")
    assert "stm32f746" in _line(text, "board")
    assert "zig 0.17.0" in _line(text, "embedded 2.1.4")
    assert RECORD.elf_sha256[:16] in _line(text, "ELF")
    assert "2.50 a MAC" in _line(text, "instructions", "5,000")


def test_match() -> None:
    line = _line(_text(RECORD), "verdict")
    assert "MATCH" in line
    assert "MISMATCH" not in line
    assert "0 of 6 output bytes differ" in line
    assert "against the float model: SQNR 31.2 dB" in line or "SQNR 31.3 dB" in line
    assert "arg-max agreement 100.0%" in line


def test_mismatch() -> None:
    check = CHECK.model_copy(
        update={"verdict": "mismatch", "mismatches": 2, "first_mismatch": 4, "samples": 3}
    )
    line = _line(_text(_with(check=check)), "verdict")
    assert "MISMATCH" in line
    assert "2 of 6 output bytes differ" in line
    assert "3 samples" in line
    assert "first at element 4" in line


def test_without_an_oracle() -> None:
    check = CHECK.model_copy(update={"oracle": None, "sqnr_db": None, "argmax_agreement": None})
    assert "SQNR" not in _text(_with(check=check))


def test_oracle_of_a_quantized_graph_is_named() -> None:
    check = CHECK.model_copy(update={"oracle": "onnxruntime"})
    assert "ONNX Runtime: SQNR" in _line(_text(_with(check=check)), "verdict")


def test_memory() -> None:
    text = _text(RECORD)
    ram = _line(text, "peak RAM")
    for word in ("22,760", "327,680", "6.9%", "arena 22,436", "static 12", "stack 312", "greedy"):
        assert word in ram
    flash = _line(text, "flash")
    for word in ("75,970", "1,048,576", "7.2%", "code 10,774", "weights 56,392", "tables 8,804"):
        assert word in flash


def test_cycles_are_shown_with_their_source() -> None:
    line = _line(_text(RECORD), "cycles", "1,234,567")
    assert "modelled" in line
    assert "8.5 %" in line


def test_sparse_weights_are_told_apart() -> None:
    kept = LayerWeights(form="sparse4", bytes=1288, zeros=0.75, balanced=True)
    for weights, told in (
        (kept, "1,288 sparse4, 75% zero, balanced"),
        (kept.model_copy(update={"form": "stream4"}), "1,288 two a byte"),
        (kept.model_copy(update={"balanced": False}), "1,288 sparse4, 75% zero"),
        (LayerWeights(form="rows", bytes=2048, zeros=0.75), "2,048"),
    ):
        layer = RECORD.layers[0].model_copy(update={"weights": weights})
        line = _line(_text(_with(layers=(layer,)), width=200), "dense", "linear")
        assert [cell.strip() for cell in line.split("│")][-2] == told


def test_layers() -> None:
    text = _text(RECORD)
    dense = [cell.strip() for cell in _line(text, "dense").split("│")[1:-1]]
    for cell in ("dense", "linear", "tr_linear_s8__ref", "2,000", "4,000", "2.00", "20"):
        assert cell in dense
    act = [cell.strip() for cell in _line(text, "act", "unary").split("│")[1:-1]]
    assert "-" in act, "an uncounted layer shows no number"


def test_backend_that_does_not_count() -> None:
    text = _text(_with(instructions=None, cycles=()))
    assert "a MAC)" not in text


def test_a_model_without_macs() -> None:
    empty = RECORD.model.model_copy(update={"macs": 0})
    assert "0.00 a MAC" in _text(_with(model=empty))


def test_names_are_no_markup() -> None:
    layer = RECORD.layers[0].model_copy(update={"name": "[red]x[/red]"})
    assert "[red]x[/red]" in _text(_with(layers=(layer,)))


def test_narrow_terminal_loses_no_number() -> None:
    text = "".join(_text(RECORD, width=80).split())
    for number in (MEMORY.peak_ram, MEMORY.flash, 5_000):
        assert f"{number:,}" in text


def test_external_flash_is_shown_only_where_weights_lie_there() -> None:
    assert "external" not in _text(RECORD)
    memory = MEMORY.model_copy(
        update={"external_flash": 5_807_968, "external_flash_limit": 16_777_216}
    )
    line = _line(_text(_with(memory=memory)), "external flash")
    for part in ("5,807,968", "16,777,216", "34.6%", "weights"):
        assert part in line


def test_times_and_energy_stand_beside_cycles() -> None:
    power = PowerFacts(milliwatts=100.0, kind="measured", spread_percent=15.0, source="a log")
    text = _text(_with(clock_mhz=200.0, power=power))
    assert "1,234,567 +-8.5 %, 6.17 ms at 200 MHz" in _line(text, "cycles, modelled")
    assert "617 uJ, +-23.5 %" in _line(text, "energy, modelled", "100 mW", "a log")
    assert " 6.17 " in _line(text, "tr_linear_s8__ref")
    assert "energy" not in _text(RECORD) and " ms at " not in _text(RECORD)
