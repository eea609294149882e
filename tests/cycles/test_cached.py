"""A remembered model says what the model says."""

from pathlib import Path

import pytest

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles.cached import cached_cycles
from tinyrig.suite.cycles.model import model_cycles
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain


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
