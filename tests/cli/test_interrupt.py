"""SIGINT in the middle of a run: code 130, one line, nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cli.command import PROGRAM, tinyrig_process, tree

_REPOSITORY = Path(__file__).parents[2]


def _start(folder: Path, cache: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY), "TINYRIG_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _interrupt(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("seconds", [1.5, 3.0, 5.0])
def test_run_interrupted(
    model: Path, tmp_path_factory: pytest.TempPathFactory, seconds: float
) -> None:
    """With an empty cache everything is still to be made: modules, compiler output, boots."""
    cache = tmp_path_factory.mktemp("cache")
    before = tree(model.parent)
    targets = ("--json", "r.json", "--outputs", "o.npz", "--samples", "100000")
    process = _start(model.parent, cache, "run", str(model), *targets)
    time.sleep(seconds)
    code, out, err = _interrupt(process)
    assert code == 130, err
    assert out == ""
    assert err == "tinyrig: interrupted; nothing was left half-written.\n"
    assert tree(model.parent) == before
    partial = [path for path in cache.rglob("*") if path.name.startswith((".new-", ".part-"))]
    assert partial == []


def test_generate_interrupted_leaves_the_old_project(model: Path) -> None:
    """Whenever the signal comes, the folder is the old project or the new one, whole."""
    folder = model.parent
    assert tinyrig_process("generate", model, "-o", "out", folder=folder).code == 0
    before = tree(folder)
    cache = Path(os.environ.get("TINYRIG_CACHE", folder.parent / "cache"))
    for seconds in (0.9, 1.1, 1.3, 1.5):
        process = _start(folder, cache, "generate", str(model), "-o", "out")
        time.sleep(seconds)
        code, _, err = _interrupt(process)
        assert code in (0, 130), err
        assert "Traceback" not in err
        assert tree(folder) == before
