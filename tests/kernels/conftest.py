"""The kernel library, built once a session."""

from __future__ import annotations

import ctypes

import pytest
from kernel_library import load


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return load(tmp_path_factory.mktemp("kernels"))
