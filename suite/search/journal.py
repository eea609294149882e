"""Every trial of a search, in Optuna's journal: what was tried is never tried again.

A search follows from its seed and from what its trials answered. So one that was killed begins
anew, finds the answers here, and goes on where they end.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.search.judge import Resources
from tinyrig.suite.search.space import Choices, Config

_FILE = "journal.log"
_STUDY = "search"


@dataclass(frozen=True)
class Trial:
    """A candidate and what it was worth: its accuracy, None where it was not looked at."""

    number: int
    stage: str
    config: Config
    accuracy: float | None
    resources: Resources
    excess: float

    @property
    def fits(self) -> bool:
        """Whether it keeps every limit."""
        return self.excess <= 0.0


def optuna_module() -> Any:
    """Return Optuna, its own log held back; MissingToolError without it."""
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise MissingToolError(
            "A search keeps its trials with Optuna: pip install 'tinyrig[search]'."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


class Journal:
    """The trials of the search in a folder, in their order; `kept` are those of earlier runs."""

    def __init__(self, folder: Path, choices: Choices) -> None:
        optuna = optuna_module()
        self._distributions = {
            name: optuna.distributions.CategoricalDistribution(values)
            for name, values in choices.values.items()
        }
        self._study = _study(optuna, folder / _FILE)
        self.kept = tuple(_read(one) for one in self._study.get_trials(deepcopy=False))
        self.trials: list[Trial] = []

    @property
    def next_is_known(self) -> bool:
        """Whether the next trial's answer is kept."""
        return len(self.trials) < len(self.kept)

    def trial(
        self,
        stage: str,
        config: Config,
        resources: Callable[[], Resources],
        excess: Callable[[Resources], float],
        accuracy: Callable[[], float] | None,
    ) -> Trial:
        """Return the next trial: the kept one, or one made and kept; a misfit's is not measured.

        InputError when the kept one is of another candidate.
        """
        number = len(self.trials)
        if self.next_is_known:
            kept = self.kept[number]
            if (kept.stage, dict(kept.config)) != (stage, dict(config)):
                raise InputError(
                    f"Trial {number} of the folder is of another search: name an empty folder."
                )
            self.trials.append(kept)
            return kept
        needs = resources()
        over = excess(needs)
        found = accuracy() if accuracy is not None and over <= 0.0 else None
        made = Trial(number, stage, dict(config), found, needs, over)
        self._keep(made)
        self.trials.append(made)
        return made

    def _keep(self, trial: Trial) -> None:
        optuna = optuna_module()
        state = optuna.trial.TrialState
        known = {name: trial.config[name] for name in self._distributions if name in trial.config}
        self._study.add_trial(
            optuna.trial.create_trial(
                state=state.PRUNED if trial.accuracy is None else state.COMPLETE,
                value=trial.accuracy,
                params=known,
                distributions={name: self._distributions[name] for name in known},
                user_attrs={
                    "stage": trial.stage,
                    "config": json.dumps(dict(trial.config)),
                    "resources": trial.resources.document(),
                    "excess": trial.excess,
                },
            )
        )


def _study(optuna: Any, path: Path) -> Any:
    _whole_lines(path)
    lock = path.with_name(f"{path.name}.lock")
    lock.unlink(missing_ok=True)
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.create_study(
        storage=storage, study_name=_STUDY, direction="maximize", load_if_exists=True
    )


def _whole_lines(path: Path) -> None:
    """Take off the part of a line that a killed search left."""
    if not path.is_file():
        return
    raw = path.read_bytes()
    whole = raw.rfind(b"\n") + 1
    if whole < len(raw):
        with path.open("r+b") as stream:
            stream.truncate(whole)


def _read(trial: Any) -> Trial:
    told = trial.user_attrs
    try:
        resources = Resources(**told["resources"])
        config = json.loads(told["config"])
        return Trial(
            trial.number, told["stage"], config, trial.value, resources, float(told["excess"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"Trial {trial.number} of the folder is no trial of a search: name an empty folder."
        ) from error
