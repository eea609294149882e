"""The application: its commands, and what an error becomes."""

from __future__ import annotations

import os

import typer
from rich.console import Console

from tinyrig.suite.cli.ablate import ablate
from tinyrig.suite.cli.accuracy import accuracy
from tinyrig.suite.cli.agree import agree
from tinyrig.suite.cli.bench import bench
from tinyrig.suite.cli.bisect import bisect
from tinyrig.suite.cli.capsule import capsule
from tinyrig.suite.cli.check import check
from tinyrig.suite.cli.compare import compare
from tinyrig.suite.cli.cycles import cycles
from tinyrig.suite.cli.doctor import doctor
from tinyrig.suite.cli.fit import fit
from tinyrig.suite.cli.gate import gate
from tinyrig.suite.cli.generate import generate
from tinyrig.suite.cli.guarded_command import GuardedCommand
from tinyrig.suite.cli.init import init
from tinyrig.suite.cli.listings import boards, kernels, models
from tinyrig.suite.cli.memory import memory
from tinyrig.suite.cli.pareto import pareto
from tinyrig.suite.cli.profile import profile
from tinyrig.suite.cli.project import use_project
from tinyrig.suite.cli.replay import replay
from tinyrig.suite.cli.report import report
from tinyrig.suite.cli.run import run
from tinyrig.suite.cli.search import search
from tinyrig.suite.cli.searches import searches
from tinyrig.suite.cli.sparsity import sparsity
from tinyrig.suite.cli.table_options import with_tables
from tinyrig.suite.cli.train import train
from tinyrig.suite.process.failures import command_line, tell
from tinyrig.suite.process.interrupts import is_interrupt
from tinyrig.suite.process.output import output_error

_NAME = "tinyrig"
_COMPLETING = f"_{_NAME.upper()}_COMPLETE"
"""What a shell sets when it asks how a word goes on."""

app = typer.Typer(
    name=_NAME,
    help="Benchmark and regression rig for transformers on microcontrollers.",
    epilog="With --debug anywhere, an error also shows its traceback. Exit codes: 0 good, "
    "1 wrong output or failed gate, 2 usage or bad input, 3 does not fit, 4 the run broke, "
    "5 a tool is missing, 6 an internal error.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in (
    run,
    accuracy,
    check,
    agree,
    generate,
    memory,
    sparsity,
    profile,
    cycles,
    ablate,
    pareto,
    search,
    searches,
    train,
    fit,
    gate,
    compare,
    bisect,
    capsule,
    replay,
    models,
    boards,
    kernels,
    report,
    doctor,
    init,
):
    app.command(cls=GuardedCommand)(with_tables(_command))
app.add_typer(bench, name="bench")
app.callback()(use_project)


def execute(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line in this process and return its exit code, 130 for an interrupt.

    Every other failure is told on stderr. What stdout does not take is left to the caller.
    """
    if not arguments and _COMPLETING not in os.environ:
        arguments = ["--help"]
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        code = app(arguments, prog_name=_NAME, standalone_mode=False, obj=debug)
    except typer.TyperException as error:
        message = error.format_message()
        stderr.print(f"tinyrig: {message.rstrip('.')}. See `tinyrig --help`.")
        return error.exit_code
    except Exception as error:
        if is_interrupt(error) or output_error() is not None:
            raise
        return tell(error, command_line("tinyrig", arguments), debug=debug)
    return code if isinstance(code, int) else 0
