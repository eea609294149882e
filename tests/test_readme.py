"""The README: its commands run, its run is a real one, its tables are complete.

The run shown changes with every kernel that gets faster. Write it anew with

    pytest -n 0 tests/test_readme.py --update-golden
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli.command import tinyrig_process
from cli.onnx_files import quantized, write

from tinyrig.generator import errors
from tinyrig.suite.cli.app import application

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_BEGIN, _END = "<!-- run: begin -->\n", "<!-- run: end -->\n"
_LONG = {
    "tinyrig gate --base origin/main": "tests/gate/test_end_to_end.py, on a scratch clone",
    "asv run NEW": "tests/bench/test_asv.py",
    "asv publish": "tests/bench/test_asv.py",
    "tinyrig bench --matrix full -o results/latest": "tests/bench/test_local.py, a smaller matrix",
    "tinyrig report results/latest -o site": "tests/report_site",
}
"""Commands that take minutes or another revision, and the tests that run them elsewhere."""
_INSTALL = re.compile(r"^python -m pip install -e \S+$")


def _text() -> str:
    return README.read_text(encoding="utf-8")


def _without_run() -> str:
    text = _text()
    return text[: text.index(_BEGIN)] + text[text.index(_END) :]


def _commands() -> list[str]:
    """Every command of every indented block, but installations and the test run itself."""
    blocks = re.findall(r"^ {4}(\S.*)$", _without_run(), re.MULTILINE)
    parts = [part.strip() for line in blocks for part in line.split("&&")]
    return [
        part
        for part in parts
        if not _INSTALL.match(part) and part != "pytest" and part not in _LONG
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the commands of the README need: a model and its inputs."""
    write(tmp_path / "model.onnx", quantized())
    np.savez(tmp_path / "inputs.npz", x=np.ones((1, 3, 4), np.float32))
    return tmp_path


def test_the_two_commands_are_there_as_they_are_run_elsewhere() -> None:
    lines = _text().splitlines()
    assert "    python -m pip install -e . && tinyrig run eegformer --board stm32f746" in lines
    assert "    python -m pip install -e '.[test]' && pytest" in lines


def test_long_commands_are_shown_and_run_elsewhere() -> None:
    text = _without_run()
    for command, where in _LONG.items():
        assert command in text
        assert (ROOT / where.split(",")[0]).exists(), where


@pytest.mark.parametrize("command", _commands())
def test_command_runs(command: str, folder: Path) -> None:
    program, *arguments = shlex.split(command)
    if program == "tinyrig":
        said = tinyrig_process(*arguments, folder=folder)
        assert said.code == 0, said.err
        assert said.out
    else:
        assert command == "robot robot_tests/"
        # Continuous integration runs them; here the suites only have to be well-formed. Those for
        # `renode-test` use keywords that only it has.
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "robot",
                "--dryrun",
                "--exclude",
                "lane:renodeANDboard:any",
                "--outputdir",
                folder,
                ROOT / "robot_tests",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_run_shown_is_the_run(folder: Path, request: pytest.FixtureRequest) -> None:
    said = tinyrig_process("run", "eegformer", "--board", "stm32f746", folder=folder)
    assert said.code == 0, said.err
    lines = (f"    {line}".rstrip() for line in said.out.splitlines())
    shown = "\n" + "\n".join(lines) + "\n\n"
    text = _text()
    before, rest = text.split(_BEGIN)
    old, after = rest.split(_END)
    if request.config.getoption("--update-golden"):
        README.write_text(before + _BEGIN + shown + _END + after, encoding="utf-8")
        old = shown
    assert shown == old, "see the head of this file"


@pytest.mark.night
def test_the_picture_shown_is_the_frontier(folder: Path, request: pytest.FixtureRequest) -> None:
    (shown,) = re.findall(r"!\[.*?\]\((docs/.*?\.svg)\)", _text())
    command = re.findall(r"`tinyrig (pareto .*?)`", _text().split(shown)[1])[0]
    said = tinyrig_process(*command.split(), "--svg", "new.svg", folder=folder)
    assert said.code == 0, said.err
    if request.config.getoption("--update-golden"):
        (ROOT / shown).write_bytes((folder / "new.svg").read_bytes())
    assert (folder / "new.svg").read_bytes() == (ROOT / shown).read_bytes()


def test_python_shown_runs(folder: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", _text(), re.MULTILINE | re.DOTALL)
    assert len([line for line in code.splitlines() if line]) == 6
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"True \d+ \d+ \d+\n", done.stdout)


def test_command_table_is_complete() -> None:
    listed = re.findall(r"^\| `tinyrig ([a-z]+)", _text(), re.MULTILINE)
    commands = [
        command.name or command.callback.__name__ for command in application().registered_commands
    ]
    groups = [group.name for group in application().registered_groups]
    assert set(listed) == {*commands, *groups}
    assert len(re.findall(r"^\| `tinyrig ([^`]+)`", _text(), re.MULTILINE)) == len(listed)


def test_exit_code_table_is_complete() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", _text(), re.MULTILINE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    used = {kind.exit_code for kind in kinds if issubclass(kind, errors.TinyrigError)}
    assert used | {0, 130} == listed


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/python.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target
