"""Tinyrig: continuous benchmark and regression rig for transformers on microcontrollers.

`run`, `plan`, `generate`, `quantize` and `check` take a PyTorch or ONNX model, `load_results` reads
what was kept; docs/python.md tells how. What fails raises a TinyrigError. `import tinyrig` alone
imports neither torch nor onnx.

`tinyrig.generator`, `tinyrig.suite`, `tinyrig.kernels` and `tinyrig.platforms` are the folders of
these names in a clone, linked here, so that one package is installed and imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tinyrig.generator.errors import (
    BrokenRunError,
    BuildError,
    ConnectionLostError,
    FaultError,
    FirmwareTimeoutError,
    FitError,
    InputError,
    InternalError,
    MissingToolError,
    ProtocolError,
    TinyrigError,
    UnsupportedError,
    WrongOutputError,
)

if TYPE_CHECKING:
    from tinyrig.api import check, generate, load_results, plan, quantize, run
    from tinyrig.results import Check, GeneratedProject, MemoryPlan, Run

    __version__: str

__all__ = [
    "BrokenRunError",
    "BuildError",
    "Check",
    "ConnectionLostError",
    "FaultError",
    "FirmwareTimeoutError",
    "FitError",
    "GeneratedProject",
    "InputError",
    "InternalError",
    "MemoryPlan",
    "MissingToolError",
    "ProtocolError",
    "Run",
    "TinyrigError",
    "UnsupportedError",
    "WrongOutputError",
    "__version__",
    "check",
    "generate",
    "load_results",
    "plan",
    "quantize",
    "run",
]

_FUNCTIONS = ("check", "generate", "load_results", "plan", "quantize", "run")
_LAZY = dict.fromkeys(_FUNCTIONS, "tinyrig.api") | (
    dict.fromkeys(("Check", "GeneratedProject", "MemoryPlan", "Run"), "tinyrig.results")
)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("tinyrig")
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'tinyrig' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
