"""A firmware of the rig around libraries: it shows of them what the rig shows of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyrig.generator.emit.c_text import byte_lines
from tinyrig.generator.emit.forms.library import Library
from tinyrig.generator.emit.model_source import model_values, render
from tinyrig.generator.emit.platform import platform_files
from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.board import ARENA_ALIGNMENT

_PLACES = {
    "WEIGHTS": ".rodata.tr_weights",
    "TABLES": ".rodata.tr_tables",
    "COPIED": ".tr_copied",
}
"""Sections of the rig's linker script."""


def trial_project(libraries: Sequence[Library], sample: bytes) -> Project:
    """Return a firmware in which libraries of one board infer one after another.

    Their inputs and outputs go by `prefix.name` where there are several of them. `sample` holds
    all inputs back to back. Its checked build is the clean one: a library has no markers.
    """
    first = libraries[0].plan
    copies = next((one.plan.copies.region for one in libraries if one.plan.copies), None)
    platform = platform_files(
        first.board,
        first.arena_region,
        first.weights_region,
        copies,
        streamed=any(one.plan.streamed for one in libraries),
    )
    files, units, folders = dict(platform.files), list(platform.units), ["trial"]
    parts: list[dict[str, Any]] = []
    inputs: list[dict[str, Any]] = []
    outputs: list[dict[str, Any]] = []
    end = used = sampled = 0
    for one in libraries:
        files |= {f"{one.prefix}/{path}": text for path, text in one.files.items()}
        files[f"{one.prefix}/{one.place}"] = _placed(one)
        units += [f"{one.prefix}/{unit}" for unit in one.units]
        folders.append(f"{one.prefix}/{one.include_dir}".removesuffix("/."))
        build = model_values(one.plan, b"", one.plan.clean)["build"]
        for listed, direction in ((inputs, "inputs"), (outputs, "outputs")):
            for io in build[direction]:
                name = io["name"] if len(libraries) == 1 else f"{one.prefix}.{io['name']}"
                listed.append(io | {"name": name, "offset": io["offset"] + end})
        sources = [s | {"start": s["start"] + sampled} for s in build["sources"]]
        parts.append({"prefix": one.prefix, "offset": end, "sources": sources})
        sampled += sum(io["size"] for io in build["inputs"])
        used = end + build["arena_size"]
        end = -(-used // ARENA_ALIGNMENT) * ARENA_ALIGNMENT
    lines = byte_lines(np.frombuffer(sample, dtype=np.int8))
    model = {"sample_size": len(sample), "sample_lines": lines}
    files["trial/sample.c"] = render("model_sample.c.j2", model=model)
    files["trial/trial.c"] = render(
        "trial.c.j2",
        name=first.graph.name,
        board=first.board.name,
        parts=parts,
        inputs=inputs,
        outputs=outputs,
        arena_size=used,
    )
    return Project(
        name=first.graph.name,
        board=first.board.name,
        files=files,
        units=(*units, "trial/sample.c", "trial/trial.c"),
        clean_units=(),
        checked_units=(),
        include_dirs=(*folders, *platform.include_dirs),
        linker_script=platform.linker_script,
    )


def _placed(library: Library) -> str:
    """The header of a library in which the sections of the rig's own firmware are filled in."""
    text = library.files[library.place]
    for kind, section in _PLACES.items():
        empty = f"#define {library.prefix.upper()}_{kind}_PLACE\n"
        text = text.replace(empty, empty.rstrip() + f' __attribute__((section("{section}")))\n')
    return text
