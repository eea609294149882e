"""Options of the commands that take labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="digits, fashion-mnist, an .npz, CIFAR-10's folder or batch, a folder of pictures.",
    ),
]
DataRoot = Annotated[Path | None, typer.Option("--data-root", help="Where a named data set lies.")]
