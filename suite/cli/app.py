"""The application: its commands, and what an error becomes."""

from __future__ import annotations

import sys
import traceback

import typer
from rich.console import Console

from generator.errors import TinyrigError
from suite.cli.doctor import doctor
from suite.cli.generate import generate
from suite.cli.listings import boards, kernels, models
from suite.cli.run import run

_INTERRUPTED = 130
_DEBUG = "--debug"

app = typer.Typer(
    name="tinyrig",
    help="Benchmark and regression rig for transformers on microcontrollers.",
    epilog=f"With {_DEBUG} anywhere, an error also shows its traceback. Exit codes: 0 good, "
    "1 wrong output or failed gate, 2 usage or bad input, 3 does not fit, 4 the run broke, "
    "5 a tool is missing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
for _command in (run, generate, models, boards, kernels, doctor):
    app.command()(_command)


def main() -> None:
    """Run the command line and exit with the code the outcome stands for."""
    debug = _DEBUG in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != _DEBUG]
    sys.exit(_run(arguments, debug=debug))


def _run(arguments: list[str], *, debug: bool) -> int:
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        code = app(arguments, standalone_mode=False)
    except TinyrigError as error:
        if debug:
            traceback.print_exc()
        stderr.print(f"tinyrig: {error}")
        return error.exit_code
    except typer.TyperException as error:
        stderr.print(f"tinyrig: {error.format_message()} See `tinyrig --help`.")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        stderr.print("tinyrig: interrupted; nothing was left half-written.")
        return _INTERRUPTED
    return code if isinstance(code, int) else 0
