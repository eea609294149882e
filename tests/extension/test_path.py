"""Boards, cores, drivers and kernels from folders of TINYRIG_PATH, and boards by their path."""

from __future__ import annotations

import os
from pathlib import Path

import clone_of_a_user as user
import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.core import core_names, load_core
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.uart import drivers
from tinyrig.suite.backends.engine import cpu_model
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles.tables import load_timing
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

DIMS = {"S": 8, "E": 8, "P": 4, "H": 2}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = user.make(tmp_path / "mine")
    monkeypatch.setenv("TINYRIG_PATH", str(made))
    return made


def test_a_model_runs_on_a_users_board_core_and_kernel(root: Path) -> None:
    case, board = resolve("encoder", DIMS), load_board(user.BOARD)
    outcome = run_case(
        case,
        board,
        backend("embedded"),
        load_toolchain("zig", board.compiler),
        case.samples(1),
        RunOptions(),
        lambda _message: None,
    )
    record = outcome.record
    assert record.check.verdict == "match"
    assert record.board == user.BOARD
    assert user.KERNEL in {layer.kernel for layer in record.layers}
    assert [cycles.source for cycles in record.cycles] == ["modelled"]


def test_the_project_holds_the_users_sources_and_prototypes(root: Path) -> None:
    case, board = resolve("encoder", DIMS), load_board(user.BOARD)
    plan, project = plan_project(case.graph, board, sample_bytes(case.graph, case.samples(1)[0]))
    assert user.KERNEL in {step.kernel.name for step in plan.steps}
    assert f"kernels/src/m4/{user.KERNEL}.c" in project.units
    assert "kernels/src/m4/my_block.h" in project.files
    assert f"tr_add_s8_fn {user.KERNEL};" in project.files["kernels/include/tinyrig/variants.h"]
    assert project.files["platform/my_runtime/tr_start.c"].startswith("/* Mine. */")


def test_names_come_and_go_with_the_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.BOARD in board_names()
    assert load_core("my-m4").runtime == "my_runtime"
    assert load_timing("my-m4").error_percent > 0
    monkeypatch.delenv("TINYRIG_PATH")
    assert user.BOARD not in board_names()
    assert "my-m4" not in core_names()
    assert user.KERNEL not in {kernel.name for kernel in all_kernels()}


@pytest.mark.parametrize("spelling", ["{}", "{}/board.toml", "{}:rtt"])
def test_a_board_by_its_path(tmp_path: Path, spelling: str) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "board.toml").write_text(user.board("desk", "cortex-m4"))
    board = load_board(spelling.format(folder))
    assert board.name == "desk"
    assert board.uart.is_rtt == spelling.endswith("rtt")


def test_a_board_by_its_path_may_not_take_a_name(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(user.board("stm32f746", "cortex-m4"))
    with pytest.raises(InputError, match="'stm32f746' is there twice") as told:
        load_board(str(tmp_path))
    assert str(tmp_path / "board.toml") in str(told.value)


def _board(root: Path) -> None:
    (root / "platforms" / "stm32f746").mkdir()
    (root / "platforms" / "stm32f746" / "board.toml").write_text(user.board("stm32f746"))


def _core(root: Path) -> None:
    (root / "platforms" / "cores" / "cortex-m4.toml").write_text('name = "cortex-m4"')


def _driver(root: Path) -> None:
    (root / "platforms" / "uart").mkdir()
    text = "[rtt]\nfolders = []\nclocked = false\npins = false\n"
    (root / "platforms" / "uart" / "drivers.toml").write_text(text)


def _kernel(root: Path) -> None:
    registry = root / "kernels" / "registry.toml"
    registry.write_text(registry.read_text().replace(user.KERNEL, "tr_add_s8__m4"))
    source = root / "kernels" / "src" / "m4"
    (source / f"{user.KERNEL}.c").rename(source / "tr_add_s8__m4.c")


@pytest.mark.parametrize(
    ("double", "name", "look"),
    [
        (_board, "platforms/stm32f746/board.toml", board_names),
        (_core, "platforms/cores/cortex-m4.toml", core_names),
        (_driver, "'rtt'", drivers),
        (_kernel, "tr_add_s8__m4", all_kernels),
    ],
)
def test_nothing_takes_a_name_that_is_there(root: Path, double, name, look) -> None:  # type: ignore[no-untyped-def]
    double(root)
    with pytest.raises(InputError, match="there twice") as told:
        look()
    message = str(told.value)
    assert name in message
    assert str(root) in message
    assert message.count(".toml") >= 2


def test_an_error_band_names_its_measurement(root: Path) -> None:
    core = root / "platforms" / "cores" / "my-m4.toml"
    core.write_text(core.read_text().replace("the same core as Tinyrig's own", " "))
    with pytest.raises(InputError, match="names no measurement"):
        load_core("my-m4")


def test_a_core_the_emulator_does_not_have_is_named(root: Path) -> None:
    core = root / "platforms" / "cores" / "my-m4.toml"
    core.write_text(core.read_text().replace("UC_CPU_ARM_CORTEX_M4", "UC_CPU_ARM_MINE"))
    with pytest.raises(InputError, match="UC_CPU_ARM_MINE"):
        cpu_model("my-m4")


def test_a_registry_with_faults_tells_all_of_them(root: Path) -> None:
    registry = root / "kernels" / "registry.toml"
    entry = registry.read_text()
    wrong = entry.replace('op = "add_s8"', 'op = "fft_s8"').replace(user.KERNEL, "tr_fft__m4")
    registry.write_text(entry + wrong)
    with pytest.raises(InputError) as told:
        all_kernels()
    assert "tr_fft__m4: op must be one of" in str(told.value)
    assert "there is no src/m4/tr_fft__m4.c" in str(told.value)


@pytest.mark.parametrize("words", ["{}/nowhere", "{}"])
def test_a_path_that_leads_nowhere_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("TINYRIG_PATH", os.pathsep.join(["", words.format(tmp_path)]))
    with pytest.raises(InputError, match="TINYRIG_PATH names"):
        board_names()
