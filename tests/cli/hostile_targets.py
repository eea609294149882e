"""The JSON and TOML the rig reads, each with the commands that read it, for files to be mutated."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.tiny import TINY, measured
from cli.command import Said, tinyrig

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import parse_board
from tinyrig.suite.bench.log import save_log
from tinyrig.suite.bench.outcome import Ended

COUNT = int(os.environ.get("TINYRIG_ATTACKS", "0"))
"""How often each test attacks; 0 is each test's own, small number."""
RIGHT_CODES = (0, 1, 2, 3, 4)
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Target:
    """A file of a good kind, and what reads it once it is mutated."""

    name: str
    path: Path
    read: Callable[[Path], Said]


def targets(folder: Path) -> list[Target]:
    """Make one good file of every kind, and return what reads each."""
    results = folder / "results"
    saved = measured().save(results)
    save_log(results, [Ended(TINY, 0, "", booted=True, seconds=1.0)])
    record = folder / "record.json"
    shutil.copy(saved.path / "record.json", record)
    layer = measured().record.layers[0].name
    capsule = folder / "capsule"
    said = tinyrig("capsule", saved.path, "--layer", layer, "-o", capsule)
    assert said.code == 0, said.err
    other = folder / "other"
    shutil.copytree(results, other)
    gate = folder / "gate.json"
    said = tinyrig("gate", "--base", other, "--head", results, "--format", "json", "-o", gate)
    assert said.code == 0, said.err

    def compare(path: Path) -> Said:
        return tinyrig("compare", record, path)

    def gated(_: Path) -> Said:
        return tinyrig("gate", "--base", other, "--head", results)

    def resealed(path: Path) -> Said:
        document = json.loads((capsule / "capsule.json").read_text())
        document["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        (capsule / "capsule.json").write_text(json.dumps(document))
        return tinyrig("replay", capsule, "--as-built")

    return [
        Target("a record compared", shutil.copy(record, folder / "b.json"), compare),
        Target("a record for a capsule", saved.path / "record.json", _capsule),
        Target("a record in results", other / saved.name / "record.json", gated),
        Target("evidence", other / saved.name / "evidence.json", gated),
        Target("a bench log", other / "bench.json", gated),
        Target("a capsule", capsule / "capsule.json", lambda _: tinyrig("replay", capsule)),
        Target("a capsule's graph", capsule / "graph.json", resealed),
    ]


def _capsule(path: Path) -> Said:
    output = path.parent.parent.parent / "made"
    shutil.rmtree(output, ignore_errors=True)
    return tinyrig("capsule", path.parent, "--layer", "block.q.Gemm", "-o", output)


def board_text() -> str:
    """A good board's description."""
    return (_ROOT / "platforms" / "stm32f746" / "board.toml").read_text(encoding="utf-8")


def parse(text: str) -> bool:
    """Whether a board's description is taken; any error but InputError is a defect."""
    try:
        parse_board(text, "board.toml")
    except InputError as error:
        assert "\n" not in str(error).strip()
        return False
    return True


def check(said: Said, started: float, what: str) -> None:
    """No traceback, one paragraph, a right exit code, in time."""
    assert said.code in RIGHT_CODES, f"{what}: {said.code}\n{said.err}"
    assert "Traceback" not in said.err + said.out, what
    assert "Internal error" not in said.err, f"{what}: {said.err}"
    if said.code >= 2:
        assert said.err.startswith("tinyrig: ") and len(said.err) < 4000, f"{what}: {said.err}"
    assert time.monotonic() - started < 60, what
