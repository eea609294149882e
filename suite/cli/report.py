"""`tinyrig report`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.folder import results as jobs_of
from tinyrig.suite.cli.options import progress
from tinyrig.suite.gate.budgets import BUDGETS, load_budgets
from tinyrig.suite.process.interrupts import held

_RESULTS = Path("results") / "latest"
_HISTORY = Path("results") / "asv"


def report(
    results: Annotated[
        Path, typer.Argument(help="A results folder of `tinyrig bench`.")
    ] = _RESULTS,
    output: Annotated[Path, typer.Option("-o", "--output", help="The site's folder.")] = Path(
        "site"
    ),
    history: Annotated[Path, typer.Option(help="The results folder of asv.")] = _HISTORY,
    asv: Annotated[
        Path | None, typer.Option(help="The site `asv publish` wrote, to copy along and link.")
    ] = None,
    asv_packages: Annotated[
        Path | None, typer.Option(help="npm's packages, for what asv's pages load from elsewhere.")
    ] = None,
    budgets: Annotated[
        Path | None, typer.Option(help="Budgets; results/budgets.toml of the clone if not given.")
    ] = None,
    commits: Annotated[
        str | None,
        typer.Option(help="Address before a commit's hash; of the origin on a forge if not given."),
    ] = None,
    observe: Annotated[
        bool, typer.Option("--observe", help="Watch the memory of jobs not watched yet.")
    ] = False,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Ablate jobs not ablated yet; takes minutes a job.")
    ] = False,
    only: Annotated[
        str, typer.Option(help="Observe and ablate only jobs whose name contains this.")
    ] = "",
) -> None:
    """Write one static site of a results folder: models, memory, cycles, history, papers."""
    from tinyrig.suite.report.site.commits import web_address
    from tinyrig.suite.report.site.deepen import ablate_results, observe_results
    from tinyrig.suite.report.site.site import check_site, write_site

    clock = time.monotonic()
    if commits and not commits.startswith("https://"):
        raise InputError(f"Commits are shown at an address that starts with https://: {commits!r}.")
    check_site(output)
    limits = load_budgets(budgets or BUDGETS) if budgets or BUDGETS.is_file() else {}

    def chosen(name: str) -> bool:
        return only in name

    if (observe or ablate) and not any(chosen(job.name) for job in jobs_of(results)):
        raise InputError(f"{results} holds no job whose name contains {only!r}.")
    problems: list[str] = []
    with progress() as told:
        if observe:
            problems += observe_results(results, chosen, told)
        if ablate:
            problems += ablate_results(results, chosen, told)
        told("writing the site")
        with held():
            written = write_site(
                results,
                output,
                budgets=limits,
                history=history,
                asv=asv,
                asv_packages=asv_packages,
                repository=Path.cwd(),
                commits=web_address(Path.cwd()) if commits is None else commits,
            )
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for problem in (*problems, *written.problems):
        stderr.print(f"tinyrig: {problem}")
    Console(soft_wrap=True, highlight=False, markup=False).print(
        f"{output}: {written.pages} pages, {written.files} files, {written.size / 1e6:.1f} MB, "
        f"in {time.monotonic() - clock:.1f} s. Open {output / 'index.html'}"
    )
