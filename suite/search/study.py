"""Searches against one another: algorithms, parts of the networks and spaces, over seeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import with_config

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.settings import parse_settings
from tinyrig.suite.files.atomic import check_folder, write_atomic
from tinyrig.suite.search.finish import train_chosen
from tinyrig.suite.search.judge import Limits
from tinyrig.suite.search.mcuformer import McuFormerSpace
from tinyrig.suite.search.restricted import Restricted
from tinyrig.suite.search.run import explored, load_space
from tinyrig.suite.search.setting import Algorithm, Effort, Setting
from tinyrig.suite.search.space import Space, Value
from tinyrig.suite.search.supernet import Supernet
from tinyrig.suite.search.tools import best
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.data.sources import load_source
from tinyrig.suite.training.train import accuracy

Progress = Callable[[str], None]
_HERE = Path(__file__).parent
_UNSEEN = 300
"""Images taken off those to train with: two hundred held out tell three points apart, not one."""


@with_config(extra="forbid")
@dataclass(frozen=True)
class Row:
    """One of the compared: a search of a space, of which some is fixed.

    An `unlimited` one has the board's limits alone.
    """

    table: str
    space: str
    name: str
    algorithm: Algorithm = "paper"
    fixed: Mapping[str, Value] = field(default_factory=dict)
    space_of: Literal["", "random", "composed"] = ""
    unlimited: bool = False
    published: float | None = None


@with_config(extra="forbid")
@dataclass(frozen=True)
class Study:
    """The rows, and what they have in common."""

    board: str
    seeds: tuple[int, ...]
    effort: Mapping[str, Effort]
    limits: Mapping[str, Limits]
    row: tuple[Row, ...]


@dataclass(frozen=True)
class Result:
    """What the search of a row found with one seed; no accuracy where nothing kept the limits."""

    table: str
    space: str
    name: str
    seed: int
    accuracy: float | None
    ram: int
    flash: int
    cycles: int
    trials: int
    fitting: int


@cache
def the_study() -> Study:
    """Return the study of `study.toml`."""
    path = _HERE / "study.toml"
    return parse_settings(Study, path.read_text(encoding="utf-8"), str(path))


def kept_results() -> list[Result]:
    """Return the results that are kept in the repository."""
    return read_results((_HERE / "study.csv").read_text(encoding="utf-8"))


def run_study(study: Study, folder: Path, progress: Progress) -> list[Result]:
    """Run what the folder has no result of yet; each result is kept as it comes."""
    check_folder(folder)
    path = folder / "searches.csv"
    found = read_results(path.read_text(encoding="utf-8")) if path.is_file() else []
    known = {(one.table, one.space, one.name, one.seed) for one in found}
    for row in study.row:
        for seed in study.seeds:
            if (row.table, row.space, row.name, seed) in known:
                continue
            progress(f"{row.space}: {row.name}, seed {seed}")
            place = folder / f"{row.table}-{row.space}-{row.name}-{seed}".replace(" ", "-")
            found.append(run_row(study, row, seed, place, progress))
            write_atomic(path, written(found).encode())
    return found


def run_row(study: Study, row: Row, seed: int, folder: Path, progress: Progress) -> Result:
    """Search as a row says, train what was found, and count its right answers."""
    source = _source()
    space = _space(row, source, seed)
    limits = Limits() if row.unlimited else study.limits[row.space]
    effort = study.effort[row.space]
    setting = Setting(row.algorithm, seed, effort)
    board = load_board(study.board)
    tools = explored(space, source, board, limits, setting, None, folder, progress)
    trials = tools.journal.trials
    ranked = best(trials)
    fitting = sum(trial.fits for trial in trials)
    if not ranked:
        return Result(row.table, row.space, row.name, seed, None, 0, 0, 0, len(trials), fitting)
    outer = {name: ranked[0].config[name] for name in space.outer.values}
    supernet = Supernet(space, outer, tools.lesson)
    network = train_chosen(space, supernet, ranked[0], tools.lesson, effort.final_steps, progress)
    needs = ranked[0].resources
    return Result(
        row.table,
        row.space,
        row.name,
        seed,
        round(accuracy(network, source.test), 5),
        needs.ram,
        needs.flash,
        needs.cycles,
        len(trials),
        fitting,
    )


@cache
def _source() -> Source:
    """Return the digits with more of them held out."""
    digits = load_source("digits")
    training = digits.training
    order = np.random.default_rng(0).permutation(len(training))
    unseen, rest = training.take(order[:_UNSEEN]), training.take(order[_UNSEEN:])
    pixels = np.concatenate([digits.test.pixels, unseen.pixels])
    test = Images(pixels, np.concatenate([digits.test.labels, unseen.labels]))
    return Source(digits.name, digits.classes, test, rest)


def _space(row: Row, source: Source, seed: int) -> Space:
    space = load_space(row.space, source)
    if row.space_of == "composed":
        return McuFormerSpace(space.frame, composed=True)
    fixed = dict(row.fixed)
    if row.space_of == "random":
        fixed |= space.outer.draw(np.random.default_rng(seed))
    return Restricted(space, fixed) if fixed else space


def written(results: Sequence[Result]) -> str:
    """Return results as CSV."""
    stream = io.StringIO()
    rows = csv.DictWriter(stream, [one.name for one in fields(Result)], lineterminator="\n")
    rows.writeheader()
    rows.writerows(asdict(one) for one in results)
    return stream.getvalue()


def read_results(text: str) -> list[Result]:
    """Return the results of a CSV; InputError for one of another kind."""
    return list(_read(text))


def _read(text: str) -> Iterator[Result]:
    for row in csv.DictReader(io.StringIO(text)):
        try:
            share = row["accuracy"]
            yield Result(
                row["table"],
                row["space"],
                row["name"],
                int(row["seed"]),
                float(share) if share else None,
                *(int(row[name]) for name in ("ram", "flash", "cycles", "trials", "fitting")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("The results are not those of `tinyrig searches`.") from error
