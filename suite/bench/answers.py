"""What an identical firmware already answered: it is not booted, and not proven, again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from tinyrig.generator.assets import roots
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.bench.code import code_key
from tinyrig.suite.cycles.tables import timing_files
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.models.case import Case, graph_digest
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.measuring import Measurement

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (
    _PACKAGE / "backends",
    _PACKAGE / "cycles",
    _PACKAGE / "reference",
    _PACKAGE.parent / "generator" / "graph",
)
_FILES = (
    *(f"rig/{name}.py" for name in ("measuring", "verdict", "oracle", "accuracy", "fall")),
    "toolchain/image.py",
)
_CODE = frozenset((".py", ".c", ".h"))
_TOOLS = ("torch", "numpy", "onnxruntime", "capstone")
_MEASUREMENT = TypeAdapter(Measurement)
_ANSWERS = Store("answers", ".json")


def answer_key(case: Case, firmware: Firmware, backend: Backend, sample: Sample) -> str:
    """Return the key of what a firmware answers to a sample.

    It covers both ELFs, the sample, the board's description, the backend, the graph and the
    oracle the answers are judged by, and the code that measures and judges.
    """
    board = firmware.plan.board
    arrays = [part for name, array in sample.items() for part in (name, array.tobytes())]
    return content_key(
        (
            "answer",
            firmware.clean.sha256,
            firmware.checked.sha256,
            board.full_name,
            repr(board),
            backend.name,
            backend.version,
            *_parts(firmware.plan.graph),
            case.oracle,
            case.oracle_model,
            graph_digest(case),
            _measuring_code(roots()),
            *arrays,
        )
    )


def load_answer(key: str) -> Measurement | None:
    """Return what was measured under a key; None when it never was, or the file is damaged."""
    raw = _ANSWERS.load(key)
    try:
        return None if raw is None else _MEASUREMENT.validate_json(raw)
    except ValidationError:
        _ANSWERS.drop(key, "holds no answer")
        return None


def save_answer(key: str, measurement: Measurement) -> None:
    """Keep a measurement, unless a real board made it: that one differs every time."""
    if all(cycles.source != "measured" for cycles in measurement.cycles):
        _ANSWERS.save(key, _MEASUREMENT.dump_json(measurement))


@cache
def _measuring_code(_roots: tuple[Path, ...]) -> str:
    paths = [path for folder in _FOLDERS for path in folder.rglob("*") if path.suffix in _CODE]
    paths += [_PACKAGE / name for name in _FILES]
    paths.append(_PACKAGE.parent / "generator" / "planning" / "operating_point.py")
    tools = [f"{name}=={version(name)}" for name in _TOOLS]
    return code_key(
        paths, _PACKAGE.parent, (*tools, *(path.read_text("utf-8") for path in timing_files()))
    )


def _parts(value: Any) -> list[str | bytes]:
    """Return a graph, or a value inside it, as the parts of a key."""
    if isinstance(value, np.ndarray):
        return [value.dtype.str, str(value.shape), np.ascontiguousarray(value).tobytes()]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        inner = [part for name in names for part in (name, *_parts(getattr(value, name)))]
        return [type(value).__name__, str(len(inner)), *inner]
    if isinstance(value, Mapping):
        inner = [part for key, item in value.items() for part in (str(key), *_parts(item))]
        return ["mapping", str(len(inner)), *inner]
    if isinstance(value, tuple | list):
        inner = [part for item in value for part in _parts(item)]
        return ["sequence", str(len(inner)), *inner]
    if value is None or isinstance(value, str | int | float | Enum | np.generic):
        return [type(value).__name__, repr(value)]
    raise TypeError(f"a graph holds a {type(value).__name__}, which has no key")
