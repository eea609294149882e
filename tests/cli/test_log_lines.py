"""Long work says a stage now and then in a log; short work says nothing."""

from __future__ import annotations

import pytest

from tinyrig.suite.cli import log_lines
from tinyrig.suite.cli.bar import bar
from tinyrig.suite.cli.options import progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the time is: the last of these seconds."""
    now = [100.0]
    monkeypatch.setattr(log_lines.time, "monotonic", lambda: now[-1])
    return now


def test_short_work_says_nothing(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        told("booting")
        clock.append(119.9)
        told("checking")
    assert "tinyrig:" not in capsys.readouterr().err


def test_stages_of_long_work(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        for second in (110, 120, 130, 141):
            clock.append(float(second))
            told(f"sample {second}")
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("tinyrig:")]
    assert lines == ["tinyrig: 20 s: sample 120", "tinyrig: 41 s: sample 141"]


def test_parts_are_counted(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with bar(3) as advance:
        for second, name in ((105, "a"), (125, "b"), (130, "c")):
            clock.append(float(second))
            advance(name)
    assert "tinyrig: 25 s: 2 of 3 done, b last" in capsys.readouterr().err
