"""A search from its setting to the network on the board."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from tinyrig.generator.errors import FitError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.files.atomic import check_folder, write_atomic
from tinyrig.suite.files.json_text import load_json
from tinyrig.suite.search.analysis import Analysis, advice, analyse
from tinyrig.suite.search.baselines import search_nsga2, search_random
from tinyrig.suite.search.budget import PROOF, Budget
from tinyrig.suite.search.evolved_space import search_mcuformer
from tinyrig.suite.search.finish import Found, place_of, prove, train_chosen
from tinyrig.suite.search.journal import Journal, Trial
from tinyrig.suite.search.judge import Judge, Limits
from tinyrig.suite.search.setting import Effort, Setting
from tinyrig.suite.search.space import Choices, Frame, Space
from tinyrig.suite.search.supernas import search_tinyformer
from tinyrig.suite.search.supernet import Lesson, Supernet
from tinyrig.suite.search.timing import path_seconds, proof_seconds, step_seconds
from tinyrig.suite.search.tools import Tools, best
from tinyrig.suite.search.workers import Workers
from tinyrig.suite.toolchain.toolchain import Toolchain
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.recipe import Recipe

Progress = Callable[[str], None]
SPACES = ("tinyformer", "mcuformer")
_PAPERS = {"tinyformer": search_tinyformer, "mcuformer": search_mcuformer}
_OTHERS = {"random": search_random, "nsga2": search_nsga2}
_JUDGED = 500
_ANALYSED = 20
_TRIED = 3
_FEWEST = 20
_USED = 0.75
"""Share of the time left that the last training is laid out for: cut short, it learns less."""
_FILE = "search.json"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search found, and all it looked at."""

    space: Space
    trials: tuple[Trial, ...]
    found: Found
    analysis: Analysis | None
    advice: dict[str, tuple[int, ...]]
    limits: Limits


def load_space(word: str, source: Source) -> Space:
    """Return a space by name, or that of a user's module, by path, for a source's images."""
    rows, columns, bands = source.test.shape
    if rows != columns:
        raise InputError(
            f"The spaces are of square images; {source.name}'s are {rows} x {columns}."
        )
    frame = Frame(rows, bands, len(source.classes))
    module: Any
    if word in SPACES:
        module = importlib.import_module(f"tinyrig.suite.search.{word}")
    else:
        module = _own_module(Path(word))
    return cast("Space", module.space(frame))


def _own_module(path: Path) -> object:
    if path.suffix != ".py" or not path.is_file():
        raise InputError(
            f"There is no space {path.name!r}: name {' or '.join(SPACES)}, or a Python file."
        )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "space"):
        raise InputError(f"{path} has no function `space(frame)`.")
    return module


def search(
    space: Space,
    source: Source,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    limits: Limits,
    setting: Setting,
    seconds: float | None,
    folder: Path,
    progress: Progress,
    scheduler: str | None = None,
) -> Outcome:
    """Search, train what was found, and prove it on the board; go on where a folder stands.

    Candidates are measured by the workers of a Dask `scheduler`, where one is named. FitError when
    no candidate keeps the limits.
    """
    tools = explored(space, source, board, limits, setting, seconds, folder, progress, scheduler)
    found = _proved(tools, source, board, backend, toolchain)
    write_atomic(place_of(folder), found.model.SerializeToString(deterministic=True))
    found.record.save(folder / "record.json")
    judge, trials = tools.judge, tuple(tools.journal.trials)
    own = setting.algorithm == "paper" and space.name == "tinyformer"
    analysis = analyse(space, judge, _ANALYSED, setting.seed) if own else None
    proposed = advice(space, analysis) if analysis is not None else {}
    return Outcome(space, trials, found, analysis, proposed, judge.limits)


def explored(
    space: Space,
    source: Source,
    board: Board,
    limits: Limits,
    setting: Setting,
    seconds: float | None,
    folder: Path,
    progress: Progress,
    scheduler: str | None = None,
) -> Tools:
    """Return the tools of a search after all its trials; go on where a folder stands."""
    check_folder(folder)
    budget = Budget(folder / "time.json", seconds)

    def told(text: str) -> None:
        budget.keep()
        progress(text)

    lesson = _lesson(source, setting, folder)
    asked = _asked(space, source, board, limits, setting)
    effort = _effort(space, lesson, setting.effort, seconds, folder / _FILE, asked)
    setting = Setting(setting.algorithm, setting.seed, effort, setting.paper_memory)
    journal = Journal(folder, Choices({**space.outer.values, **space.inner.values}))
    judge = Judge(space, board, limits)
    with Workers(scheduler, space, lesson) if scheduler else nullcontext() as workers:
        tools = Tools(space, judge, journal, lesson, setting, budget, told, workers)
        _algorithm(space, setting)(tools)
    return tools


def _algorithm(space: Space, setting: Setting) -> Callable[[Tools], list[Trial]]:
    if setting.algorithm != "paper":
        return _OTHERS[setting.algorithm]
    # A user's own space is searched as TinyFormer's: supernets, then paths.
    return _PAPERS.get(space.name, search_tinyformer)


def _proved(
    tools: Tools, source: Source, board: Board, backend: Backend, toolchain: Toolchain
) -> Found:
    """Return the best trial, trained, that keeps the limits on the board too."""
    ranked = best(tools.journal.trials)
    if not ranked:
        over = min(tools.journal.trials, key=lambda trial: trial.excess)
        raise FitError(
            f"None of {len(tools.journal.trials)} candidates keeps the limits; the nearest is "
            f"{over.excess:.0%} over one: it takes {over.resources.ram} bytes of RAM, "
            f"{over.resources.flash} of flash and {over.resources.cycles} cycles."
        )
    lesson, progress = tools.lesson, tools.progress
    for trial in ranked[:_TRIED]:
        outer = {name: trial.config[name] for name in tools.space.outer.values}
        supernet = Supernet(tools.space, outer, lesson)
        proof = proof_seconds(tools.space.graph(trial.config), len(source.test))
        steps = _final_steps(tools, trial, proof)
        network = train_chosen(
            tools.space,
            supernet,
            trial,
            lesson,
            steps,
            progress,
            partial(tools.budget.late, PROOF, proof),
        )
        found = prove(
            network,
            trial,
            source,
            board,
            backend,
            toolchain,
            tools.judge.options,
            progress,
            partial(tools.budget.late, 1.0),
        )
        if _kept(found, tools.judge.limits):
            return found
    raise FitError("The best candidates keep the limits by their plans, and not on the board.")


def _final_steps(tools: Tools, trial: Trial, proof: float) -> int:
    """Return the steps of the last training: what was asked, or what the time has room for.

    What was found for a trial is kept, so that a resumed training is the same one.
    """
    budget, lesson = tools.budget, tools.lesson
    if budget.seconds is None:
        return tools.setting.effort.final_steps
    path = lesson.folder / f"final-{trial.number}.json"
    if path.is_file():
        _, kept = load_json(path, "number of steps")
        return int(kept)
    step = path_seconds(tools.space.plain(trial.config, 0), lesson)
    steps = max(_FEWEST, int(_USED * (budget.left(PROOF) - proof) / step))
    write_atomic(path, str(steps).encode())
    return steps


def _kept(found: Found, limits: Limits) -> bool:
    """Whether a network kept its limits on the board, cycles at zero wait states as judged."""
    memory = found.record.memory
    cycles = [one.value for one in found.record.cycles if one.column == "modelled"]
    taken = ((memory.peak_ram, limits.ram), (memory.flash, limits.flash))
    every = [*taken, *((value, limits.cycles) for value in cycles)]
    return all(most is None or used <= most for used, most in every)


def _lesson(source: Source, setting: Setting, folder: Path) -> Lesson:
    """Return the training images, less those that candidates are judged by."""
    images = source.training
    order = np.random.default_rng((setting.seed, 0)).permutation(len(images))
    judged = min(_JUDGED, len(images) // 4)
    recipe = Recipe(epochs=1, batch=64, peak_rate=2e-3, flips=False, seed=setting.seed)
    rest: Images = images.take(order[judged:])
    return Lesson(rest, images.take(order[:judged]), recipe, setting.seed, folder)


def _asked(
    space: Space, source: Source, board: Board, limits: Limits, setting: Setting
) -> dict[str, Any]:
    return {
        "space": space.name,
        "data": source.name,
        "board": board.full_name,
        "limits": asdict(limits),
        "algorithm": setting.algorithm,
        "seed": setting.seed,
        "paper_memory": setting.paper_memory,
    }


def _effort(
    space: Space,
    lesson: Lesson,
    effort: Effort,
    seconds: float | None,
    path: Path,
    asked: dict[str, Any],
) -> Effort:
    """Return the effort of the folder's search, of a time if one is given, kept for a resume.

    InputError when the folder is of a search that was asked otherwise.
    """
    if path.is_file():
        _, kept = load_json(path, "search")
        if not isinstance(kept, dict) or kept.get("asked") != asked:
            raise InputError(f"{path.parent} is of another search: name an empty folder.")
        try:
            return Effort(**kept["effort"])
        except TypeError as error:
            raise InputError(f"{path} is of another version: name an empty folder.") from error
    if seconds is not None:
        effort = effort.within(seconds, step_seconds(space, lesson))
    text = json.dumps({"asked": asked, "effort": asdict(effort)}, indent=2)
    write_atomic(path, f"{text}\n".encode())
    return effort
