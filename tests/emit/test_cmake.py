"""A generated project builds alone with CMake, into the very ELF that `tinyrig run` proves."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cli.command import tinyrig
from cli.onnx_files import quantized, write

from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.files.root import cache_root
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.image import read_image
from tinyrig.suite.toolchain.toolchain import load_toolchain


def _tool(folder: Path, *command: str) -> str:
    """Run a tool as a user would, with the Python that runs the tests first on PATH."""
    cache = str(cache_root() / "zig")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ZIG_LOCAL_CACHE_DIR": cache,
        "ZIG_GLOBAL_CACHE_DIR": cache,
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _cmake(folder: Path, preset: str) -> None:
    _tool(folder, "cmake", "--preset", preset)
    _tool(folder, "cmake", "--build", "--preset", preset)


def _project(case: Case, board: str) -> Project:
    sample = sample_bytes(case.graph, case.samples(1)[0])
    return plan_project(case.graph, load_board(board), sample)[1]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model.onnx", quantized())


@pytest.mark.night
def test_zig_preset(tmp_path: Path) -> None:
    """Both images boot to the same answers, and are those the rig builds, byte for byte."""
    folder = tmp_path / "a folder"
    board = load_board("stm32h743")
    assert tinyrig("generate", "tinyvit-digits", "--board", board.name, "-o", folder).code == 0
    _cmake(folder, "zig")
    case = resolve("tinyvit-digits", {})
    project, tools = _project(case, board.name), load_toolchain("zig")
    for checked, kind in ((False, "clean"), (True, "checked")):
        raw = (folder / "build" / "zig" / f"{kind}.elf").read_bytes()
        boot = backend("embedded").run(read_image(raw, checked=checked), board)
        ours = build(project, board, tools, checked=checked)
        assert boot.transcript.ok
        assert boot.transcript.outputs == backend("embedded").run(ours, board).transcript.outputs
        assert hashlib.sha256(raw).hexdigest() == ours.sha256
    assert _units_to_compile(folder) == 0
    (folder / "model" / "model.h").touch()
    assert _units_to_compile(folder) == len(project.units) * 2 + 2


def _units_to_compile(folder: Path) -> int:
    plan = _tool(folder, "ninja", "-C", "build/zig", "-n", "-v")
    return sum(" -c " in line for line in plan.splitlines())


def test_gcc_preset(model: Path, tmp_path: Path) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc: sudo apt-get install gcc-arm-none-eabi")
    folder = tmp_path / "project"
    assert tinyrig("generate", model, "-o", folder).code == 0
    _cmake(folder, "gcc")
    board = load_board("stm32f746")
    raw = (folder / "build" / "gcc" / "clean.elf").read_bytes()
    boot = backend("embedded").run(read_image(raw, checked=False), board)
    project = _project(resolve(str(model), {}), "stm32f746")
    ours = build(project, board, load_toolchain("zig"), checked=False)
    assert boot.transcript.ok
    assert boot.transcript.outputs == backend("embedded").run(ours, board).transcript.outputs


def test_missing_gcc_says_how_to_install_it(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    assert tinyrig("generate", model, "-o", folder).code == 0
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cmake", "ninja"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    done = subprocess.run(
        [
            str(tools / "cmake"),
            "--preset",
            "gcc",
            "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF",
        ],
        cwd=folder,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "sudo apt-get install gcc-arm-none-eabi" in " ".join(done.stderr.split())


@pytest.fixture
def project_folder(model: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    assert tinyrig("generate", model, "-o", folder).code == 0
    yield folder


def test_generating_again_replaces_the_project(model: Path, project_folder: Path) -> None:
    (project_folder / "model" / "model.h").write_text("damaged")
    assert tinyrig("generate", model, "-o", project_folder).code == 0
    assert "damaged" not in (project_folder / "model" / "model.h").read_text()
    names = {path.name for path in project_folder.parent.iterdir()}
    assert names == {"model.onnx", "project"}


def test_same_model_same_project(model: Path, project_folder: Path) -> None:
    other = project_folder.parent / "other"
    assert tinyrig("generate", model, "-o", other).code == 0
    for path in project_folder.rglob("*"):
        if path.is_file():
            twin = other / path.relative_to(project_folder)
            assert twin.read_bytes() == path.read_bytes()


def test_no_trace_of_the_folder(model: Path, project_folder: Path) -> None:
    for path in project_folder.rglob("*"):
        if path.is_file():
            assert str(model.parent) not in path.read_text()


def test_the_sample_is_the_models_own(project_folder: Path, model: Path) -> None:
    case = resolve(str(model), {})
    sample = np.frombuffer(sample_bytes(case.graph, case.samples(1)[0]), dtype=np.int8)
    text = (project_folder / "model" / "model_sample.c").read_text()
    codes = re.findall(r"\\([0-7]{3})", text)
    assert bytes(int(code, 8) for code in codes) == sample.tobytes()
