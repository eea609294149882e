"""A copy of the kernels that a test may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gate.changed_rig import Kernels, keep_base, kernels_to_edit


@pytest.fixture
def unchanged() -> None:
    """The results of the rig as it is, measured before a test changes it."""
    keep_base()


@pytest.fixture
def kernels(unchanged: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernels]:
    yield kernels_to_edit(tmp_path / "copied", monkeypatch)
