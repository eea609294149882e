"""What a gate found, as one document: verdict, figures that moved, and causes, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from tinyrig.suite.gate.metrics import Metric
from tinyrig.suite.records.document import Value

SCHEMA = 1


class Figure(Value):
    """A figure that is not equal. `percent` is the change relative to the base."""

    job: str
    model: str
    board: str
    metric: Metric
    base: float | None
    head: float | None
    percent: float | None
    verdict: str
    note: str
    fails: bool


class Hit(Value):
    """What a cause added to a figure of a job; None when its share cannot be told."""

    job: str
    model: str
    board: str
    metric: Metric
    base: float
    head: float
    amount: float | None


class Place(Value):
    """A function in a layer before and after, in the cause's worst job.

    `unit` says what is counted; `layer` and its `kernel` are None where the figure is of the
    whole firmware.
    """

    layer: str | None
    kernel: str | None
    function: str
    file: str
    unit: Literal[
        "cycles", "instructions", "bytes of stack", "bytes of flash", "bytes copied to RAM"
    ]
    before: float
    after: float


class BlockRow(Value):
    """A line of a changed block: `-` base only, `+` head only, a space for both."""

    sign: Literal["-", "+", " "]
    offset: int
    text: str


class BlockCode(Value):
    """The hottest changed block. Counts are executions in one inference, cycles of them all."""

    function: str
    file: str
    base_offset: int | None
    head_offset: int | None
    base_count: int
    head_count: int
    base_cycles: float
    head_cycles: float
    rows: tuple[BlockRow, ...]
    cut: int


class Tensor(Value):
    """What became of a tensor in the arena."""

    name: str
    change: str
    words: str
    at_peak: bool


class ArenaPeak(Value):
    """Where the arena is fullest: the layer, the bytes live then, and its tensors."""

    layer: str
    live: int
    arena: int
    tensors: tuple[tuple[str, int], ...]


class Explanation(Value):
    """One cause with all it hit, and its evidence in the job it hit worst.

    `files` are the changed sources, as paths in the C project: `kernels/...` is as in the clone.
    """

    kind: str
    title: str
    files: tuple[str, ...]
    hits: tuple[Hit, ...]
    worst: Hit
    places: tuple[Place, ...]
    block: BlockCode | None
    tensors: tuple[Tensor, ...]
    base_peak: ArenaPeak | None
    head_peak: ArenaPeak | None

    @property
    def jobs(self) -> tuple[str, ...]:
        """The names of the jobs it hit."""
        return tuple(dict.fromkeys(hit.job for hit in self.hits))


class Difference(Value):
    """Something that differs in jobs of which no figure got worse; tensors are of the first."""

    kind: str
    title: str
    jobs: tuple[str, ...]
    tensors: tuple[Tensor, ...]


class GateReport(Value):
    """The whole answer of a gate. `identical` counts jobs whose firmware is byte for byte equal.

    `booted` counts the firmware booted on either side to find the figures, None when both came
    as folders. `notes` tell of tools that are not those a commit pins, and of jobs that failed.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    base: str
    head: str
    passed: bool
    jobs: int
    identical: int
    booted: int | None
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    causes: tuple[Explanation, ...]
    harmless: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def counts(self) -> Mapping[str, int]:
        """Return how many figures have each verdict but equal."""
        return _counts(figure.verdict for figure in self.figures)


def _counts(words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
