"""The comparisons at equal effort: candidates drawn at random, and NSGA-II over them.

Both train one supernet, drawn at random, for as many steps as the papers' searches train theirs.
"""

from __future__ import annotations

from tinyrig.suite.search.journal import Trial, optuna_module
from tinyrig.suite.search.tools import Tools

_OUTER, _INNER = 6, 7


def search_random(tools: Tools) -> list[Trial]:
    """Return the trials of candidates drawn at random."""
    rng = tools.rng(_INNER)
    outer, steps = tools.drawn_outer(tools.rng(_OUTER)), _steps(tools)
    tuned = tools.setting.effort.path_steps
    return [
        tools.look("random", {**outer, **tools.space.inner.draw(rng)}, outer, steps, tuned)
        for _ in tools.turns(_count(tools))
    ]


def search_nsga2(tools: Tools) -> list[Trial]:
    """Return the trials of NSGA-II: accuracy, RAM and flash are its goals, limits constrain it."""
    optuna = optuna_module()
    outer, steps = tools.drawn_outer(tools.rng(_OUTER)), _steps(tools)
    tuned = tools.setting.effort.path_steps
    count = _count(tools)
    sampler = optuna.samplers.NSGAIISampler(
        population_size=max(4, min(50, count // 3)), seed=tools.setting.seed
    )
    # Told again in the same order, it asks for the same again: this one lives in memory alone.
    study = optuna.create_study(directions=["maximize", "minimize", "minimize"], sampler=sampler)
    trials = []
    for _ in tools.turns(count):
        asked = study.ask()
        inner = {
            name: asked.suggest_categorical(name, values)
            for name, values in tools.space.inner.values.items()
        }
        trial = tools.look("nsga2", {**outer, **inner}, outer, steps, tuned)
        asked.set_constraint("limits", trial.excess)
        needs = trial.resources
        study.tell(asked, [trial.accuracy or 0.0, float(needs.ram), float(needs.flash)])
        trials.append(trial)
    return trials


def _steps(tools: Tools) -> int:
    effort = tools.setting.effort
    return effort.supernets * effort.supernet_steps


def _count(tools: Tools) -> int:
    """Return as many trials as the papers' searches have of both stages."""
    effort = tools.setting.effort
    return effort.supernets * effort.paths + effort.trials
