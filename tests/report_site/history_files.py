"""Results as asv keeps them, written by asv."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

COMMITS = tuple(f"{index:02x}" * 20 for index in range(1, 7))
"""Oldest first; figures step at the third."""

TRACK, TIME = "track_matrix.Firmware.track_instructions", "time_rig.Rig.time_boot"
LANES, KERNELS = "track_matrix.Lanes.track_instructions", "track_matrix.Kernels.track_cycles"
KERNEL = "tr_add_s8__m4"
BEFORE, AFTER = 1000.0, 1001.0


def value(index: int, board: str, boards: Sequence[str]) -> float:
    """The figure of a commit: a step of one instruction, on the first board only."""
    return AFTER if index >= 2 and board == boards[0] else BEFORE


def write_history(
    folder: Path, model: str, boards: Sequence[str], commits: Sequence[str] = COMMITS
) -> Path:
    """Write commits of three tracked and a timed benchmark; return the folder."""
    asv = pytest.importorskip("asv", reason="asv is missing. Install it with: pip install asv")
    results = __import__("asv.results", fromlist=["Results"])
    util = __import__("asv.util", fromlist=["write_json"])
    assert asv is not None
    params = [[repr(model)], [repr(board) for board in boards]]
    kernels = [[repr(KERNEL)], [repr(boards[0])]]
    machine = {"machine": "box", "os": "Linux"}
    for index, commit in enumerate(commits):
        found = results.Results(
            {**machine, "python": "3.11"}, {}, commit, 1000 * index, "3.11", "env", {}
        )
        values = [value(index, board, boards) for _, board in product([model], boards)]
        _add(found, results, TRACK, "1", params, values)
        _add(found, results, LANES, "1", params, [BEFORE, math.nan])
        _add(found, results, KERNELS, "1", kernels, [BEFORE])
        _add(found, results, TIME, "2", params[:1], [0.5 + index / 100])
        found.save(str(folder))
    util.write_json(str(folder / "box" / "machine.json"), machine, 1)
    about = {
        TRACK: _about(TRACK, "track", "instructions", "1", ["model", "board"], params),
        LANES: _about(LANES, "track", "instructions", "1", ["model", "board"], params),
        KERNELS: _about(KERNELS, "track", "cycles", "1", ["kernel", "board"], kernels),
        TIME: _about(TIME, "time", "seconds", "2", ["model"], params[:1]),
    }
    util.write_json(str(folder / "benchmarks.json"), about, 2)
    return folder


def _about(
    name: str, kind: str, unit: str, version: str, names: list[str], params: list[list[str]]
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "unit": unit,
        "version": version,
        "param_names": names,
        "params": params,
    }


def _add(
    found: Any,
    results: Any,
    name: str,
    version: str,
    params: list[list[str]],
    values: list[float],
) -> None:
    runner = __import__("asv.runner", fromlist=["BenchmarkResult"])
    count = len(values)
    result = runner.BenchmarkResult(
        result=values,
        samples=[None] * count,
        number=[None] * count,
        errcode=0,
        stderr="",
        profile=None,
    )
    found.add_result({"name": name, "version": version, "params": params}, result)
