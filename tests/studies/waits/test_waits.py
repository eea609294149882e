"""`tinyrig bench waits`: cycles with a board's memory over those without, and their limits."""

import pytest
from cli.command import check_refusal, tinyrig
from records.sample_record import RECORD

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models import load_zoo
from tinyrig.suite.records.record import Cycles
from tinyrig.suite.studies.waits.measure import BOARDS, Row, limits


def row(board: str, waited: int, most: float | None) -> Row:
    cycles = (
        Cycles(source="modelled", model="m4", value=100_000, error_percent=5, memory="0ws"),
        Cycles(source="modelled", model="m4 + b", value=waited, error_percent=10, memory="board"),
    )
    return Row("x", load_board(board), RECORD.model_copy(update={"cycles": cycles}), most)


def test_a_limit_is_kept_to_the_cycle() -> None:
    assert row("stm32f746", 110_000, 1.1).met
    assert not row("stm32f746", 110_001, 1.1).met
    assert row("stm32f746", 900_000, None).met


def test_every_limit_is_of_a_network_and_of_both_cores() -> None:
    for network, limit in limits().items():
        assert load_zoo(network).macs > 0
        assert 1 < limit.of("cortex-m7") <= limit.of("cortex-m4") <= 1.5
    assert {load_board(name).core for name in BOARDS} == {"cortex-m4", "cortex-m7"}


def test_the_attention_of_tr_former_waits_for_almost_nothing_with_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = ("bench", "waits", "--network", "trformer-mhsa", "--board", "stm32l4r5:dual-bank")
    said = tinyrig(*words)
    assert said.code == 0, said.err
    assert "1.001" in said.out
    missed = tinyrig(*words, "--opt", "optimize=cycles", "--opt", "no-weights-in-ram")
    assert missed.code == 1
    assert "MISSED" in missed.out


def test_a_board_that_waits_for_nothing_is_refused() -> None:
    said = tinyrig("bench", "waits", "--network", "tinyvit-digits", "--board", "gap9")
    check_refusal(said, 2, "no operating point")
