"""The application: its commands, and what an error becomes."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

import typer
from rich.console import Console

from tinyrig.suite.cli.guarded_command import GuardedCommand
from tinyrig.suite.cli.project import use_project
from tinyrig.suite.cli.table_options import with_tables
from tinyrig.suite.process.failures import command_line, tell
from tinyrig.suite.process.interrupts import is_interrupt
from tinyrig.suite.process.output import output_error

_NAME = "tinyrig"
_COMPLETING = f"_{_NAME.upper()}_COMPLETE"
"""What a shell sets when it asks how a word goes on."""

_COMMANDS = (
    *("run", "accuracy", "check", "agree", "generate", "memory", "sparsity", "profile", "cycles"),
    *("ablate", "pareto", "search", "searches", "train", "fit", "gate", "compare", "bisect"),
    *("capsule", "replay", "models", "boards", "kernels", "report", "doctor", "init", "bench"),
)
_LISTINGS = ("models", "boards", "kernels")


@cache
def application(*commands: str) -> typer.Typer:
    """Return the application with some of its commands, loaded now; without names, with all."""
    app = typer.Typer(
        name=_NAME,
        help="Benchmark and regression rig for transformers on microcontrollers.",
        epilog="With --debug anywhere, an error also shows its traceback. Exit codes: 0 good, "
        "1 wrong output or failed gate, 2 usage or bad input, 3 does not fit, 4 the run broke, "
        "5 a tool is missing, 6 an internal error.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name in commands or _COMMANDS:
        module = import_module(f"{__package__}.{'listings' if name in _LISTINGS else name}")
        command = getattr(module, name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(cls=GuardedCommand)(with_tables(command))
    app.callback()(use_project)
    return app


@cache
def _command(first: str) -> Any:
    """What runs a line that begins with a word: loading one command takes half of loading all."""
    return typer.main.get_command(application(*(name for name in _COMMANDS if name == first)))


def execute(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line in this process and return its exit code, 130 for an interrupt.

    Every other failure is told on stderr. What stdout does not take is left to the caller.
    """
    if not arguments and _COMPLETING not in os.environ:
        arguments = ["--help"]
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        code = _command(arguments[0] if arguments else "")(
            arguments, prog_name=_NAME, standalone_mode=False, obj=debug
        )
    except typer.TyperException as error:
        message = error.format_message()
        stderr.print(f"tinyrig: {message.rstrip('.')}. See `tinyrig --help`.")
        return error.exit_code
    except Exception as error:
        if is_interrupt(error) or output_error() is not None:
            raise
        return tell(error, command_line("tinyrig", arguments), debug=debug)
    return code if isinstance(code, int) else 0
