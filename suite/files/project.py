"""`tinyrig.toml` as a value: found from the working directory upwards, checked, paths resolved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, with_config

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import parse_options
from tinyrig.generator.settings import Text, Word, parse_settings
from tinyrig.generator.toml_text import read_toml

FILE = "tinyrig.toml"
PROJECT_VARIABLE = "TINYRIG_PROJECT"
"""Names the project file a process and its children use; `--project` sets it."""

Percent = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@with_config(extra="forbid")
@dataclass(frozen=True)
class Model:
    """A model of the project: an ONNX file, or a zoo name, under a name of its own.

    `calibration` are arrays that quantize a float file, `data` what `tinyrig run` feeds it; both
    .npz. `dim` and `shape` are words of --dim and --shape.
    """

    name: Text
    file: Text = ""
    zoo: Text = ""
    calibration: Text | None = None
    data: Text | None = None
    dim: tuple[Text, ...] = ()
    shape: tuple[Text, ...] = ()

    @property
    def spec(self) -> str:
        """What stands for it on a command line."""
        return self.file or self.zoo


@with_config(extra="forbid")
@dataclass(frozen=True)
class Ceilings:
    """What a model may take on a board: bytes of RAM and flash, instructions of an inference."""

    peak_ram: Word
    flash: Word
    instructions: Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class Tolerances:
    """Per cent a figure may grow: of every model, or of a model on a board."""

    default: Mapping[Text, Percent] = field(default_factory=dict)
    model: Mapping[Text, Mapping[Text, Mapping[Text, Percent]]] = field(default_factory=dict)


@with_config(extra="forbid")
@dataclass(frozen=True)
class Project:
    """A project. `path` are folders of boards, cores and kernels, as `TINYRIG_PATH` has them.

    `backends` are modules like those of `suite/backends`, by name. `options`
    are words of --opt.
    """

    boards: tuple[Text, ...] = ()
    model: tuple[Model, ...] = ()
    backend: Text | None = None
    toolchain: Text | None = None
    options: tuple[Text, ...] = ()
    path: tuple[Text, ...] = ()
    backends: Mapping[Text, Text] = field(default_factory=dict)
    budgets: Mapping[Text, Mapping[Text, Ceilings]] = field(default_factory=dict)
    tolerances: Tolerances = Tolerances()

    def find(self, name: str) -> Model | None:
        """Return the model of a name, or of a file; None when the project has no such."""
        for model in self.model:
            if name == model.name or (model.file and _same(name, model.file)):
                return model
        return None


_Rule = TypeVar("_Rule")

EMPTY = Project()
"""Where there is no project file, nothing is said."""


def _same(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


def current_project() -> Project:
    """Return the project of this process; `EMPTY` when there is none. InputError for a bad one."""
    named = os.environ.get(PROJECT_VARIABLE)
    path = Path(named) if named else find_project(Path.cwd())
    return EMPTY if path is None else load_project(path)


def find_project(start: Path) -> Path | None:
    """Return the nearest tinyrig.toml from a folder upwards, not beyond its repository."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / ".git").exists():
            return None
    return None


def load_project(path: Path) -> Project:
    """Return a project, its paths made relative to the working directory.

    InputError that lists every fault when the file cannot be used.
    """
    project = parse_settings(Project, read_toml(path, "project file"), str(path))
    if faults := _faults(project):
        raise InputError(f"{path}: {'; '.join(faults)}.")
    return _placed(project, path.parent)


def _faults(project: Project) -> list[str]:
    names = [model.name for model in project.model]
    found = [f"two models named {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    found += [
        f"model {model.name!r} has to have either a file or a zoo name"
        for model in project.model
        if bool(model.file) == bool(model.zoo)
    ]
    for what, named in (("budgets", project.budgets), ("tolerances", project.tolerances.model)):
        strange = (name for name in named if name not in names)
        found += [f"{what} of {name!r}, which is no model here" for name in strange]
        boards = dict.fromkeys(board for by_board in named.values() for board in by_board)
        unknown = (board for board in boards if board not in project.boards)
        found += [f"{what} on {board!r}, which is none of its boards" for board in unknown]
    try:
        parse_options(project.options, ())
    except InputError as error:
        found.append(f"options: {str(error).rstrip('.')}")
    return found


def _placed(project: Project, folder: Path) -> Project:
    def place(word: str) -> str:
        return os.path.relpath(folder / word)

    def board(word: str) -> str:
        return place(word) if "/" in word else word

    models = tuple(
        replace(
            model,
            file=place(model.file) if model.file else "",
            calibration=model.calibration and place(model.calibration),
            data=model.data and place(model.data),
        )
        for model in project.model
    )

    def by_board(table: Mapping[str, Mapping[str, _Rule]]) -> dict[str, dict[str, _Rule]]:
        return {name: {board(b): rule for b, rule in own.items()} for name, own in table.items()}

    path = tuple(str((folder / word).resolve()) for word in project.path)
    return replace(
        project,
        boards=tuple(map(board, project.boards)),
        model=models,
        path=path,
        budgets=by_board(project.budgets),
        tolerances=replace(project.tolerances, model=by_board(project.tolerances.model)),
    )
