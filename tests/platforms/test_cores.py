from __future__ import annotations

import pytest

from tinyrig.generator.assets import asset_root
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.core import core_names, load_core
from tinyrig.generator.planning.uart import drivers
from tinyrig.suite.cycles.tables import cores, load_timing, modelled


def test_every_core_has_its_runtime_and_its_table() -> None:
    platforms = asset_root("platforms")
    for name in core_names():
        core = load_core(name)
        assert core.name == name
        assert (platforms / core.runtime / "link.ld.j2").is_file()
    for name in cores():
        assert load_timing(name).error_percent > 0
        assert modelled(name).cycles_a_mac > 0


def test_every_driver_has_its_folders() -> None:
    for driver in drivers().values():
        for folder in driver.folders:
            assert (asset_root("platforms") / "uart" / folder).is_dir()


def test_every_board_has_a_known_core() -> None:
    assert {load_board(name).core for name in board_names()} == set(core_names())


@pytest.mark.parametrize("name", ["cortex-m33", "../boards/x", ""])
def test_an_unknown_core_is_named(name: str) -> None:
    with pytest.raises(InputError, match="Unknown core"):
        load_core(name)


def test_a_core_without_a_model_is_named() -> None:
    with pytest.raises(InputError, match="No cycle model for 'ri5cy'"):
        load_timing("ri5cy")
