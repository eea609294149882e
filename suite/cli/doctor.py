"""`tinyrig doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tinyrig.generator.errors import TinyrigError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.probes import need_probes
from tinyrig.suite.backends.registry import backend, backend_names, capabilities
from tinyrig.suite.cli.show import show, show_line
from tinyrig.suite.toolchain.toolchain import load_toolchain

_NEEDED_PACKAGES = ("torch", "onnx", "onnxruntime", "unicorn", "ziglang", "robotframework")


@dataclass(frozen=True)
class Finding:
    """One thing looked for: what was found, or the line that installs it."""

    name: str
    purpose: str
    found: str | None
    install: str
    needed: bool


def findings() -> list[Finding]:
    """Look for everything Tinyrig can use."""
    packages = [
        Finding(name, "Python package", _package(name), "python -m pip install -e .", True)
        for name in _NEEDED_PACKAGES
    ]
    return [
        Finding("python", "3.11 or newer", sys.version.split()[0], "", True),
        *packages,
        Finding(
            "zig toolchain",
            "compiles firmware by default",
            _works(lambda: load_toolchain("zig").version),
            "python -m pip install ziglang",
            True,
        ),
        *map(_backend_finding, backend_names()),
        _program("arm-none-eabi-gcc", "--toolchain gcc", "sudo apt-get install gcc-arm-none-eabi"),
        _program(
            "riscv64-unknown-elf-gcc",
            "--toolchain gcc for gap9 and siracusa",
            "sudo apt-get install gcc-riscv64-unknown-elf",
        ),
        _program("cmake", "builds generated projects", "python -m pip install cmake"),
        _program("ninja", "builds generated projects", "python -m pip install ninja"),
        _program("gcc", "host build of kernels with sanitizers", "sudo apt-get install gcc"),
    ]


def as_this_user(line: str) -> str:
    """Return an installing line as this user types it: root needs no sudo."""
    return line.replace("sudo ", "") if os.geteuid() == 0 else line


def _backend_finding(name: str) -> Finding:
    """Tell a backend's release, with the debug probes of real boards, or what is missing."""
    able = capabilities(name)
    what = f"{name} backend"
    try:
        found = backend(name).version
        if able.hardware:
            found += (
                f": {', '.join(f'{one.unique_id} ({one.description})' for one in need_probes())}"
            )
    except TinyrigError as error:
        return Finding(what, able.purpose, None, str(error), able.needed)
    return Finding(what, able.purpose, found, "", able.needed)


def _package(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _works(probe: Callable[[], str]) -> str | None:
    try:
        return probe()
    except TinyrigError:
        return None


def _program(name: str, purpose: str, install: str) -> Finding:
    return Finding(name, purpose, shutil.which(name), install, False)


def doctor(
    board: Annotated[
        str | None, typer.Option(help="Instead, look at what a run on this real board would find.")
    ] = None,
) -> None:
    """Say what is installed, what is missing and the line that installs it."""
    if board is not None:
        _show_board(board)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "for", "found"):
        table.add_column(column, overflow="fold")
    broken = False
    lines: list[Text] = []
    for finding in findings():
        missing = finding.found is None
        broken = broken or (missing and finding.needed)
        mark = ("[red]no" if finding.needed else "[yellow]no") if missing else "[green]ok"
        table.add_row(mark, finding.name, finding.purpose, Text(finding.found or "-"))
        if missing:
            lines.append(Text(f"{finding.name}: {as_this_user(finding.install)}"))
    show(table)
    # A line each, however long, so that it can be copied; as Text: brackets are no markup.
    for line in lines:
        show_line(line)
    if broken:
        raise typer.Exit(5)


def _show_board(name: str) -> None:
    """Print the dry run of a board; the chip is not touched."""
    backend("pyocd")
    from tinyrig.suite.backends.board_check import check_board

    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found", "to do"):
        table.add_column(column, overflow="fold")
    answers = check_board(load_board(name))
    for answer in answers:
        mark = "[yellow]no" if answer.found is None else "[green]ok"
        table.add_row(mark, answer.what, Text(answer.found or "-"), Text(answer.advice))
    show(table)
    if any(answer.found is None for answer in answers):
        raise typer.Exit(5)
