"""What others measured of MLPerf Tiny's networks on silicon: `published.csv`, checked."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tinyrig.suite.files.csv_rows import csv_rows


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
    return csv_rows(Published, "tinyrig.suite.studies.mlperf", "published.csv")


def networks() -> tuple[str, ...]:
    """Return the zoo's names of the networks, in the order of the file."""
    return tuple(dict.fromkeys(figure.network for figure in published()))


def boards() -> tuple[str, ...]:
    """Return the boards that a figure stands beside, in the order of the file."""
    return tuple(dict.fromkeys(figure.beside for figure in published()))
