"""A lane that measures: its cycles differ from boot to boot, so it is booted often."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.tiny import TINY
from files.shared_cache import share_cache

from tinyrig.suite.backends.embedded import EmbeddedBackend
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.bench import measure
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.records.profile import CountedCycles


class _Board(EmbeddedBackend):
    """The emulator with a clock that drifts, as no board hangs here."""

    drift = itertools.count(1000)

    def run(self, *given: Any, **named: Any) -> BootResult:
        boot = super().run(*given, **named)
        cycles = CountedCycles(
            source="measured",
            model="a drifting clock",
            total=next(self.drift),
            by_step=(1,) * len(boot.step_instructions),
            error_percent=None,
            memory="board",
        )
        return replace(boot, cycles=cycles)


def test_every_boot_of_a_board_is_kept_and_none_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_cache(tmp_path)
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path))
    board = _Board(version=backend("embedded").version, name="embedded")
    monkeypatch.setattr(measure, "load_backend", lambda _: board)
    first, second = measure_job(TINY), measure_job(TINY)
    assert len(first.evidence.measured) == 8
    assert len({*first.evidence.measured, *second.evidence.measured}) == 16
    assert first.booted and second.booted
    assert list(tmp_path.glob("store/answers/*/*.json")) == []
    sources = {cycles.source: cycles.value for cycles in first.record.cycles}
    assert sources["measured"] == first.evidence.measured[0]
    assert first.record.check.samples == 1


def test_an_emulator_measures_nothing() -> None:
    assert measure_job(TINY).evidence.measured == ()
