"""A progress bar for commands of many parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tinyrig.suite.cli.log_lines import LogLines


@contextmanager
def bar(total: int) -> Iterator[Callable[[str], None]]:
    """Show how many of `total` parts are done and which came last, in a log now and then.

    Yields what is to be called, with its name, when a part is done.
    """
    console = Console(stderr=True)
    log, done = LogLines(), itertools.count(1)
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)

        def advance(name: str) -> None:
            progress.update(task, advance=1, description=name)
            count = next(done)
            if not console.is_terminal:
                log.tell(f"{count} of {total} done, {name} last")

        yield advance
