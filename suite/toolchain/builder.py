"""From a generated project to an image, compiling only what no earlier build has."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def build(project: Project, board: Board, toolchain: Toolchain, *, checked: bool) -> Image:
    """Compile and link one build of a project.

    The ELF depends on the project, the board's flags and the toolchain alone: not on the
    directory, the user or the time. BuildError carries the tool's message; FitError tells what is
    too much for the board's memory.
    """
    if project.board != board.name:
        raise BuildError(f"Project {project.name} is for {project.board}, not {board.name}.")
    units = (*project.units, *(project.checked_units if checked else project.clean_units))
    flags = toolchain.compile_flags(board) + (("-DTR_CHECKED=1",) if checked else ())
    identity = (toolchain.name, toolchain.version, *flags)
    graph = IncludeGraph(project)
    keys = _unit_keys(project, graph, units, identity)
    elf_key = content_key(
        (
            *("elf", *identity, *_LINK_FLAGS, *toolchain.link_options),
            project.files[project.linker_script],
            *keys.values(),
        )
    )

    def link() -> bytes:
        objects = _objects(project, graph, keys, (*flags, *_includes(project)), toolchain)
        return _link(project, board, toolchain, objects)

    return read_image(Store("elf", ".elf").kept(elf_key, link), checked=checked)


def _includes(project: Project) -> tuple[str, ...]:
    return tuple(f"-I{folder}" for folder in project.include_dirs)


def _unit_keys(
    project: Project, graph: IncludeGraph, units: tuple[str, ...], identity: tuple[str, ...]
) -> Mapping[str, str]:
    """Return the content key of every unit, in link order."""
    missing = [unit for unit in units if unit not in project.files]
    if missing:
        raise BuildError(f"Project {project.name} lacks its unit {missing[0]}.")
    keys = {}
    for unit in units:
        parts: list[str] = ["obj", *identity, *_includes(project), unit]
        for path in graph.closure(unit):
            parts += [path, project.files[path]]
        keys[unit] = content_key(parts)
    return keys


def _objects(
    project: Project,
    graph: IncludeGraph,
    keys: Mapping[str, str],
    flags: tuple[str, ...],
    toolchain: Toolchain,
) -> list[bytes]:
    """Return the object of every unit, in link order; those no earlier build has are compiled."""
    kept = Store("obj", ".o")
    found = {unit: kept.load(key) for unit, key in keys.items()}
    todo = {unit: keys[unit] for unit, content in found.items() if content is None}
    read = {path: project.files[path] for unit in todo for path in graph.closure(unit)}
    made = _compiled(read, todo, flags, toolchain, kept) if todo else {}
    return [content if content is not None else made[unit] for unit, content in found.items()]


def _compiled(
    files: Mapping[str, str],
    units: Mapping[str, str],
    flags: tuple[str, ...],
    toolchain: Toolchain,
    kept: Store,
) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="tinyrig-build-") as name:
        folder = Path(name)
        for path, text in files.items():
            target = folder / "src" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")

        def compile_unit(unit: str) -> bytes:
            output = folder / f"{units[unit]}.o"
            # Relative paths and a neutral prefix: no trace of the temporary directory.
            command = (
                *toolchain.compile_command,
                *flags,
                f"-ffile-prefix-map={folder / 'src'}=.",
                "-c",
                unit,
                "-o",
                str(output),
            )
            toolchain.run(command, folder / "src", f"Compiling {unit}")
            content = output.read_bytes()
            kept.save(units[unit], content)
            return content

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return dict(zip(units, pool.map(compile_unit, units), strict=True))


def _raise_overflow(error: BuildError, model: str, board: Board) -> None:
    """Raise FitError where the linker says that a memory is too small, code included."""
    over = {region: int(count) for region, count in _OVERFLOW.findall(str(error))}
    if not over:
        return
    region = max(over, key=lambda name: over[name])
    sizes = {one.name: one.size for one in (board.flash, *board.ram)}
    raise FitError(
        f"Model {model!r} does not fit board {board.name!r}: with its code it needs "
        f"{over[region]} bytes more than the {sizes.get(region, 0)} bytes of {region!r}. "
        "--optimize flash takes the plan of the least flash, --max-flash N one of at most N bytes "
        "of weights and tables."
    ) from error


def _link(project: Project, board: Board, toolchain: Toolchain, objects: list[bytes]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tinyrig-link-") as name:
        folder = Path(name)
        (folder / "link.ld").write_text(project.files[project.linker_script], encoding="utf-8")
        names = [f"{number}.o" for number in range(len(objects))]
        for file, content in zip(names, objects, strict=True):
            (folder / file).write_bytes(content)
        command = (
            *toolchain.link_command,
            *toolchain.link_flags(board, (*_LINK_FLAGS, *toolchain.link_options)),
            "-T",
            "link.ld",
            "-o",
            "firmware.elf",
            *names,
        )
        what = f"Linking {project.name} for {board.name}"
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
