"""From a generated project to an image, compiling only what no earlier build has."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import BuildError, FitError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.toolchain.image import Image, read_image
from tinyrig.suite.toolchain.includes import IncludeGraph
from tinyrig.suite.toolchain.runtime import runtime_library
from tinyrig.suite.toolchain.toolchain import Toolchain

_OVERFLOW = re.compile(r"region [`'](\w+)'(?: *:)? overflowed by (\d+) bytes")
"""What both linkers say of a memory that is too small, of every section or in all."""
_LINK_FLAGS = ("--gc-sections", "--build-id=none")
_CHECKED = "TR_CHECKED"
"""What only a checked build defines; a unit that reads it nowhere is compiled once for both."""


@dataclass(frozen=True)
class _Unit:
    """A translation unit: its file, the flags it is compiled with, and the key of its object."""

    path: str
    flags: tuple[str, ...]
    key: str


def build(project: Project, board: Board, toolchain: Toolchain, *, checked: bool) -> Image:
    """Compile and link one build of a project.

    The ELF depends on the project, the board's flags and the toolchain alone: not on the
    directory, the user or the time. BuildError carries the tool's message; FitError tells what is
    too much for the board's memory.
    """
    if project.board != board.name:
        raise BuildError(f"Project {project.name} is for {project.board}, not {board.name}.")
    paths = (*project.units, *(project.checked_units if checked else project.clean_units))
    if missing := [path for path in paths if path not in project.files]:
        raise BuildError(f"Project {project.name} lacks its unit {missing[0]}.")
    graph = IncludeGraph(project)
    flags = (*toolchain.compile_flags(board), *(f"-I{one}" for one in project.include_dirs))
    units = [_unit(project, graph, path, toolchain, flags, checked=checked) for path in paths]
    elf_key = content_key(
        (
            *("elf", toolchain.name, toolchain.version, *_LINK_FLAGS, *toolchain.link_options),
            *toolchain.join_command(board),
            project.files[project.linker_script],
            *(unit.key for unit in units),
        )
    )

    def link() -> bytes:
        return _link(project, board, toolchain, _objects(project, graph, units, toolchain))

    return read_image(Store("elf", ".elf").kept(elf_key, link), checked=checked)


def _unit(
    project: Project,
    graph: IncludeGraph,
    path: str,
    toolchain: Toolchain,
    flags: tuple[str, ...],
    *,
    checked: bool,
) -> _Unit:
    files = [(file, project.files[file]) for file in graph.closure(path)]
    if checked and any(_CHECKED in text for _, text in files):
        flags += (f"-D{_CHECKED}=1",)
    parts = ["obj", toolchain.name, toolchain.version, *flags, path]
    return _Unit(path, flags, content_key((*parts, *(part for file in files for part in file))))


def _objects(
    project: Project, graph: IncludeGraph, units: Sequence[_Unit], toolchain: Toolchain
) -> dict[str, bytes]:
    """Return the object of every unit, by its path in link order.

    Those no earlier build has are compiled.
    """
    kept = Store("obj", ".o")
    found = {unit.path: kept.load(unit.key) for unit in units}
    todo = [unit for unit in units if found[unit.path] is None]
    read = {path: project.files[path] for unit in todo for path in graph.closure(unit.path)}
    made = _compiled(read, todo, toolchain, kept) if todo else {}
    return {path: one if one is not None else made[path] for path, one in found.items()}


def _compiled(
    files: Mapping[str, str], units: Sequence[_Unit], toolchain: Toolchain, kept: Store
) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="tinyrig-build-") as name:
        folder = Path(name)
        for path, text in files.items():
            target = folder / "src" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")

        def compile_unit(unit: _Unit) -> bytes:
            output = folder / f"{unit.key}.o"
            # Relative paths and a neutral prefix: no trace of the temporary directory.
            command = (
                *toolchain.compile_command,
                *unit.flags,
                f"-ffile-prefix-map={folder / 'src'}=.",
                "-c",
                unit.path,
                "-o",
                str(output),
            )
            toolchain.run(command, folder / "src", f"Compiling {unit.path}")
            content = output.read_bytes()
            kept.save(unit.key, content)
            return content

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            objects = pool.map(compile_unit, units)
            return {unit.path: made for unit, made in zip(units, objects, strict=True)}


def _raise_overflow(error: BuildError, model: str, board: Board) -> None:
    """Raise FitError where the linker says that a memory is too small, code included."""
    over = {region: int(count) for region, count in _OVERFLOW.findall(str(error))}
    if not over:
        return
    region = max(over, key=lambda name: over[name])
    if region == board.layout.code_region:
        raise FitError(
            f"Model {model!r} does not fit board {board.name!r} with code-in-ram: the kernels that "
            f"were to be copied to {region!r} are {over[region]} bytes larger with this compiler "
            "than the sizes that are kept of them. Leave out code-in-ram, or write the sizes anew: "
            "tinyrig bench kernels --code."
        ) from error
    sizes = {one.name: one.size for one in (board.flash, *board.ram)}
    raise FitError(
        f"Model {model!r} does not fit board {board.name!r}: with its code it needs "
        f"{over[region]} bytes more than the {sizes.get(region, 0)} bytes of {region!r}. "
        "--optimize flash takes the plan of the least flash, --max-flash N one of at most N bytes "
        "of weights and tables."
    ) from error


def _link(
    project: Project, board: Board, toolchain: Toolchain, objects: Mapping[str, bytes]
) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tinyrig-link-") as name:
        folder = Path(name)
        (folder / "link.ld").write_text(project.files[project.linker_script], encoding="utf-8")
        # A linker script may name a unit by its file, as it does where CMake builds the project.
        names = [f"{number}-{PurePosixPath(path).stem}.o" for number, path in enumerate(objects)]
        for file, content in zip(names, objects.values(), strict=True):
            (folder / file).write_bytes(content)
        what = f"Linking {project.name} for {board.name}"
        if join := toolchain.join_command(board):
            toolchain.run((*join, "-o", "joined.o", *names), folder, what)
            names = ["joined.o"]
        command = (
            *toolchain.link_command,
            *toolchain.link_flags(board, (*_LINK_FLAGS, *toolchain.link_options)),
            "-T",
            "link.ld",
            "-o",
            "firmware.elf",
            *names,
        )
        try:
            toolchain.run((*command, *toolchain.link_tail), folder, what)
        except BuildError as error:
            _raise_overflow(error, project.name, board)
            # The helper library takes seconds to build and most firmware calls none of it.
            if not toolchain.builds_runtime or "undefined symbol: __" not in str(error):
                raise
            library = runtime_library(toolchain, toolchain.board_flags(board))
            (folder / "runtime.a").write_bytes(library)
            toolchain.run((*command, "runtime.a", *toolchain.link_tail), folder, what)
        return (folder / "firmware.elf").read_bytes()
