"""`tinyrig init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tinyrig.generator.errors import InputError
from tinyrig.suite.cli.show import show_line
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.files.project import FILE
from tinyrig.suite.files.starter import find_models, starter


def init(
    folder: Annotated[Path, typer.Argument(help="The repository's root.")] = Path(),
) -> None:
    """Write a commented tinyrig.toml for the ONNX and TFLite files of a folder."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    path = folder / FILE
    if path.exists():
        raise InputError(f"{path} is there already; it stays as it is.")
    write_atomic(path, starter(folder).encode())
    found = len(find_models(folder))
    show_line(Text(f"{path}: models found: {found}. Read it, and set its boards."))
