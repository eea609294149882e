"""Sites made of results, and results with names nobody should have."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyrig.suite.gate.budgets import Budget
from tinyrig.suite.report.site.site import Written, write_site

DIMS = {"S": 8, "E": 8, "P": 4, "H": 2}
NAME = "mhsa-S8-E8-P4-H2"
BOARDS = ("stm32f427", "stm32h743")

HOSTILE = '<script>window.hacked=1</script>"\'><img src=x onerror="window.hacked=1">&{{7*7}}/../x'
LONG = "Long" * 200


def site(
    results: Path,
    output: Path,
    *,
    budgets: Mapping[tuple[str, str], Budget] | None = None,
    history: Path = Path("nowhere"),
    asv: Path | None = None,
    commits: str = "",
) -> Written:
    """Write a site; what is not given is not there."""
    return write_site(
        results,
        output,
        budgets=budgets or {},
        history=history,
        asv_packages=None,
        asv=asv,
        repository=Path(__file__).parent,
        commits=commits,
    )


def renamed(results: Path, target: Path, name: str, folder: str) -> None:
    """Copy every job with `name` for its model, board, layers, kernels, buffers and options."""
    for index, source in enumerate(sorted(path for path in results.iterdir() if path.is_dir())):
        copy = target / f"{folder}-{index}"
        shutil.copytree(source, copy)
        record, evidence = _read(copy / "record.json"), _read(copy / "evidence.json")
        record["model"]["name"] = name
        record["board"] = f"{name} {index}"
        record["toolchain"]["flags"] = [name]
        record["host"]["system"] = name
        for layer in record["layers"]:
            layer |= {"name": name, "op": name, "kernel": name}
        evidence["job"] |= {"model": name, "options": [name]}
        evidence["layers"] = [name] * len(evidence["layers"])
        for block in evidence["blocks"]:
            block["function"] = name
        for buffer in evidence["buffers"]:
            buffer["name"] = name
        _write(copy / "record.json", record)
        _write(copy / "evidence.json", evidence)


def split_by_cause(results: Path, target: Path) -> None:
    """Copy the first job as one of two cores whose layers all take 100 cycles of four causes."""
    shutil.copytree(sorted(path for path in results.iterdir() if path.is_dir())[0], target / "job")
    record = _read(target / "job" / "record.json")
    parts = {"compute": 120, "hazards": 0, "branches": 0, "latency": 0, "icache": 30, "dma": 10}
    split = {"cores": 2, **parts, "barrier": 42, "other": -2}
    record["layers"] = [{**layer, "split": split} for layer in record["layers"]]
    _write(target / "job" / "record.json", record)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, raw: Any) -> None:
    path.write_text(json.dumps(raw), encoding="utf-8")
