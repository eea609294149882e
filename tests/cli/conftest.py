"""A folder with a good model in it, and the ways it can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.onnx_files import quantized, write


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model.onnx", quantized())
