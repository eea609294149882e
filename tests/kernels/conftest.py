"""The kernel library for the host and for every core, built once a session."""

from __future__ import annotations

import ctypes
import functools
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from kernel_builds import board_of, kernels_of
from kernel_cluster import Cluster
from kernel_library import OPTIMISED, SANITIZED, SANITIZERS, build
from kernel_runs import expect

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.files.locks import locked
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.studies.kernels.checking.target import CortexM, Target
from tinyrig.suite.toolchain.toolchain import toolchain_names


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the whole run, which all its workers share; without workers, of the session."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "kernels"
    folder.mkdir(exist_ok=True)
    return folder


def once(folder: Path, name: str, make: Callable[[Path], Path]) -> Path:
    """What `make` makes in a folder of this name, by whichever worker needs it first."""
    place = folder / name
    with locked(folder / f"{name}.lock"):
        if not place.is_dir():
            fresh = Path(tempfile.mkdtemp(dir=folder))
            (fresh / "made").write_text(make(fresh).name)
            fresh.rename(place)
    return place / (place / "made").read_text()


@pytest.fixture(scope="session")
def library(shared: Path) -> ctypes.CDLL:
    """Kernels for the host; sanitized when the environment asks for it."""
    flags = SANITIZERS if SANITIZED in os.environ else OPTIMISED
    return ctypes.CDLL(str(once(shared, "host", lambda folder: build(folder, flags))))


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


@pytest.fixture(scope="session")
def targets(shared: Path) -> Targets:
    return Targets(shared)


@pytest.fixture(params=toolchain_names())
def cortex_m(request: pytest.FixtureRequest, targets: Targets) -> Target:
    """The kernels of stm32f427 by each toolchain."""
    return targets.of("stm32f427", request.param)
