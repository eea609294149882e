"""The comparisons at equal effort: candidates drawn at random, and NSGA-II over them.

Both train one supernet, drawn at random, for as many steps as the papers' searches train theirs.
"""

from __future__ import annotations

from typing import Any

from tinyrig.suite.search.journal import Trial, optuna_module
from tinyrig.suite.search.space import Choices, Value
from tinyrig.suite.search.tools import Tools

_OUTER, _INNER = 6, 7


def search_random(tools: Tools) -> list[Trial]:
    """Return the trials of candidates drawn at random."""
    rng = tools.rng(_INNER)
    outer, steps = tools.drawn_outer(tools.rng(_OUTER)), _steps(tools)
    tuned = tools.setting.effort.path_steps
    trials, count = [], _count(tools)
    for turn in tools.turns(count, lambda number: count - number):
        configs = [{**outer, **tools.space.inner.draw(rng)} for _ in turn]
        trials += tools.look("random", configs, outer, steps, tuned)
    return trials


def search_nsga2(tools: Tools) -> list[Trial]:
    """Return the trials of NSGA-II: accuracy, RAM and flash are its goals, limits constrain it."""
    optuna = optuna_module()
    outer, steps = tools.drawn_outer(tools.rng(_OUTER)), _steps(tools)
    tuned = tools.setting.effort.path_steps
    count = _count(tools)
    population = max(4, min(50, count // 3))
    sampler = optuna.samplers.NSGAIISampler(population_size=population, seed=tools.setting.seed)
    # Told again in the same order, it asks for the same again: this one lives in memory alone.
    study = optuna.create_study(directions=["maximize", "minimize", "minimize"], sampler=sampler)
    trials: list[Trial] = []
    for turn in tools.turns(count, lambda number: population - number % population):
        asked = [study.ask() for _ in turn]
        configs = [{**outer, **_suggested(one, tools.space.inner)} for one in asked]
        looked = tools.look("nsga2", configs, outer, steps, tuned)
        for one, trial in zip(asked, looked, strict=True):
            one.set_constraint("limits", trial.excess)
            needs = trial.resources
            study.tell(one, [trial.accuracy or 0.0, float(needs.ram), float(needs.flash)])
        trials += looked
    return trials


def _suggested(asked: Any, choices: Choices) -> dict[str, Value]:
    return {name: asked.suggest_categorical(name, v) for name, v in choices.values.items()}


def _steps(tools: Tools) -> int:
    effort = tools.setting.effort
    return effort.supernets * effort.supernet_steps


def _count(tools: Tools) -> int:
    """Return as many trials as the papers' searches have of both stages."""
    effort = tools.setting.effort
    return effort.supernets * effort.paths + effort.trials
