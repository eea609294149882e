"""From one layer of a run to the files of its capsule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinyrig.generator.emit.cmake import with_cmake
from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.names import sanitise
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.firmware import firmware_of_plan
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.verdict import quantized_inputs
from tinyrig.suite.studies.capsule.capsule import MARK, data_files, digests
from tinyrig.suite.studies.capsule.document import CapturedLayer, Compiler, Document
from tinyrig.suite.studies.capsule.origin import Origin
from tinyrig.suite.studies.capsule.owner import owner
from tinyrig.suite.studies.capsule.readme import readme
from tinyrig.suite.studies.capsule.subgraph import cut, surroundings
from tinyrig.suite.toolchain.toolchain import load_toolchain


@dataclass(frozen=True, eq=False)
class Taken:
    """A capsule's document, and all its files by path, the document's among them."""

    document: Document
    files: dict[str, bytes]


@dataclass(frozen=True)
class Wanted:
    """What to take: the layer's index or name in the record, fed from a seeded input's index.

    `stream` takes the whole stream a layer is executed in; `toolchain` builds it instead of the
    record's.
    """

    layer: str
    sample: int = 0
    stream: bool = False
    toolchain: str | None = None


def take_capsule(origin: Origin, wanted: Wanted, progress: Progress) -> Taken:
    """Cut a layer out of a run and build it.

    InputError when the record has no such layer, or this tinyrig plans other layers than it has.
    """
    from tinyrig.suite.reference.executor import run_reference

    record, board = origin.record, load_board(origin.record.board_name)
    tools = load_toolchain(wanted.toolchain or record.toolchain.name, board.compiler)
    captured = _captured(record, wanted.layer)
    progress("planning")
    whole = cheapest_plan(
        origin.case.graph, board, options=origin.options, ref_only=origin.ref_only
    )
    _check_layers(record, whole)
    part = part_plan(whole, captured.index, origin.ref_only, not wanted.stream)
    progress("computing the layer's inputs")
    codes = quantized_inputs(whole.graph, origin.case.samples(wanted.sample + 1)[wanted.sample])
    tensors = run_reference(whole.graph, codes, keep=True)
    inputs = {name: tensors[name] for name in part.graph.inputs}
    progress("compiling")
    raw = b"".join(array.tobytes() for array in inputs.values())
    built = firmware_of_plan(part, raw, tools)
    expected = run_reference(part.graph, inputs)
    files = data_files(part.graph, inputs, expected, built.clean.elf, built.checked.elf)
    document = Document(
        model=record.model.name,
        model_sha256=record.model.sha256,
        layer=captured,
        nodes=tuple(node.name for node in part.graph.nodes),
        covers=tuple(_covered(whole, part.graph)),
        kernels=tuple(dict.fromkeys(step.kernel.name for step in part.steps)),
        sample=wanted.sample,
        board=record.board_name,
        backend=record.backend.name,
        toolchain=Compiler(name=tools.name, version=tools.version),
        options=tuple(whole.options.words()),
        ways={site: way.word for site, way in whole.ways.items()},
        ref_only=origin.ref_only,
        files=digests(files),
    )
    sources = with_cmake(built.project, board).files
    files |= {f"project/{path}": text.encode() for path, text in sources.items()}
    files["README.md"] = readme(document, part.graph).encode()
    files[MARK] = (document.model_dump_json(by_alias=True, indent=2) + "\n").encode()
    return Taken(document, files)


def _captured(record: Record, layer: str) -> CapturedLayer:
    """Return the record's layer of an index or a name."""
    names = [entry.name for entry in record.layers]
    index = int(layer) if layer.isdecimal() else names.index(layer) if layer in names else -1
    if not 0 <= index < len(names):
        raise InputError(
            f"The record of {record.model.name!r} has no layer {layer!r}; it has 0 to "
            f"{len(names) - 1}: {', '.join(names)}."
        )
    found = record.layers[index]
    return CapturedLayer(index=index, name=found.name, op=found.op, kernel=found.kernel)


def _check_layers(record: Record, plan: Plan) -> None:
    mine = [(step.name, step.op, step.kernel.name) for step in plan.steps]
    if mine != [(layer.name, layer.op, layer.kernel) for layer in record.layers]:
        raise InputError(
            f"This tinyrig plans other layers or kernels for {record.model.name!r} than the record "
            "has: use the commit the record was made with."
        )


def part_plan(whole: Plan, index: int, ref_only: bool = False, alone: bool = True) -> Plan:
    """Return the plan of the least around layer `index` that runs the kernel the layer runs.

    Alone a layer may get another kernel than among its neighbours: inside a stream it works on
    parts, and behind a layout operator on a strided view. Unless `alone` is allowed, a layer of a
    stream comes with its stream. InputError for a layer that depends on no input.
    """
    graph, wanted = whole.graph, whole.steps[index]
    node = owner(graph, whole.schedule.steps[index])
    if node is None:
        raise InputError(f"Layer {wanted.name!r} only copies an input; there is nothing to replay.")
    name = sanitise(f"{index}.{wanted.name}", "layer")
    for members in surroundings(graph, node.name, whole.options, whole.ways, alone=alone):
        part = cut(graph, members, name)
        if part.inputs and part.outputs:
            plan = make_plan(
                part,
                whole.board,
                options=whole.options,
                ref_only=ref_only,
                ways=whole.ways,
                prefer=(wanted.kernel.name,),
            )
            if any(_alike(step, wanted) for step in plan.steps):
                return plan
    raise InputError(
        f"Layer {wanted.name!r} has no input or no output; there is nothing to replay."
    )


def _alike(one: PlannedStep, two: PlannedStep) -> bool:
    return (one.op, one.kernel) == (two.op, two.kernel)


def _covered(whole: Plan, part: Graph) -> Iterator[str]:
    """Yield the steps of the whole model that the nodes of a part are executed as."""
    nodes = {node.name for node in part.nodes}
    for step in whole.schedule.steps:
        node = owner(whole.graph, step)
        if node is not None and node.name in nodes:
            yield step.name
