#!/usr/bin/env python3
"""Measure the project's own milestones and keep their figures where asv keeps its results.

Each commit of milestones.txt runs its own `tinyrig run`, from a copy of its files, with the
packages that are installed here; those before d19cb01 also need scikit-learn. So asv shows commits
that are older than its benchmarks. What a commit cannot run has no figure, and what is kept of rows
that are not run stays. Records are kept in FOLDER: an interrupted run goes on where it was. Without
a commit all that have no results are run; `--models --heavy` runs the heavy rows alone.

usage: .ci/history.py FOLDER [COMMIT...] [--heavy] [--models [NAME...]]
"""

from __future__ import annotations

import argparse
import ast
import itertools
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asv.benchmarks import Benchmarks  # noqa: E402
from asv.config import Config  # noqa: E402
from asv.environment import get_environments  # noqa: E402
from asv.repo import NoRepository, get_repo  # noqa: E402
from asv.results import Results  # noqa: E402
from asv.util import write_json  # noqa: E402

from tinyrig.suite.benchmarks.track_matrix import HEAVY, MODELS, Firmware, figures  # noqa: E402
from tinyrig.suite.gate.git import Commit, Repository, repository  # noqa: E402
from tinyrig.suite.process.failures import guarded  # noqa: E402
from tinyrig.suite.records.record import load_record  # noqa: E402

MACHINE = "emulated"
"""Where all counts are from: no figure depends on what emulates it. A night has the same name."""
BOARDS = ("stm32f427", "stm32f746")
"""One of each core, from the first milestone to the last."""
_USAGE = ".ci/history.py FOLDER [COMMIT...] [--heavy] [--models [NAME...]]"

Row = tuple[str, str]
"""A model and a board."""

_KEY = ("zig", "embedded")
_NAMES = {
    "instructions": "instructions",
    "cycles": "modelled",
    "peak_ram": "peak_ram",
    "arena": "arena",
    "stack": "stack",
    "static": "static",
    "flash": "flash",
    "mismatches": "mismatches",
}
"""Benchmarks that count, by what `track_matrix.figures` calls them."""


_RUNS = """
import contextlib, importlib, io, sys
from pathlib import Path
# By the folder: what is installed here is called tinyrig too.
whole = "tinyrig.suite" if Path("tinyrig").is_dir() else "suite"
app = importlib.import_module(f"{whole}.cli.app")
assert Path(app.__file__).resolve().is_relative_to(Path.cwd().resolve())
execute = getattr(app, "execute", None) or (lambda words: app._run(words, debug=False))
records, unknown = Path(sys.argv[1]), set()
for row in sys.argv[2:]:
    model, board = row.split("@")
    said = io.StringIO()
    if model not in unknown:
        with contextlib.redirect_stderr(said):
            path = records / f"{row}.part"
            code = execute(["run", model, "--board", board, "--json", str(path)])
        # 1 is a wrong answer, which is a figure of its own.
        if code in (0, 1) and path.exists():
            path.rename(records / f"{row}.json")
            continue
    why = " ".join(said.getvalue().split())
    if "no zoo model" in why:
        unknown.add(model)
    (records / f"{row}.failed").write_text(why)
"""
"""Runs rows of MODEL@BOARD by whatever `tinyrig run` is found, in one process."""


def milestones() -> Sequence[str]:
    """Return the hashes that are listed, oldest first."""
    lines = (ROOT / ".ci" / "milestones.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def measure(repo: Repository, commit: Commit, records: Path, rows: Sequence[Row]) -> None:
    """Run the rows that a commit has, as far as there is neither a record nor a reason."""
    known = {path.stem for path in records.iterdir() if path.suffix in (".json", ".failed")}
    todo = [row for row in (f"{model}@{board}" for model, board in rows) if row not in known]
    others = filter(None, [os.environ.get("PYTHONPATH")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repo.export(commit, folder)
        subprocess.run(
            (sys.executable, "-c", _RUNS, str(records), *todo),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), *others))},
            stdout=subprocess.DEVNULL,
            check=True,
        )


def collect(records: Path) -> Mapping[tuple[str, ...], Mapping[str, float]]:
    """Return the figures of a commit by model, board, toolchain and lane."""
    found = {}
    for path in sorted(records.glob("*.json")):
        model, _, board = path.stem.partition("@")
        found[model, board, *_KEY] = figures(load_record(path))
    return found


def kept_figures(path: Path) -> Mapping[tuple[str, ...], Mapping[str, float]]:
    """Return the figures a file of results already has."""
    found: dict[tuple[str, ...], dict[str, float]] = {}
    if path.exists():
        results = Results.load(str(path))
        for name, figure in _NAMES.items():
            benchmark = f"track_matrix.Firmware.track_{name}"
            if benchmark not in results.get_all_result_keys():
                continue
            params = results.get_result_params(benchmark)
            keys = itertools.product(
                *([ast.literal_eval(one) for one in names] for names in params)
            )
            values = results.get_result_value(benchmark, params)
            for key, value in zip(keys, values, strict=True):
                if value is not None and not math.isnan(value):
                    found.setdefault(key, {})[figure] = value
    return found


def keep(
    conf: Config,
    benchmarks: Mapping[str, Mapping[str, Any]],
    commit: tuple[str, int],
    found: Mapping[tuple[str, ...], Mapping[str, float]],
) -> None:
    """Write the file asv would have written of a commit: its hash, and its date as asv has it."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    results = Results(
        {"machine": MACHINE, "python": python}, {}, *commit, python,
        f"virtualenv-py{python}", {},
    )  # fmt: skip
    for name, figure in _NAMES.items():
        about = benchmarks[f"track_matrix.Firmware.track_{name}"]
        keys = itertools.product(*Firmware.params)
        values = [found.get(key, {}).get(figure, math.nan) for key in keys]
        if not all(map(math.isnan, values)):
            nothing = [None] * len(values)
            outcome = SimpleNamespace(
                result=values, samples=nothing, number=nothing, stderr="", errcode=0, profile=None
            )
            results.add_result(about, outcome)
    # When and how long says more of a machine than of a commit.
    results.started_at.clear()
    results.save(conf.results_dir)


def discover(conf: Config) -> Benchmarks:
    """Return what asv finds in the checkout, and write it beside the results."""
    environments = list(get_environments(conf, [f"existing:{sys.executable}"]))
    found = Benchmarks.discover(conf, NoRepository(), environments, [])
    found.save()
    return found


def main(words: list[str]) -> None:
    """Measure the commits the command line names, or all milestones that have no results yet."""
    parser = argparse.ArgumentParser(prog="history.py", usage=_USAGE)
    parser.add_argument("folder", type=Path)
    parser.add_argument("commits", nargs="*")
    parser.add_argument("--heavy", action="store_true")
    parser.add_argument("--models", nargs="*", default=MODELS)
    said = parser.parse_args(words)
    rows = [*itertools.product(said.models, BOARDS), *(HEAVY.items() if said.heavy else ())]
    os.chdir(ROOT)
    conf = Config.load(str(ROOT / "asv.conf.json"))
    repo, dates = repository(ROOT), get_repo(conf)
    benchmarks = discover(conf)
    write_json(Path(conf.results_dir) / MACHINE / "machine.json", {"machine": MACHINE}, 1)
    for ref in said.commits or milestones():
        commit = repo.commit(ref)
        kept = next((Path(conf.results_dir) / MACHINE).glob(f"{commit.sha[:8]}-*.json"), None)
        if kept is not None and not said.commits:
            continue
        records = said.folder.resolve() / commit.sha
        records.mkdir(parents=True, exist_ok=True)
        measure(repo, commit, records, rows)
        before = kept_figures(kept) if kept is not None else {}
        found = {**before, **collect(records)}
        keep(conf, benchmarks, (commit.sha, dates.get_date(commit.sha)), found)


if __name__ == "__main__":
    guarded("history.py", main)
