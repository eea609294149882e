"""Models of layout alone, whose inputs are their outputs: a plan without steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from frontends.qdq_models import Case, QdqModel

import tinyrig

BOARD = "stm32f427"


def handed_on() -> Case:
    m = QdqModel(np.random.default_rng(0))
    return m.case(m.node("Reshape", m.activation((1, 6)), m.ints([2, 3])))


def test_the_firmware_hands_on_its_input() -> None:
    case = handed_on()
    found = tinyrig.run(case.model, board=BOARD, example=case.feeds)
    assert found.matches
    assert found.peak_ram > 0


def test_its_memory_is_that_of_its_input() -> None:
    case = handed_on()
    found = tinyrig.plan(case.model, board=BOARD).memory
    assert found.steps == ("at rest",)
    assert found.peak_step == 0
    assert found.used(0) == found.beside_input + 8


def test_its_library_leaves_no_variable_unused(tmp_path: Path) -> None:
    made = tinyrig.generate(
        handed_on().model, tmp_path / "made", board=BOARD, form="library", name="on", proven=False
    )
    text = (made.folder / "src" / "on.c").read_text(encoding="utf-8")
    assert "(void)a;" in text
