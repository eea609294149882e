"""From a generated project to an image, compiling only what no earlier build has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator.emit.project import Project
from generator.errors import BuildError
from generator.planning.board import Board
from suite.build.cache import Store, content_key, store
from suite.build.image import Image, read_image
from suite.build.includes import IncludeGraph
from suite.build.runtime import runtime_library
from suite.build.toolchain import Toolchain

_LINK_FLAGS = ("--gc-sections", "--build-id=none")


def build(project: Project, board: Board, toolchain: Toolchain, *, checked: bool) -> Image:
    """Compile and link one build of a project.

    The ELF depends on the project, the board's flags and the toolchain alone: not on the
    directory, the user or the time. BuildError carries the tool's message.
    """
    if project.board != board.name:
        raise BuildError(f"Project {project.name} is for {project.board}, not {board.name}.")
    units = (*project.units, *(project.checked_units if checked else project.clean_units))
    flags = toolchain.compile_flags(board) + (("-DTR_CHECKED=1",) if checked else ())
    identity = (toolchain.name, toolchain.version, *flags)
    keys = _unit_keys(project, units, identity)
    elf_key = content_key(
        ("elf", *identity, *_LINK_FLAGS, project.files[project.linker_script], *keys.values())
    )
    elves = store("elf", ".elf")
    elf = elves.load(elf_key)
    if elf is None:
        objects = store("obj", ".o")
        _compile_missing(project, keys, (*flags, *_includes(project)), toolchain, objects)
        elf = _link(project, board, toolchain, [objects.path(key) for key in keys.values()])
        elves.save(elf_key, elf)
    return read_image(elf, checked=checked)


def _includes(project: Project) -> tuple[str, ...]:
    return tuple(f"-I{folder}" for folder in project.include_dirs)


def _unit_keys(
    project: Project, units: tuple[str, ...], identity: tuple[str, ...]
) -> Mapping[str, str]:
    """Return the content key of every unit, in link order."""
    graph = IncludeGraph(project)
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


def _compile_missing(
    project: Project,
    keys: Mapping[str, str],
    flags: tuple[str, ...],
    toolchain: Toolchain,
    objects: Store,
) -> None:
    todo = [unit for unit, key in keys.items() if not objects.path(key).is_file()]
    if not todo:
        return
    with tempfile.TemporaryDirectory(prefix="tinyrig-build-") as name:
        folder = Path(name)
        for path, text in project.files.items():
            target = folder / "src" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")

        def compile_unit(unit: str) -> None:
            output = folder / f"{keys[unit]}.o"
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
            objects.save(keys[unit], output.read_bytes())

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            for result in [pool.submit(compile_unit, unit) for unit in todo]:
                result.result()


def _link(project: Project, board: Board, toolchain: Toolchain, objects: list[Path]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tinyrig-link-") as name:
        folder = Path(name)
        (folder / "link.ld").write_text(project.files[project.linker_script], encoding="utf-8")
        command = (
            *toolchain.link_command,
            *toolchain.link_flags(board, _LINK_FLAGS),
            "-T",
            "link.ld",
            "-o",
            "firmware.elf",
            *map(str, objects),
        )
        what = f"Linking {project.name} for {board.name}"
        try:
            toolchain.run((*command, *toolchain.link_tail), folder, what)
        except BuildError as error:
            # The helper library takes seconds to build and most firmware calls none of it.
            if not toolchain.builds_runtime or "undefined symbol: __" not in str(error):
                raise
            library = str(runtime_library(toolchain, toolchain.board_flags(board)))
            toolchain.run((*command, library, *toolchain.link_tail), folder, what)
        return (folder / "firmware.elf").read_bytes()
