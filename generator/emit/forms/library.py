"""A model as a library: the C files of the model and its kernels, without a board's firmware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tinyrig.generator.emit.forms.kernel_files import KernelFiles, kernel_files
from tinyrig.generator.emit.forms.naming import c_prefix, io_words, prefixed
from tinyrig.generator.emit.forms.one_file import one_file
from tinyrig.generator.emit.model_source import PLACES, model_values, render
from tinyrig.generator.emit.project import files_sha256
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import ARENA_ALIGNMENT
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.verify.plan import verify_plan

LibraryForm = Literal["library", "single"]

_SOURCES = "src"


@dataclass(frozen=True, eq=False)
class Library:
    """A model's C files for an application of somebody else.

    `files` maps paths to texts and `units` are those to compile, each needing the folder
    `include_dir` alone. `place` is the header in which the application says where tables lie.
    """

    name: str
    prefix: str
    board: str
    files: Mapping[str, str]
    units: tuple[str, ...]
    include_dir: str
    place: str
    plan: Plan

    def sha256(self) -> str:
        """Return a digest of every path and text."""
        return files_sha256(self.files)


def emit_library(plan: Plan, form: LibraryForm, name: str | None = None) -> Library:
    """Verify a plan and return its model as a library whose symbols begin with a name.

    InputError for a name that is none, and for a board whose model needs the rig's own runtime.
    """
    if plan.board.cluster is not None or plan.residents is not None:
        raise InputError(
            f"On {plan.board.name} every core of a cluster runs the model and its weights are "
            "copied while it computes, which takes the runtime of the whole project: leave out "
            f"--form {form}, or name a board of one core."
        )
    prefix = c_prefix(plan.graph.name, name)
    verify_plan(plan)
    values = _values(plan, prefix)
    kernels = kernel_files(plan.kernels)
    made = _folder(kernels, values) if form == "library" else _two_files(kernels, values)
    # A kernel's file has the model's name too: some tools put all objects into one folder.
    files = {
        (prefixed(path, prefix) if path.endswith(".c") else path).replace("MODEL", prefix): text
        for path, text in made.items()
    }
    units = tuple(sorted(path for path in files if path.endswith(".c")))
    headers = tuple(sorted(path for path in files if path.endswith(".h")))
    if form == "library":
        files |= _build_files(values, prefix, units, headers)
    files["README.md"] = render("library_readme.md.j2", model=values, prefix=prefix, form=form)
    return Library(
        name=plan.graph.name,
        prefix=prefix,
        board=plan.board.name,
        files={path: prefixed(files[path], prefix) for path in sorted(files)},
        units=units,
        include_dir=_SOURCES if form == "library" else ".",
        place=f"{_SOURCES}/{prefix}_place.h" if form == "library" else f"{prefix}.c",
        plan=plan,
    )


def _values(plan: Plan, prefix: str) -> dict[str, Any]:
    """What the templates of both forms print."""
    model = model_values(plan, b"", plan.clean)
    build = model["build"]
    ios = {io["name"]: io for io in model["ios"]}
    for placed in (build["inputs"], build["outputs"]):
        for io, word in zip(placed, io_words(io["name"] for io in placed), strict=True):
            name = io["name"]
            io.update(ios[name] | {"word": word, "coded": plan.graph.coded.get(name)})
    for source in build["sources"]:
        io = next(io for io in build["inputs"] if io["name"] == source["input"])
        source["word"], io["most"] = io["word"], source["most"]
    return model | {
        "prefix": prefix,
        "alignment": ARENA_ALIGNMENT,
        "places": PLACES,
        "nonstring": "TR_NONSTRING ",
        "copied": sum(plan.copied_bytes(kind) for kind in ("weights", "tables")),
        "weights": plan.flash_bytes("weights"),
        "constants": plan.flash_bytes("tables"),
        "dsp": any(kernel.isa != "ref" for kernel in plan.kernels),
    }


def _folder(kernels: KernelFiles, model: Mapping[str, Any]) -> dict[str, str]:
    """The files of a library: public header, inference, tables, and the kernels beside them."""
    includes = [f"kernels/{name}" for name in kernels.parameters]
    texts = {f"{_SOURCES}/kernels/{name}": text for name, text in kernels.texts.items()}
    tables = render("library_tables.h.j2", model=model, includes=includes)
    return texts | {
        f"{_SOURCES}/MODEL.h": render("library.h.j2", model=model),
        f"{_SOURCES}/MODEL.c": f'#include "{model["prefix"]}_tables.h"\n'
        + render("library.c.j2", model=model),
        f"{_SOURCES}/MODEL_tables.h": tables,
        f"{_SOURCES}/MODEL_tables.c": f'#include "{model["prefix"]}_tables.h"\n\n'
        + render("tables.c.j2", model=model),
        f"{_SOURCES}/MODEL_place.h": render("library_place.h.j2", model=model),
    }


def _two_files(kernels: KernelFiles, model: Mapping[str, Any]) -> dict[str, str]:
    """The header and the one file that holds everything else."""
    code = one_file(kernels, render("kernel_declarations.j2", model=model))
    return {
        "MODEL.h": render("library.h.j2", model=model),
        "MODEL.c": render("single.c.j2", model=model, kernels=code),
    }


def _build_files(
    model: Mapping[str, Any], prefix: str, units: tuple[str, ...], headers: tuple[str, ...]
) -> dict[str, str]:
    """What CMake, Zephyr, PlatformIO and the Arduino builder read."""
    values = {"model": model, "prefix": prefix, "units": units, "headers": headers}
    templates = {
        "CMakeLists.txt": "library_cmake.j2",
        "zephyr/CMakeLists.txt": "library_zephyr_cmake.j2",
        "zephyr/Kconfig": "library_zephyr_kconfig.j2",
        "zephyr/module.yml": "library_zephyr_module.j2",
        "library.json": "library_platformio.j2",
        "library.properties": "library_arduino.j2",
    }
    return {path: render(template, **values) for path, template in templates.items()}
