"""What compiled libraries write to the standard output."""

from __future__ import annotations

import os

import pytest

from tinyrig.suite.process.output import silent_output


def test_what_is_written_meanwhile_is_seen_by_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(1, b"before ")
    with pytest.raises(ValueError, match="within"), silent_output():
        os.write(1, b"meanwhile")
        raise ValueError("within")
    os.write(1, b"after")
    assert capfd.readouterr().out == "before after"


def test_a_closed_output_is_left_closed() -> None:
    kept = os.dup(1)
    os.close(1)
    try:
        with silent_output():
            pass
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(1)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
