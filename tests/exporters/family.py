"""What the script works through: families of graphs, each by one exporter."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx
from numpy.typing import NDArray

from tinyrig.generator.options import ALL, Options

Feed = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Made:
    """An exported model and inputs of it: what is float is calibrated on all, compared on one.

    `options` are what it is planned with.
    """

    model: onnx.ModelProto
    feeds: tuple[Feed, ...]
    options: Options = ALL


FEWEST_BYTES = replace(ALL, optimize="flash")
"""By which weights of four bits lie two a byte."""


@dataclass(frozen=True)
class Family:
    """An exporter: the modules it needs, the line that installs them, and its graphs by name."""

    name: str
    modules: tuple[str, ...]
    install: str
    graphs: Mapping[str, Callable[[], Made]]

    def missing(self) -> str:
        """Return the first module that is not installed, '' when all are."""
        found = (name for name in self.modules if importlib.util.find_spec(name) is None)
        return next(found, "")
