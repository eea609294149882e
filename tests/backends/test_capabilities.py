"""What the backends say of themselves: known without their tools, and true."""

from __future__ import annotations

import subprocess
import sys

import pytest
from backends.firmware_projects import fake_project

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.backends import backend, backend_names
from tinyrig.suite.backends.registry import backends_that, capabilities, emulators_of
from tinyrig.suite.toolchain import build, load_toolchain

BARE = """\
import sys
for name in ("unicorn", "pyocd", "serial", "torch"):
    sys.modules[name] = None
from tinyrig.suite.backends.registry import backend_names, capabilities
for name in backend_names():
    found = capabilities(name)
    assert found.name == name and found.install and found.purpose
    print(name, *found.boards())
"""


def test_capabilities_need_no_tool() -> None:
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", BARE], env=environment, capture_output=True, text=True, check=True
    )
    boards = {name: words for name, *words in map(str.split, said.stdout.splitlines())}
    assert tuple(boards) == backend_names()
    assert boards["gvsoc"] == ["gap9", "siracusa"]
    assert {"stm32f427", "stm32h743"} <= set(boards["embedded"]) & set(boards["pyocd"])
    assert "mps2_an386" in boards["qemu"]
    assert "mps2_an386" not in boards["renode"]
    assert set(board_names()) == {name for names in boards.values() for name in names}


def test_the_default_runs_every_board_but_clusters_without_hardware() -> None:
    for name in board_names():
        board = load_board(name)
        assert emulators_of(board)[0] == ("gvsoc" if board.cluster else backend_names()[0])
    assert "pyocd" not in emulators_of(load_board("stm32f427"))
    assert backends_that(lambda found: found.watch) == ("embedded",)


@pytest.mark.parametrize("name", backends_that(lambda found: not found.hardware))
def test_a_boot_gives_what_its_backend_says(name: str) -> None:
    able = capabilities(name)
    board = load_board(able.boards()[-1])
    try:
        machine = backend(name)
        able.ready(board)
        tools = load_toolchain("zig", board.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    assert machine.capabilities is able
    assert machine.name == name
    image = build(fake_project(board), board, tools, checked=True)
    boot = machine.run(image, board, profile=able.profile or able.stacks, watch=able.watch)
    assert (boot.instructions is not None) == able.counts
    assert (boot.profile is not None) == able.profile
    assert (boot.stacks is not None) == able.stacks
    assert (boot.cycles.source if boot.cycles else None) == able.cycles
    if able.watch:
        assert boot.touched is not None
        assert any(boot.touched.read)
    else:
        with pytest.raises(InputError, match=f"{name} backend cannot watch accesses"):
            machine.run(image, board, watch=True)
    if not able.profile and not able.stacks:
        with pytest.raises(InputError, match=f"{name} backend cannot profile"):
            machine.run(image, board, profile=True)
    strange = next(one for one in board_names() if not able.runs(load_board(one)))
    with pytest.raises(InputError, match=f"{name} backend has no board {strange}"):
        machine.run(image, load_board(strange))


def test_what_a_backend_can_be_asked_for_is_checked_by_its_description() -> None:
    with pytest.raises(InputError, match="pyocd backend cannot profile"):
        capabilities("pyocd").check(profile=True)
    capabilities("renode").check(profile=True)
    error = capabilities("qemu").missing("QEMU is away")
    assert str(error) == "QEMU is away. Install it with: sudo apt-get install qemu-system-arm"
    with pytest.raises(InputError, match="Known backends"):
        capabilities("bochs")
