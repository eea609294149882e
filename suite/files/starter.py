"""The tinyrig.toml that `tinyrig init` writes: the models it found, and comments."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tinyrig.generator.files import MODEL_SUFFIXES

_SKIPPED = frozenset((".git", ".venv", "venv", "node_modules", "build", "results"))
_MOST = 100
_HEAD = """\
# What `tinyrig` takes in this repository when its command line does not say otherwise: the command
# line wins. docs/project.md of Tinyrig tells every key.

# `tinyrig bench` and `tinyrig gate` run every model on every board. A board is a name of
# `tinyrig boards`, or a folder here that holds a board.toml, written with a /.
boards = ["stm32f746"]

# toolchain = "zig"          # or "gcc"
# backend = "embedded"       # or "qemu", "renode", "pyocd", or a name of [backends]
# options = ["attention=layerwise"]   # words of --opt
# path = ["rig"]             # folders with your own platforms/ and kernels/
"""
_NONE = """
# No ONNX file was found here.
# [[model]]
# name = "mine"
# file = "mine.onnx"
"""
_TAIL = """
# Ceilings of a model on a board, in bytes and instructions, and per cent a figure may grow.
# [budgets.MODEL.stm32f746]
# peak_ram = 65536
# flash = 262144
# instructions = 1000000
#
# [tolerances.default]
# instructions = 1.0
#
# [backends]
# mine = "my_package.my_backend"        # a module with CAPABILITIES and load
"""


def starter(folder: Path) -> str:
    """Return the text of a project file for the ONNX and TFLite files below a folder."""
    files = find_models(folder)
    taken: set[str] = set()
    entries = "".join(_entry(path, folder, taken) for path in files)
    return _HEAD + (entries or _NONE) + _TAIL


def find_models(folder: Path) -> Sequence[Path]:
    """Return the ONNX and TFLite files below a folder, sorted, the first hundred."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        found += [Path(place) / name for name in sorted(files) if name.endswith(MODEL_SUFFIXES)]
    return found[:_MOST]


def _entry(path: Path, folder: Path, taken: set[str]) -> str:
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-") or "model"
    number = next(n for n in range(len(taken) + 1) if _numbered(base, n) not in taken)
    name = _numbered(base, number)
    taken.add(name)
    file = json.dumps(path.relative_to(folder).as_posix())
    return (
        f"\n[[model]]\nname = {json.dumps(name)}\nfile = {file}\n"
        '# calibration = "calibration.npz"   # for a float model: arrays by input name\n'
        '# data = "data.npz"                 # what `tinyrig run` feeds it\n'
        '# dim = ["batch=1"]                 # extents of its open axes\n'
    )


def _numbered(base: str, number: int) -> str:
    return f"{base}-{number + 1}" if number else base
