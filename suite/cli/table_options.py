"""`--json`, `--csv` and `--html` for every command that has none of its own: what it prints."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyrig.suite.cli.show import kept_tables

_HELP = {
    "json": "Save what is printed in tables as JSON; - for stdout, and nothing else there.",
    "csv": "Save what is printed in tables as CSV; - for stdout, and nothing else there.",
    "html": "Save what is printed as a page; - for stdout, and nothing else there.",
}


def with_tables(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command for typer that takes the options and saves the tables it shows."""
    signature = inspect.signature(command, eval_str=True)
    added = [name for name in _HELP if name not in signature.parameters]
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[Path | None, typer.Option(help=_HELP[name], metavar="FILE")],
        )
        for name in added
    ]

    @functools.wraps(command)
    def run(*words: Any, **given: Any) -> None:
        files = {name: given.pop(name) for name in added}
        with kept_tables(command.__name__, *(files.get(name) for name in _HELP)):
            command(*words, **given)

    own = list(signature.parameters.values())
    run.__signature__ = inspect.Signature([*own, *parameters])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*own, *parameters)}
    del run.__wrapped__  # typer would read the command's own parameters
    return run
