"""Run, plan, generate, quantize and check a model from Python, as the command line does.

A model is an `nn.Module` (with `example`), an `ExportedProgram`, an ONNX `ModelProto`, the path of
an ONNX file, or the name of a model of the zoo. An example is the model's inputs: one array or
tensor, a tuple of them in the inputs' order, or a mapping by name, each with its batch axis. A
float model is quantized on `calibration`, a sequence of examples; without it on `example` alone;
`calibration_method` is minmax, percentile, entropy or mse, each with +equalize, +bias or both, or
best by measured SQNR.
Everything raises the exceptions of `tinyrig`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.extents import Extents, with_extents
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.inputs import calibration_of, case, named_model, sample_of
from tinyrig.results import Check, GeneratedProject, MemoryPlan, Run
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.bench import frames
from tinyrig.suite.models.arrays import as_given
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.methods import quantize_by
from tinyrig.suite.models.recipe import choice_of
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.models.survey import survey
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.product import product
from tinyrig.suite.rig.project_folder import check_project_folder, write_product
from tinyrig.suite.rig.proof import prove
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

if TYPE_CHECKING:
    import pandas as pd

    from tinyrig.inputs import Example, Model

DEFAULT_BOARD = "stm32f746"
DEFAULT_TOOLCHAIN = "zig"


def run(
    model: Model,
    *,
    board: str = DEFAULT_BOARD,
    example: Example | None = None,
    inputs: Sequence[Example] | None = None,
    calibration: Sequence[Example] | None = None,
    calibration_method: str = "minmax",
    backend: str | None = None,
    toolchain: str = DEFAULT_TOOLCHAIN,
    opt: Sequence[str] = (),
    no_opt: Sequence[str] = (),
    dims: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, float] | None = None,
) -> Run:
    """Build, boot and prove a model's firmware, and count.

    It is fed with `inputs`, else with `example`, else with one seeded input. `opt` and `no_opt`
    are the words of `--opt` and `--no-opt`; `dims` and `shapes` fix open axes of an ONNX model,
    `constants` inputs whose elements are always one number.
    A firmware whose bytes differ from the reference is no exception: `matches` tells it.

    >>> import numpy as np, tinyrig
    >>> found = tinyrig.run("tinyvit-digits", board="stm32f746")
    >>> found.matches, found.peak_ram < 320 * 1024
    (True, True)
    >>> sorted(found.outputs[0])
    ['logits']
    """
    target = load_board(board)
    machine = load_backend(backend or default_backend(target))
    tools = load_toolchain(toolchain, target.compiler)
    options = RunOptions(parse_options(opt, no_opt))
    given = case(model, example, calibration, _extents(dims, shapes, constants), calibration_method)
    samples = _samples(given, example, inputs)
    outcome = run_case(given, target, machine, tools, samples, options, _silent)
    names = dict(zip(given.graph.outputs, given.output_names, strict=True))
    outputs = tuple({names[key]: data for key, data in one.items()} for one in outcome.outputs)
    return Run(outcome.record, outputs, map_arena(outcome.plan, outcome.plan.clean))


def plan(
    model: Model,
    *,
    board: str = DEFAULT_BOARD,
    example: Example | None = None,
    calibration: Sequence[Example] | None = None,
    calibration_method: str = "minmax",
    opt: Sequence[str] = (),
    no_opt: Sequence[str] = (),
    dims: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, float] | None = None,
) -> MemoryPlan:
    """Choose kernels and addresses for a model on a board; nothing is built.

    Raises FitError when it does not fit.

    >>> import tinyrig
    >>> found = tinyrig.plan("tinyvit-digits", board="stm32f427")
    >>> found.arena >= found.memory.lower_bound > 0
    True
    """
    options = parse_options(opt, no_opt)
    extents = _extents(dims, shapes, constants)
    given = case(model, example, calibration, extents, calibration_method).rewritten(options)
    sample = sample_bytes(given.graph, given.samples(1)[0])
    made, _ = plan_project(given.graph, load_board(board), sample, options=options)
    return MemoryPlan(given.name, board, map_arena(made, made.clean), made)


def generate(
    model: Model,
    folder: str | PathLike[str],
    *,
    board: str = DEFAULT_BOARD,
    example: Example | None = None,
    calibration: Sequence[Example] | None = None,
    calibration_method: str = "minmax",
    toolchain: str = DEFAULT_TOOLCHAIN,
    opt: Sequence[str] = (),
    no_opt: Sequence[str] = (),
    dims: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, float] | None = None,
    proven: bool = True,
    form: str = "project",
    name: str | None = None,
) -> GeneratedProject:
    """Write a C project that builds with CMake into a folder, or a library for an application.

    `form` is "project", "library" or "single"; a library's symbols begin with `name`, by default
    the model's. Its firmware, or one around the library, is booted against the reference first
    unless `proven` is False; where a byte differs, WrongOutputError is raised and nothing is
    written.

    >>> import tempfile, tinyrig
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = tinyrig.generate("tinyvit-digits", f"{place}/project", proven=False)
    ...     (made.folder / "CMakeLists.txt").exists()
    True
    """
    output, target = Path(fspath(folder)), load_board(board)
    tools = load_toolchain(toolchain, target.compiler) if proven else None
    check_project_folder(output)
    options = parse_options(opt, no_opt)
    extents = _extents(dims, shapes, constants)
    given = case(model, example, calibration, extents, calibration_method).rewritten(options)
    (sample,) = given.samples(1)
    raw = sample_bytes(given.graph, sample)
    made, project = plan_project(given.graph, target, raw, options=options)
    whole = product(made, project, raw, form, name)
    proof = None if tools is None else prove(made, whole.firmware, tools, sample, _silent)
    write_product(whole, output)
    return GeneratedProject(output, len(whole.files), 0 if proof is None else proof.elements)


def quantize(
    model: Model,
    *,
    example: Example | None = None,
    calibration: Sequence[Example] | None = None,
    calibration_method: str = "minmax",
    dims: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, float] | None = None,
) -> onnx.ModelProto:
    """Return a float model in QDQ form: int8 activations, int8 weights per output channel.

    Raises InputError for a model that is quantized already, or without anything to calibrate on.

    >>> import torch, tinyrig
    >>> net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
    >>> made = tinyrig.quantize(net, example=torch.ones(1, 4))
    >>> "QuantizeLinear" in {node.op_type for node in made.graph.node}
    True
    """
    found, _ = named_model(model, example)
    fixed, _ = with_extents(found, _extents(dims, shapes, constants))
    samples = calibration_of(fixed, example, calibration) or []
    return quantize_by(fixed, samples, choice_of(calibration_method)).model


def check(
    model: Model,
    *,
    example: Example | None = None,
    calibration: Sequence[Example] | None = None,
    calibration_method: str = "minmax",
    dims: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, float] | None = None,
) -> Check:
    """Tell all that stands in the way of a model at once, and what is folded; nothing is built.

    >>> import torch, tinyrig
    >>> tinyrig.check(torch.nn.Linear(4, 3), example=torch.ones(1, 4)).runs
    True
    """
    found, name = named_model(model, example)
    extents, choice = _extents(dims, shapes, constants), choice_of(calibration_method)
    samples = calibration_of(found, example, calibration, extents.constants)
    return Check(survey(found, name, samples, extents, choice))


def load_results(*places: str | PathLike[str]) -> pd.DataFrame:
    """Return a frame with one row a record: of results folders, or of single record files.

    Raises InputError for a place that holds no usable record.

    >>> import tempfile, torch, tinyrig
    >>> from pathlib import Path
    >>> found = tinyrig.run(torch.nn.Linear(4, 3), example=torch.ones(1, 4))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     found.record.save(Path(place) / "record.json")
    ...     frame = tinyrig.load_results(Path(place) / "record.json")
    >>> frame[["board", "verdict"]].values.tolist()
    [['stm32f746', 'match']]
    """
    return frames.load_results(*(Path(fspath(place)) for place in places))


def _extents(
    dims: Mapping[str, int] | None,
    shapes: Mapping[str, Sequence[int]] | None,
    constants: Mapping[str, float] | None,
) -> Extents:
    wrong = [n for n in (dims or {}).values() if n < 1]
    wrong += [n for shape in (shapes or {}).values() for n in shape if n < 1]
    if wrong:
        raise InputError(f"The extent {wrong[0]} is not 1 or more.")
    whole = {name: tuple(s) for name, s in (shapes or {}).items()}
    return Extents(dict(dims or {}), whole, dict(constants or {}))


def _samples(
    given: Case, example: Example | None, inputs: Sequence[Example] | None
) -> list[Sample]:
    """Return what is run, by the graph's own input names. Raises InputError for other arrays."""
    chosen = list(inputs) if inputs is not None else [] if example is None else [example]
    if not chosen:
        if inputs is not None:
            raise InputError("`inputs` holds no example.")
        return given.samples(1)
    return [_by_safe_name(given, sample_of(one, given.input_names)) for one in chosen]


def _by_safe_name(given: Case, sample: Sample) -> Sample:
    graph = given.graph
    found: Sample = {}
    for own, name in zip(given.input_names, graph.inputs, strict=True):
        shape, array = graph.tensors[name].shape, sample[own]
        if array.shape != shape:
            raise InputError(f"Input {own!r} has shape {shape}; {array.shape} was given.")
        found[name] = as_given(f"The array given for {own!r}", array, graph, name)
    return found


def _silent(_: str) -> None:
    """Show no progress."""
