"""A board that extends another: what it takes from there, and extensions that cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_names, load_board, parse_board
from tinyrig.generator.planning.board_tools import Gvsoc

_DESK = 'name = "desk"\nextends = "stm32f427"\n'


def test_siracusa_is_gap9_but_for_what_it_says() -> None:
    gap9, siracusa = load_board("gap9"), load_board("siracusa")
    l1, *others = gap9.ram
    assert siracusa == replace(
        gap9,
        name="siracusa",
        mcu="Siracusa-class (PULP)",
        flash=replace(gap9.flash, size=0x1F_0000),
        ram=(replace(l1, size=0x4_0000), *others),
        gvsoc=Gvsoc("siracusa"),
        l3=None,
        power=(),
        peripherals=tuple(one for one in gap9.peripherals if one.name != "UDMA"),
    )


def test_entries_of_new_names_follow_and_other_lists_are_replaced() -> None:
    text = _DESK + 'isa = ["ref"]\n[[ram]]\nname = "more"\norigin = 0x6800_0000\nsize = 0x10\n'
    board, base = parse_board(text, "desk"), load_board("stm32f427")
    assert [region.name for region in board.ram] == ["sram", "ccm", "more"]
    assert board == replace(base, name="desk", isa=("ref",), ram=(*base.ram, board.ram[-1]))


def test_what_is_left_out_may_be_said_anew() -> None:
    text = _DESK + 'without = ["operating_point", "ram.sram", "external_flash"]\n'
    with pytest.raises(InputError, match="desk: no RAM region 'sram'"):
        parse_board(text, "desk")
    text += '[layout]\narena_regions = ["ccm"]\n'
    board = parse_board(text, "desk")
    assert [region.name for region in board.ram] == ["ccm"]
    assert (board.external_flash, board.operating_point) == (None, None)
    assert (board.layout.stack_region, board.layout.arena_regions) == ("ccm", ("ccm",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "stm32f427"', "desk: name is missing"),
        ('name = "desk"\nextends = "f427"', "desk: extends 'f427', which is no board.*stm32f427"),
        ('name = "desk"\nextends = 3', "desk: extends: input should be a valid string"),
        ('name = "desk"\nwithout = ["ram"]', "desk: without is for a board that extends"),
        (_DESK + 'without = "ram"', "desk: without: input should be a valid tuple"),
        (_DESK + 'without = ["ram.dtcm"]', "without names 'ram.dtcm'; stm32f427 has none"),
        (_DESK + 'without = ["layout.red.zone"]', "'layout.red.zone'; stm32f427 has none"),
        (_DESK + 'without = ["isa.m4"]', "'isa.m4'; stm32f427 has none"),
        (_DESK + 'without = ["name"]', "'name'; stm32f427 has none"),
        (_DESK + 'without = ["uart"]', "desk: uart is missing"),
        (_DESK + "[uart]\nbaud = 0", "desk: uart.baud is 0"),
        (_DESK + "[[ram]]\nsize = 4", "desk: ram.0.name is missing"),
        (
            _DESK + '[[ram]]\nname = "ccm"\n[[ram]]\nname = "ccm"\norigin = 0\nsize = 4',
            "two regions named 'ccm'",
        ),
    ],
)
def test_an_extension_that_cannot_be_is_told(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        parse_board(text, "desk")
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    ("named", "circle"),
    [
        ("a", "b/board.toml: 'a' extends 'c' extends 'b' extends 'a', and"),
        ("x", "a/board.toml: 'x' extends 'c' extends 'b' extends 'a' extends 'c', and"),
    ],
)
def test_a_circle_of_boards_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, circle: str
) -> None:
    for name, base in (("a", "c"), ("b", "a"), ("c", "b")):
        (tmp_path / "platforms" / name).mkdir(parents=True)
        own = named if name == "a" else name
        text = f'name = "{own}"\nextends = "{base}"\n'
        (tmp_path / "platforms" / name / "board.toml").write_text(text)
    monkeypatch.setenv("TINYRIG_PATH", str(tmp_path))
    assert {"a", "b", "c"} < set(board_names())
    with pytest.raises(InputError) as told:
        load_board("a")
    assert str(told.value) == f"{circle} so on without end."
    assert told.value.exit_code == 2
