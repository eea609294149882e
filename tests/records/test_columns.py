"""Cycles with a board's memory never stand for those at zero wait states."""

from records.sample_record import CYCLES, RECORD
from rich.console import Console

from tinyrig.suite.gate.metrics import metrics_of
from tinyrig.suite.report.run_table import run_table

WHOLE = CYCLES.model_copy(update={"value": 9_999_999, "memory": "board", "model": "m7 + board"})


def test_each_kind_of_cycles_has_its_column() -> None:
    assert (CYCLES.column, WHOLE.column) == ("modelled", "modelled, board")
    measured = WHOLE.model_copy(update={"source": "measured"})
    assert measured.column == "measured"


def test_the_gate_looks_at_zero_wait_states_in_any_order() -> None:
    for cycles in ((CYCLES, WHOLE), (WHOLE, CYCLES)):
        found = metrics_of(RECORD.model_copy(update={"cycles": cycles}))
        assert found["cycles"] == CYCLES.value
        assert WHOLE.value not in found.values()


def test_a_run_shows_both_apart() -> None:
    console = Console(record=True, width=200)
    console.print(run_table(RECORD.model_copy(update={"cycles": (CYCLES, WHOLE)})))
    lines = [line for line in console.export_text().splitlines() if "cycles, " in line]
    assert ["9,999,999" in line for line in lines] == [False, True]
    assert "cycles, modelled, board" in lines[1]
