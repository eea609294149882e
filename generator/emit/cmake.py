"""Build files, so that a generated project builds alone with `cmake --preset`."""

from __future__ import annotations

from dataclasses import replace

from tinyrig.generator.emit.model_source import render
from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.board import Board


def with_cmake(project: Project, board: Board) -> Project:
    """Return the project with CMakeLists.txt, presets and one toolchain file a compiler."""
    toolchains = sorted(board.toolchain)
    files = dict(project.files)
    files["CMakeLists.txt"] = render(
        "CMakeLists.txt.j2",
        target=_target(project.name),
        clean_units=(*project.units, *project.clean_units),
        checked_units=(*project.units, *project.checked_units),
        include_dirs=project.include_dirs,
        headers=sorted(path for path in project.files if path.endswith(".h")),
        linker_script=project.linker_script,
    )
    files["CMakePresets.json"] = render("CMakePresets.json.j2", toolchains=toolchains)
    for name in toolchains:
        files[f"cmake/{name}.cmake"] = render(
            f"{name}.cmake.j2",
            flags=" ".join(board.toolchain[name]),
            linker_script=project.linker_script,
            compiler=board.compiler,
        )
    return replace(project, files=files)


def _target(name: str) -> str:
    """A CMake project name must not be a plain dot or start with a digit."""
    return "model_" + name.replace(".", "_")
