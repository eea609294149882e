"""What a gate lets pass: budgets, tolerances and the worse figures that were accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.matrix import project_job
from tinyrig.suite.files.project import Project
from tinyrig.suite.gate.budgets import Budget, Budgets, load_budgets
from tinyrig.suite.gate.metrics import Metric
from tinyrig.suite.records.document import first_fault
from tinyrig.suite.records.tables import Table, load_tables

FOLDER = Path(__file__).resolve().parent.parent.parent / "results"
FILES = ("budgets.toml", "tolerances.toml", "accepted.toml")

Percent = Annotated[float, Field(ge=0)]


class Accepted(Table):
    """A worse figure someone accepted, and why. It holds for this very value."""

    model: str
    board: str
    metric: Metric
    value: float
    reason: Annotated[str, Field(min_length=1, pattern=r"\S")]


class _Measured(Table):
    false_alarms: Annotated[float, Field(gt=0, lt=1)] = 0.001


class _Tolerances(Table):
    """Per cent a metric may grow: for every job, or for a model on a board."""

    default: Mapping[Metric, Percent] = {}
    model: Mapping[str, Mapping[str, Mapping[Metric, Percent]]] = {}
    measured: _Measured = _Measured()


class _AcceptedFile(Table):
    accepted: tuple[Accepted, ...] = ()


_ACCEPTED = TypeAdapter(_AcceptedFile)
_TOLERANCES = TypeAdapter(_Tolerances)


@dataclass(frozen=True)
class Policy:
    """Budgets by model and board, tolerances and accepted figures.

    `usual` has the toolchain, the backend and the options that the budgets are of.
    """

    budgets: Budgets = field(default_factory=dict)
    tolerances: _Tolerances = field(default_factory=_Tolerances)
    accepted: tuple[Accepted, ...] = ()
    usual: Job = field(default_factory=lambda: Job(model="", board=""))

    @property
    def false_alarms(self) -> float:
        """How often a comparison of measured cycles may fail by chance alone."""
        return self.tolerances.measured.false_alarms

    def tolerance(self, job: Job, metric: Metric) -> float:
        """Return the per cent a metric of a job may grow."""
        own = self.tolerances.model.get(job.model, {}).get(job.board, {})
        return own.get(metric, self.tolerances.default.get(metric, 0.0))

    def ceiling(self, job: Job, metric: Metric) -> int | None:
        """Return the budget of a metric; it is of the usual toolchain, backend and options."""
        own = {name: getattr(self.usual, name) for name in ("toolchain", "backend", "options")}
        usual = job == job.model_copy(update={**own, "dims": {}})
        budget = self.budgets.get((job.model, job.board)) if usual else None
        ceiling = getattr(budget, metric, None)
        return ceiling if isinstance(ceiling, int) else None

    def reason(self, job: Job, metric: Metric, value: float) -> str | None:
        """Return why a value was accepted; None when it was not."""
        for entry in self.accepted:
            same = (entry.model, entry.board, entry.metric) == (job.model, job.board, metric)
            if same and entry.value == value:
                return entry.reason
        return None


def project_policy(project: Project) -> Policy:
    """Return the budgets and tolerances of a project; InputError for a metric there is not."""
    specs = {model.name: model.spec for model in project.model}
    given = asdict(project.tolerances)
    given["model"] = {specs[name]: boards for name, boards in given["model"].items()}
    try:
        tolerances = _TOLERANCES.validate_python(given)
    except ValidationError as error:
        raise InputError(f"The project's tolerances: {first_fault(error)}.") from error
    budgets = {
        (specs[name], board): Budget(**asdict(ceilings))
        for name, boards in project.budgets.items()
        for board, ceilings in boards.items()
    }
    usual = project_job(project, "", "")
    return Policy(budgets=budgets, tolerances=tolerances, usual=usual)


def load_policy(folder: Path = FOLDER) -> Policy:
    """Read a folder's budgets, tolerances and accepted figures; a file may be absent.

    InputError for a file that cannot be used, such as an accepted figure without a reason.
    """
    budgets, tolerances, accepted = (folder / name for name in FILES)
    return Policy(
        budgets=load_budgets(budgets) if budgets.exists() else {},
        tolerances=load_tables(tolerances, "file of tolerances", _TOLERANCES)
        if tolerances.exists()
        else _Tolerances(),
        accepted=load_tables(accepted, "file of accepted figures", _ACCEPTED).accepted
        if accepted.exists()
        else (),
    )
