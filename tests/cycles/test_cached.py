"""A remembered model says what the model says."""

from pathlib import Path

import pytest

from generator.planning.board import load_board
from suite.backends.registry import backend
from suite.build.toolchain import load_toolchain
from suite.cycles.cached import cached_cycles
from suite.cycles.model import model_cycles
from suite.firmware import make_firmware
from suite.models.case import resolve
from suite.verdict import sample_bytes


def test_the_cache_answers_as_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = resolve("mhsa", {"S": 5, "E": 8, "P": 4, "H": 2})
    board = load_board("stm32f746")
    sample = sample_bytes(case.graph, case.samples(1)[0])
    image = make_firmware(case.graph, board, load_toolchain("zig"), sample).clean
    profile = backend("embedded").run(image, board, profile=True).profile
    assert profile is not None
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path))
    fresh = cached_cycles(profile, image, board.core)
    assert list(tmp_path.rglob("*.json"))
    again = cached_cycles(profile, image, board.core)
    assert fresh == again == model_cycles(profile, image, board.core)
    assert again.by_function() == fresh.by_function()
