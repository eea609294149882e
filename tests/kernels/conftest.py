"""The kernel library for the host and for every core, built once a session."""

from __future__ import annotations

import ctypes
import functools

import pytest
from kernel_builds import kernels_of
from kernel_cluster import Cluster
from kernel_library import load

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.studies.kernels.checking.target import CortexM, Target
from tinyrig.suite.toolchain.toolchain import toolchain_names


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return load(tmp_path_factory.mktemp("kernels"))


class Targets:
    """Cores with the kernels of a board, by board and toolchain, each built when asked for."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self.of = functools.cache(self._make)

    def _make(self, board: str, toolchain: str) -> Target:
        try:
            image = build_image(
                self._factory.mktemp(f"{board}-{toolchain}"),
                load_board(board),
                toolchain,
                kernels_of(board),
            )
        except MissingToolError as error:
            pytest.skip(str(error))
        return Cluster(image) if board == "gap9" else CortexM(image, load_board(board).core)


@pytest.fixture(scope="session")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Targets:
    return Targets(tmp_path_factory)


@pytest.fixture(params=toolchain_names())
def cortex_m(request: pytest.FixtureRequest, targets: Targets) -> Target:
    """The kernels of stm32f427 by each toolchain."""
    return targets.of("stm32f427", request.param)
