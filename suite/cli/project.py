"""`--project`: what a tinyrig.toml says, as the defaults of every command."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyrig.generator.assets import PATH_VARIABLE
from tinyrig.suite.files.project import PROJECT_VARIABLE, Project, current_project, load_project

_COMMANDS = frozenset(("run", "agree", "generate", "memory", "profile", "ablate"))
"""Commands of one model on one board; others read of the project what they need themselves."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tinyrig {version('tinyrig')}")
        raise typer.Exit


def use_project(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option("--project", help="A tinyrig.toml; default: the nearest from here upwards."),
    ] = None,
    _told: Annotated[
        bool,
        typer.Option(
            "--version", help="Tell the version and end.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Benchmark and regression rig for transformers on microcontrollers."""
    if context.invoked_subcommand == "init":
        return
    if project is not None:
        load_project(project)
        os.environ[PROJECT_VARIABLE] = str(project.resolve())
    found = current_project()
    if found.path:
        # What this process starts, a bench's workers too, looks in the same folders.
        given = os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
        words = dict.fromkeys((*filter(None, given), *found.path))
        os.environ[PATH_VARIABLE] = os.pathsep.join(words)
    context.default_map = _defaults(found, context)


def _defaults(project: Project, context: typer.Context) -> dict[str, Any]:
    """Return the values of options that are not given, by command and parameter."""
    values: dict[str, Any] = {
        "board": project.boards[0] if project.boards else None,
        "backend": project.backend,
        "toolchain": project.toolchain,
        "opt": list(project.options) or None,
    }
    given = {name: value for name, value in values.items() if value is not None}
    name = context.invoked_subcommand
    return {name: given} if name in _COMMANDS else {}
