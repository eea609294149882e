"""The kernel library for the host and for every core, built once a session."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest
from kernel_library import OPTIMISED, SANITIZED, SANITIZERS, build
from kernel_targets import Targets, once

from tinyrig.suite.studies.kernels.checking.target import Target
from tinyrig.suite.toolchain.toolchain import toolchain_names


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the whole run, which all its workers share; without workers, of the session."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "kernels"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def library(shared: Path) -> ctypes.CDLL:
    """Kernels for the host; sanitized when the environment asks for it."""
    flags = SANITIZERS if SANITIZED in os.environ else OPTIMISED
    return ctypes.CDLL(str(once(shared, "host", lambda folder: build(folder, flags))))


@pytest.fixture(scope="session")
def targets(shared: Path) -> Targets:
    return Targets(shared)


@pytest.fixture(params=toolchain_names())
def cortex_m(request: pytest.FixtureRequest, targets: Targets) -> Target:
    """The kernels of stm32f427 by each toolchain."""
    return targets.of("stm32f427", request.param)
