"""The kernel library for the host and for Cortex-M, built once a session."""

from __future__ import annotations

import ctypes
import shutil
from pathlib import Path

import pytest
from kernel_library import load
from kernel_target import Target, build, build_with_gcc


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return load(tmp_path_factory.mktemp("kernels"))


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("zig"))


@pytest.fixture(scope="session")
def gcc_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("arm-none-eabi-gcc"):
        pytest.skip("needs arm-none-eabi-gcc; install: sudo apt-get install gcc-arm-none-eabi")
    return build_with_gcc(tmp_path_factory.mktemp("gcc"))


@pytest.fixture(scope="module")
def target(image: Path) -> Target:
    return Target(image)


@pytest.fixture(scope="module", params=["image", "gcc_image"], ids=["zig", "gcc"])
def each_target(request: pytest.FixtureRequest) -> Target:
    """The kernels for Cortex-M by each of the two compilers."""
    return Target(request.getfixturevalue(request.param))
