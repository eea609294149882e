"""Cores that hold the kernels of a board, built once for all workers."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from kernel_builds import board_of, kernels_of
from kernel_cluster import Cluster
from kernel_runs import expect

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.files.locks import locked
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.studies.kernels.checking.target import CortexM, Target


def once(folder: Path, name: str, make: Callable[[Path], Path]) -> Path:
    """What `make` makes in a folder of this name, by whichever worker needs it first."""
    place = folder / name
    with locked(folder / f"{name}.lock"):
        if not place.is_dir():
            fresh = Path(tempfile.mkdtemp(dir=folder))
            (fresh / "made").write_text(make(fresh).name)
            fresh.rename(place)
    return place / (place / "made").read_text()


class Targets:
    """Cores with the kernels of a board, by board and toolchain, each built when asked for."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        self.of = functools.cache(self._make)

    def _make(self, board: str, toolchain: str) -> Target:
        try:
            image = once(
                self._shared,
                f"{board}-{toolchain}",
                lambda folder: build_image(folder, load_board(board), toolchain, kernels_of(board)),
            )
        except MissingToolError as error:
            pytest.skip(str(error))
        return Cluster(image) if board == "gap9" else CortexM(image, load_board(board).core)

    def check(self, kernel: Kernel, toolchain: str, cases: Iterable[Case]) -> None:
        """A kernel on its board's core gives what is expected of every case."""
        target = self.of(board_of(kernel), toolchain)
        for case in cases:
            np.testing.assert_array_equal(target.execute(kernel, case), expect(case))
