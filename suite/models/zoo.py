"""The zoo: the papers' networks and blocks, with seeded weights, inputs and their sources.

Importing this module needs no torch; a model's `module` imports it on first use, and `qdq_bytes`
only when the quantized graph is not in the cache yet.
"""

from __future__ import annotations

import difflib
import importlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.cache import cached
from tinyrig.suite.models.entries import ENTRIES, Entry
from tinyrig.suite.models.signals import FloatArray, Sample

if TYPE_CHECKING:
    import onnx
    from torch import nn

    from tinyrig.suite.models.rewriting.rewrites import Rewrites

_CALIBRATION_SEED = 1
_HEAD_SEED = 2


@dataclass(frozen=True)
class ZooModel:
    """One model with static shapes, batch 1. `name` holds the dimensions of a free block."""

    name: str
    family: str
    source: str
    entry: Entry = field(repr=False)

    @property
    def input_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the float32 inputs by name, in the graph's order."""
        return dict(self.entry.inputs)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the outputs in the graph's order."""
        return (self.entry.output,)

    @cached_property
    def module(self) -> nn.Module:
        """The float network in eval mode; the same weights on every load."""
        build = importlib.import_module("tinyrig.suite.models.build")
        samples, labels = self.labelled(self.entry.head_samples, _HEAD_SEED)
        return cast("nn.Module", build.build_module(self.entry, samples, labels))

    def labelled(self, n: int, seed: int) -> tuple[list[Sample], NDArray[np.int64]]:
        """Return `n` samples, classes in turn, and their labels (all 0 without classes)."""
        return self.entry.dataset(n, seed)

    def samples(self, n: int, seed: int = 0) -> list[Sample]:
        """Return `n` seeded inputs, each a dict of float32 arrays by input name."""
        return self.labelled(n, seed)[0]

    def calibration(self, n: int | None = None) -> list[Sample]:
        """Return the inputs that quantization observes, never those of `samples(n, 0)`.

        Without `n`, as many as the model is quantized with.
        """
        return self.samples(n or self.entry.calibration_samples, _CALIBRATION_SEED)

    def heldout(self) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return held-out inputs [n, ...] and their labels; InputError without such data."""
        if self.entry.heldout is None:
            raise InputError(f"{self.name} has seeded weights, so it has no held-out data.")
        return self.entry.heldout()

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return self._summary["macs"]

    @property
    def parameters(self) -> int:
        """Float parameters of the network."""
        return self._summary["parameters"]

    @cached_property
    def _summary(self) -> dict[str, int]:
        def make() -> bytes:
            macs = importlib.import_module("tinyrig.suite.models.macs")
            model = self.float_model()
            counts = {"macs": macs.count_macs(model), "parameters": macs.count_parameters(model)}
            return json.dumps(counts).encode()

        return cast("dict[str, int]", json.loads(cached("summary", self.name, make)))

    def float_bytes(self) -> bytes:
        """Return the float ONNX file."""

        def make() -> bytes:
            export = importlib.import_module("tinyrig.suite.models.export")
            model = export.export_onnx(self.module, self.input_shapes, self.output_names, self.name)
            return cast("bytes", model.SerializeToString(deterministic=True))

        return cached("float", self.name, make)

    def float_model(self) -> onnx.ModelProto:
        """Return the float ONNX graph."""
        import onnx

        return onnx.load_model_from_string(self.float_bytes())

    def method_by(self, choice: str) -> tuple[str, tuple[str, ...]]:
        """Return the word of the recipe of a choice, and a line on what others gave."""
        if "+" not in choice and choice != "best":
            return choice, ()

        def make() -> bytes:
            methods = importlib.import_module("tinyrig.suite.models.methods")
            found = methods.quantize_by(self.float_model(), self.calibration(), choice)
            return json.dumps([found.method, *found.notes]).encode()

        method, *notes = json.loads(cached("method", f"{self.name} {choice}", make))
        return method, tuple(notes)

    def qdq_bytes(self, rewrites: Rewrites | None = None, method: str = "minmax") -> bytes:
        """Return the quantized QDQ ONNX file, of the rewritten float model where asked for."""

        def make() -> bytes:
            given = self.float_model()
            model = given if rewrites is None else rewrites.apply(given)
            if words and model is given:
                return self.qdq_bytes(method=method)
            quantize = importlib.import_module("tinyrig.suite.models.quantize")
            model = quantize.quantize_static(model, self.calibration(), method)
            return cast("bytes", model.SerializeToString(deterministic=True))

        words = rewrites.key if rewrites is not None else ""
        parts = [self.name, words, "" if method == "minmax" else method]
        return cached("qdq", "+".join(filter(None, parts)), make)


def zoo_names(*, heavy: bool = True) -> tuple[str, ...]:
    """Return the names `load_zoo` knows; without the heavy ones, what a quick matrix runs."""
    return tuple(name for name, make in ENTRIES.items() if heavy or not make({}).heavy)


def load_zoo(name: str, **dims: int) -> ZooModel:
    """Return a model by name; the blocks `mhsa` and `encoder` take S, E, P and H.

    Raises InputError for an unknown name, a dimension the model does not take, or a bad value.
    """
    if name not in ENTRIES:
        near = difflib.get_close_matches(name.lower(), ENTRIES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(
            f"There is no zoo model named {name!r}.{hint} The zoo has: {', '.join(ENTRIES)}."
        )
    entry = ENTRIES[name](dims)
    full_name = f"{name}-{entry.dims}" if entry.free else name
    return ZooModel(name=full_name, family=name, source=entry.source, entry=entry)


def qdq_bytes(name: str, **dims: int) -> bytes:
    """Return the quantized QDQ ONNX file of a zoo model; imports torch only on a cache miss."""
    return load_zoo(name, **dims).qdq_bytes()
