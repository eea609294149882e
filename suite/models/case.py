"""A model ready to run: its integer graph, its inputs and what its answers are measured by."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import MODEL_SUFFIXES
from tinyrig.generator.frontends.check import check_model, is_quantized
from tinyrig.generator.frontends.dialect.standard import is_dialect, standardised
from tinyrig.generator.frontends.extents import NONE, Extents, with_extents
from tinyrig.generator.frontends.fitted import require_use
from tinyrig.generator.frontends.loader import graph_from_model, read_model
from tinyrig.generator.frontends.names import sanitise
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.suite.models.dialect import Unsaid, ranges_of
from tinyrig.suite.models.rewriting.rewrites import Rewrites, rewrites_of
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.models.zoo import ZooModel, load_zoo
from tinyrig.suite.reference.boundary import own_values

Oracle = Literal["float", "onnxruntime", "integer"]
_SAID = Unsaid()


@dataclass(frozen=True, eq=False)
class Case:
    """One model as the rig uses it.

    `oracle` says what `oracle_model` (ONNX bytes) is: the float model, or, when only a
    quantized graph was given, that graph; "integer" for one of the integer dialect, evaluated in
    whole numbers. `input_names` and `output_names` are the model's own, in the order of
    `graph.inputs` and `graph.outputs`. `calibration` is what a float ONNX file was quantized with,
    by `method`. `notes` tell, a line each, what was taken for granted of the file.
    """

    name: str
    graph: Graph
    parameters: int
    oracle: Oracle
    oracle_model: bytes = field(repr=False)
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    zoo: ZooModel | None = None
    calibration: Sequence[Sample] | None = field(default=None, repr=False)
    method: str = "minmax"
    notes: tuple[str, ...] = ()

    def samples(self, count: int, seed: int = 0) -> list[Sample]:
        """Return seeded inputs by the graph's input names.

        A zoo model draws from its own signals, a calibrated one from what it was calibrated on,
        in a drawn order that begins again when all were: on noise, values leave the ranges that
        were seen. Any other model gets values spread over the range its input quantization can
        express, as float32 or as the model's own codes.
        """
        if self.zoo is not None:
            drawn = self.zoo.samples(count, seed)
            return [dict(zip(self.graph.inputs, s.values(), strict=True)) for s in drawn]
        rng = np.random.default_rng(seed)
        if self.calibration:
            order = rng.permutation(len(self.calibration))
            return [self._seen(self.calibration[order[i % len(order)]]) for i in range(count)]
        return [self._uniform(rng) for _ in range(count)]

    def allows(self, options: Options) -> bool:
        """Whether the model can be rewritten as the options demand: a float model always can."""
        quantized = self.zoo is None and self.calibration is None
        return not quantized or rewrites_of(options) in (Rewrites(), Rewrites("auto"))

    def rewritten(self, options: Options) -> Case:
        """Return the case of the float model rewritten as the options ask; itself if they do not.

        InputError when a rewrite must be done and there is only a quantized graph.
        """
        rewrites = rewrites_of(options)
        if not rewrites.key:
            return self
        if self.zoo is not None:
            return replace(self, graph=_zoo_graph(self.zoo, rewrites, self.method))
        if self.calibration is not None:
            return replace(self, graph=_requantized(self, rewrites))
        if self.allows(options):
            return self
        raise InputError(
            f"{self.name!r} is quantized already, and {rewrites.key} rewrites a float model: give "
            "the float ONNX file with --calibration."
        )

    def _seen(self, feed: Sample) -> Sample:
        """Return a calibration input by the graph's names, its batch axis written out."""
        return {
            name: np.asarray(feed[own], np.float32).reshape(self.graph.tensors[name].shape)
            for own, name in zip(self.input_names, self.graph.inputs, strict=True)
        }

    def _uniform(self, rng: np.random.Generator) -> Sample:
        sample: Sample = {}
        for name in self.graph.inputs:
            tensor = self.graph.tensors[name]
            codes = rng.integers(-128, 128, size=tensor.shape)
            if name in self.graph.coded:
                coded = self.graph.coded[name]
                sample[name] = own_values(codes.astype(np.int8), tensor.affine, coded)
            else:
                real = (codes - tensor.affine.zero_point) * tensor.affine.scale
                sample[name] = real.astype(np.float32)
        return sample


def resolve(
    spec: str,
    dims: Mapping[str, int],
    calibration: Sequence[Sample] | None = None,
    extents: Extents = NONE,
    unsaid: Unsaid = _SAID,
    choice: str = "minmax",
) -> Case:
    """Return the case of a zoo name or of a path to an ONNX file.

    `dims` are S, E, P, H of the free blocks; `calibration` quantizes a float ONNX file by the
    method `choice`, `extents` fix its open axes, and `unsaid` is what a file of the integer
    dialect leaves open.
    Raises InputError for anything that cannot be used.
    """
    if spec.endswith(MODEL_SUFFIXES) or "/" in spec or Path(spec).exists():
        if dims:
            raise InputError(f"{', '.join(dims)} belong to the zoo's blocks, not to {spec!r}.")
        return _from_file(Path(spec), calibration, extents, unsaid, choice)
    if calibration is not None:
        raise InputError("Calibration data belongs to a float ONNX file; zoo models have theirs.")
    if extents != NONE:
        raise InputError("--dim and --shape belong to an ONNX file; zoo models have fixed shapes.")
    zoo = load_zoo(spec, **dims)
    method, notes = zoo.method_by(choice)
    return Case(
        zoo.name,
        _zoo_graph(zoo, Rewrites(), method),
        zoo.parameters,
        "float",
        zoo.float_bytes(),
        tuple(zoo.input_shapes),
        zoo.output_names,
        zoo,
        method=method,
        notes=notes,
    )


@functools.lru_cache(maxsize=4)
def _zoo_graph(zoo: ZooModel, rewrites: Rewrites, method: str) -> Graph:
    quantized = onnx.load_model_from_string(zoo.qdq_bytes(rewrites, method))
    return graph_from_model(quantized, zoo.name)


@functools.lru_cache(maxsize=4)
def _requantized(case: Case, rewrites: Rewrites) -> Graph:
    """Return the graph of a calibrated float file, rewritten; the case's own if nothing changes."""
    from tinyrig.suite.models.quantize import quantize_static

    given = onnx.load_model_from_string(case.oracle_model)
    model = rewrites.apply(given)
    if model is given or case.calibration is None:
        return case.graph
    return graph_from_model(quantize_static(model, case.calibration, case.method), case.name)


def _from_file(
    path: Path,
    calibration: Sequence[Sample] | None,
    extents: Extents,
    unsaid: Unsaid,
    choice: str,
) -> Case:
    model = read_model(path, checked=False)
    return case_of(model, path.stem, calibration, extents, unsaid, choice)


def case_of(
    given: onnx.ModelProto,
    name: str,
    calibration: Sequence[Sample] | None = None,
    extents: Extents = NONE,
    unsaid: Unsaid = _SAID,
    choice: str = "minmax",
) -> Case:
    """Return the case of an ONNX model called `name`, as `resolve` does that of a file.

    Raises InputError for anything that cannot be used.
    """
    model, notes = with_extents(check_model(standardised(given, unsaid.division)), extents)
    if is_dialect(model):
        seen = ranges_of(model, calibration, unsaid)
        graph = graph_from_model(model, sanitise(name, "model"), seen)
        return _case(model, graph, "integer", model.SerializeToString(), notes)
    quantized = is_quantized(model)
    oracle: Oracle = "onnxruntime"
    oracle_model = model.SerializeToString()
    own = sanitise(name, "model")
    seen = {}
    method = "minmax"
    if calibration is not None:
        from tinyrig.suite.models.methods import quantize_by
        from tinyrig.suite.models.quantize import observe_quantized

        if quantized:
            seen = observe_quantized(model, calibration)
        else:
            made = quantize_by(model, calibration, choice)
            model, method, notes = made.model, made.method, (*notes, *made.notes)
            oracle = "float"
    graph = graph_from_model(model, own, seen)
    require_use(name, seen, graph.notes)
    found = _case(model, graph, oracle, oracle_model, notes)
    return replace(found, calibration=None if quantized else calibration, method=method)


def _case(
    model: onnx.ModelProto, graph: Graph, oracle: Oracle, oracle_model: bytes, notes: Sequence[str]
) -> Case:
    constants = {initialiser.name for initialiser in model.graph.initializer}
    return Case(
        graph.name,
        graph,
        graph.parameters,
        oracle,
        oracle_model,
        tuple(entry.name for entry in model.graph.input if entry.name not in constants),
        tuple(entry.name for entry in model.graph.output),
        notes=(*notes, *graph.notes),
    )


def graph_digest(case: Case) -> str:
    """Return the SHA-256 of the quantized graph a case was read from."""
    return case.graph.source_sha256 or hashlib.sha256(case.oracle_model).hexdigest()
