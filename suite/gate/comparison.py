"""Two sets of figures side by side, without a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tinyrig.suite.gate.metrics import METRICS, Metric, metrics_of
from tinyrig.suite.records.document import Value
from tinyrig.suite.records.record import Layer, Record

if TYPE_CHECKING:
    import pandas as pd


Copied = Literal["copied", "copied_code"]
COPIED: Mapping[Copied, str] = {
    "copied": "weights copied to RAM",
    "copied_code": "code copied to RAM",
}
"""Bytes that start copies, a part of peak RAM, as people read them; no figures of the gate."""


class Compared(Value):
    """One figure of one job on both sides, None where a side lacks it."""

    job: str
    metric: Metric | Copied
    a: float | None
    b: float | None

    @property
    def percent(self) -> float | None:
        """The change from A to B in per cent of A, None when it cannot be told."""
        return _percent(self.a, self.b)


class ComparedLayer(Value):
    """One layer of the single job of both sides: kernels, instructions and modelled cycles."""

    layer: str
    kernel_a: str | None
    kernel_b: str | None
    instructions_a: int | None
    instructions_b: int | None
    cycles_a: int | None
    cycles_b: int | None


class Comparison(Value):
    """All figures of A and B; layers only when either side is a single job."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    a: str
    b: str
    figures: tuple[Compared, ...]
    layers: tuple[ComparedLayer, ...]


def compare(
    name_a: str, a: Mapping[str, Record], name_b: str, b: Mapping[str, Record]
) -> Comparison:
    """Lay two sets of records side by side; two single ones are compared whatever they are."""
    single = len(a) == len(b) == 1
    if single:
        (job_a, one), (job_b, other) = *a.items(), *b.items()
        job = job_a if job_a == job_b else f"{job_a} -> {job_b}"
        if _streamed(one) != _streamed(other):
            job = f"{job} (streamed inputs: {_streamed(one)} -> {_streamed(other)})"
        a, b = {job: one}, {job: other}
    return Comparison(
        a=name_a,
        b=name_b,
        figures=tuple(
            figure for job in sorted({*a, *b}) for figure in _figures(job, a.get(job), b.get(job))
        ),
        layers=tuple(_layers(one, other)) if single else (),
    )


def _streamed(record: Record) -> str:
    """The inputs that lie in RAM never whole: what RAM counts is another thing with them."""
    return ", ".join(one.name for one in record.streamed) or "none"


def _figures(job: str, a: Record | None, b: Record | None) -> Iterator[Compared]:
    old = metrics_of(a) if a is not None else {}
    new = metrics_of(b) if b is not None else {}
    for metric in METRICS:
        if metric in old or metric in new:
            yield Compared(job=job, metric=metric, a=old.get(metric), b=new.get(metric))
    for part in COPIED:
        sizes = [None if one is None else getattr(one.memory, part) for one in (a, b)]
        if any(sizes):
            yield Compared(job=job, metric=part, a=sizes[0], b=sizes[1])


def _layers(a: Record, b: Record) -> Iterator[ComparedLayer]:
    old = {layer.name: layer for layer in a.layers}
    new = {layer.name: layer for layer in b.layers}
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        yield ComparedLayer(
            layer=name,
            kernel_a=one.kernel if one else None,
            kernel_b=other.kernel if other else None,
            instructions_a=one.instructions if one else None,
            instructions_b=other.instructions if other else None,
            cycles_a=_modelled(one),
            cycles_b=_modelled(other),
        )


def _modelled(layer: Layer | None) -> int | None:
    cycles = () if layer is None else layer.cycles
    return next((found.value for found in cycles if found.column == "modelled"), None)


def comparison_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row a figure: its job, its layer where it is one of a layer, A, B and the change."""
    import pandas as pd

    rows: list[tuple[str, str | None, str, float | None, float | None, float | None]] = [
        (one.job, None, one.metric, one.a, one.b, one.percent) for one in comparison.figures
    ]
    job = comparison.figures[0].job if comparison.figures else ""
    for layer in comparison.layers:
        for name, a, b in (
            ("instructions", layer.instructions_a, layer.instructions_b),
            ("cycles", layer.cycles_a, layer.cycles_b),
        ):
            rows.append((job, layer.layer, name, a, b, _percent(a, b)))
    columns = ("job", "layer", "figure", "a", "b", "change_percent")
    return pd.DataFrame(rows, columns=pd.Index(columns)).convert_dtypes()


def _percent(a: float | None, b: float | None) -> float | None:
    """Return the change from A to B in per cent of A, None when it cannot be told."""
    return 100 * (b / a - 1) if a and b is not None else None
