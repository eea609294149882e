"""What `generate` writes: a model in one of three forms, and the firmware that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tinyrig.generator.emit.cmake import with_cmake
from tinyrig.generator.emit.forms.library import emit_library
from tinyrig.generator.emit.forms.trial import trial_project
from tinyrig.generator.emit.model_source import render
from tinyrig.generator.emit.project import Project, files_sha256
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.plan import Plan

Form = Literal["project", "library", "single"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class Product:
    """A model's files; `firmware` is what is booted to prove them, and `next_step` how they go on.

    The firmware is those files themselves, or of a library a firmware around it.
    """

    model: str
    board: str
    files: Mapping[str, str]
    firmware: Project
    next_step: str

    def sha256(self) -> str:
        """Return a digest of every path and text."""
        return files_sha256(self.files)


def product(
    plan: Plan, project: Project, sample: bytes, form: str = "project", name: str | None = None
) -> Product:
    """Return a plan's model in a form; `project` is its own project, which holds `sample`.

    `name` is what symbols of a library begin with, by default the model's. InputError for another
    form, for a name that is none, and where the board takes the whole project.
    """
    if form not in FORMS:
        raise InputError(f"Unknown form {form!r}. Known forms: {', '.join(FORMS)}.")
    if form == "project":
        if name is not None:
            raise InputError("--name names a library: give it with --form library or single.")
        whole = with_cmake(project, plan.board)
        readme = render("project_readme.md.j2", project=whole, plan=plan)
        return Product(
            model=plan.graph.name,
            board=plan.board.name,
            files={**whole.files, "README.md": readme},
            firmware=whole,
            next_step="cmake --preset zig && cmake --build --preset zig",
        )
    library = emit_library(plan, form, name)
    return Product(
        model=plan.graph.name,
        board=plan.board.name,
        files=library.files,
        firmware=trial_project([library], sample),
        next_step=f"README.md shows the call of {library.prefix}_infer",
    )
