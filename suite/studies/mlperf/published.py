"""What others measured of MLPerf Tiny's networks on silicon: `published.csv`, checked."""

from __future__ import annotations

import csv
import functools
import io
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Published:
    """One measured figure of the closed division; `cycles` are clock by throughput, rounded.

    `beside` is the board of ours it stands beside, `flash` what is known of how its flash was
    read.
    """

    network: str
    chip: str
    engine: str
    version: str
    clock_mhz: int
    cycles: int
    beside: str
    flash: str
    source: str


@functools.cache
def published() -> tuple[Published, ...]:
    """Return every figure, in the order of the file."""
    text = (resources.files("tinyrig.suite.studies.mlperf") / "published.csv").read_text("utf-8")
    return tuple(map(_figure, csv.DictReader(io.StringIO(text))))


def networks() -> tuple[str, ...]:
    """Return the zoo's names of the networks, in the order of the file."""
    return tuple(dict.fromkeys(figure.network for figure in published()))


def boards() -> tuple[str, ...]:
    """Return the boards that a figure stands beside, in the order of the file."""
    return tuple(dict.fromkeys(figure.beside for figure in published()))


def _figure(row: dict[str, str]) -> Published:
    return Published(
        network=row["network"],
        chip=row["chip"],
        engine=row["engine"],
        version=row["version"],
        clock_mhz=int(row["clock_mhz"]),
        cycles=int(row["cycles"]),
        beside=row["beside"],
        flash=row["flash"],
        source=row["source"],
    )
