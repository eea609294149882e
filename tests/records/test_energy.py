"""Milliseconds and microjoules follow from cycles, clock and power, with both errors."""

from __future__ import annotations

import pytest
from records.sample_record import CYCLES, RECORD

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_names, load_board, parse_board
from tinyrig.suite.records.energy import energy, milliseconds, nearest
from tinyrig.suite.records.record import PowerFacts, Record
from tinyrig.suite.report.time_words import energy_words, three_digits, time_cells
from tinyrig.suite.rig.run import power_facts

MEASURED = PowerFacts(milliwatts=45.0, kind="measured", spread_percent=15.0, source="a log")
BOARD = CYCLES.model_copy(update={"value": 2_000_000, "error_percent": 10.0, "memory": "board"})


def record(**changes: object) -> Record:
    return RECORD.model_copy(update={"clock_mhz": 100.0, "power": MEASURED, **changes})


def test_energy_is_power_by_the_time_nearest_to_the_board() -> None:
    """2,000,000 cycles at 100 MHz are 20 ms, by 45 mW 900 uJ; 10 % and 15 % are 25 %."""
    found = energy(record(cycles=(CYCLES, BOARD)))
    assert found is not None
    assert found.microjoules == pytest.approx(900.0)
    assert (found.error_percent, found.bounded, found.column) == (25.0, True, "modelled, board")
    assert milliseconds(record(), 1_234_567) == pytest.approx(12.34567)


def test_measured_cycles_are_nearest() -> None:
    measured = BOARD.model_copy(update={"source": "measured", "error_percent": None})
    assert nearest((CYCLES, BOARD, measured)) == measured
    assert nearest((BOARD, CYCLES)) == BOARD
    assert nearest(()) is None


def test_what_nobody_says_is_not_made_up() -> None:
    single = MEASURED.model_copy(update={"spread_percent": None})
    found = energy(record(power=single, cycles=(CYCLES,)))
    assert found is not None
    assert (found.error_percent, found.bounded) == (8.5, False)
    assert "nobody says" in (energy_words(record(power=single)) or "")
    for missing in ({"power": None}, {"clock_mhz": None}, {"cycles": ()}):
        assert energy(record(**missing)) is None
        assert energy_words(record(**missing)) is None
    assert time_cells(record(cycles=())) == ("-", "-")
    assert time_cells(record(clock_mhz=None)) == ("-", "-")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (float("inf"), "inf"),
        (0.01234, "0.0123"),
        (0.51, "0.510"),
        (5.678, "5.68"),
        (56.78, "56.8"),
        (567.8, "568"),
        (56_789.0, "56,789"),
        (0.00001234, "0.0000123"),
    ],
)
def test_three_digits(value: float, words: str) -> None:
    assert three_digits(value) == words


def test_power_is_that_of_the_nearest_clock_scaled() -> None:
    """GAP9 at 300 MHz is nearer to 240 than to 370 MHz: 24 mW a 240 MHz."""
    found = power_facts(load_board("gap9"), 300.0)
    assert found is not None
    assert found.milliwatts == pytest.approx(30.0)
    assert "scaled from 240 MHz" in found.source
    exact = power_facts(load_board("gap9"), 370.0)
    assert exact is not None
    assert (exact.milliwatts, "scaled" in exact.source) == (52.0, False)
    assert power_facts(load_board("mps2_an386"), 25.0) is None


def test_every_power_says_whose_it_is() -> None:
    known = [name for name in board_names() if load_board(name).power]
    assert {"stm32l4r5", "stm32h743", "stm32f746", "stm32f427", "gap9"} <= set(known)
    for name in known:
        for power in load_board(name).power:
            assert len(power.source) > 20
            assert (power.spread_percent is not None) == (power.kind == "measured")


@pytest.mark.parametrize(
    "line", ["milliwatts = 0.0", "clock_mhz = 0", "spread_percent = -1.0", 'kind = "guessed"']
)
def test_a_power_that_cannot_be_is_refused(line: str) -> None:
    from pathlib import Path

    text = (Path(__file__).parents[2] / "platforms/stm32l4r5/board.toml").read_text()
    key = line.split(maxsplit=1)[0]
    start = text.index("[[power]]")
    old = next(row for row in text[start:].splitlines() if row.startswith(key))
    with pytest.raises(InputError, match=r"power|kind"):
        parse_board(text[:start] + text[start:].replace(old, line, 1), "board.toml")
