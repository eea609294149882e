"""Each thing that can change is told as itself, by real builds that differ in it alone."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gate import slower
from gate.changed_rig import STATED_M4 as M4
from gate.changed_rig import STATED_M7 as M7
from gate.changed_rig import Kernels, base, measure, only_result, report

import tinyrig.suite.bench.measure as measuring
import tinyrig.suite.rig.firmware as building
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning import demand
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.board_tools import Compiler
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.cli.show import plain_text
from tinyrig.suite.gate.causes import Pair
from tinyrig.suite.gate.comparison import compare
from tinyrig.suite.gate.comparison_tables import comparison_text
from tinyrig.suite.gate.report import Explanation, GateReport
from tinyrig.suite.gate.side import Side
from tinyrig.suite.records.record import Record
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain

pytestmark = pytest.mark.usefixtures("unchanged")

_PATH = f"kernels/{slower.FILE}"


def _only_cause(found: GateReport) -> Explanation:
    """The cause of all that is worse; moving the code behind may cost a little of its own."""
    assert not found.passed
    assert {cause.kind for cause in found.causes[1:]} <= {"placement"}
    return found.causes[0]


def test_one_instruction_in_an_inner_loop(tmp_path: Path, kernels: Kernels) -> None:
    kernels(slower.FILE, slower.with_a_nop)
    found = report(base(tmp_path / "base", M7, M4), measure(tmp_path / "head", M7, M4))
    cause = _only_cause(found)
    assert cause.title == f"Changed source: {_PATH}"
    assert cause.files == (_PATH,)
    # The other model does not use that kernel.
    assert found.identical == 1
    assert {(figure.model, figure.board) for figure in found.figures} == {(M4.model, M4.board)}
    assert "instructions" in {figure.metric for figure in found.figures}
    place = cause.places[0]
    assert (place.layer, place.kernel) == ("block.out.Gemm.finish", slower.KERNEL)
    assert place.after > place.before
    assert cause.block is not None
    assert cause.block.function == place.function
    assert cause.block.file == f"{slower.KERNEL}.c"
    assert [row.text for row in cause.block.rows if row.sign == "+"] == ["nop"]
    # Room before the loop may have made way.
    assert {row.text for row in cause.block.rows if row.sign == "-"} <= {"nop"}
    assert cause.block.head_count == cause.block.base_count
    # One cycle a pass, one more where a pair of loads is parted, one less where what follows no
    # longer straddles two words.
    added = cause.block.head_cycles - cause.block.base_cycles
    assert added in (0, cause.block.base_count, 2 * cause.block.base_count)


def test_every_added_instruction_is_found_where_it_is_executed(
    tmp_path: Path, kernels: Kernels
) -> None:
    kernels(slower.FILE, slower.with_a_nop)
    found = report(base(tmp_path / "base", M4), measure(tmp_path / "head", M4))
    (figure,) = (figure for figure in found.figures if figure.metric == "instructions")
    (hit,) = (hit for hit in found.causes[0].hits if hit.metric == "instructions")
    assert figure.base is not None
    assert figure.head is not None
    assert hit.amount == figure.head - figure.base


def test_a_comment_changes_nothing(tmp_path: Path, kernels: Kernels) -> None:
    kernels(slower.FILE, "/* Nothing. */\n{}".format)
    found = report(base(tmp_path / "base", M4), measure(tmp_path / "head", M4))
    assert found.passed
    assert found.identical == 1
    assert found.figures == ()


def test_another_kernel(tmp_path: Path, kernels: Kernels) -> None:
    before = base(tmp_path / "base", M7)
    name = only_result(before).evidence.kernels[0]
    entry = re.compile(rf'(name = "{name}"\n[^\[]*legal = \[)')
    kernels("registry.toml", lambda text: entry.sub(r'\1"m < 0", ', text))
    cause = report(before, measure(tmp_path / "head", M7)).causes[0]
    assert cause.kind == "kernel"
    assert cause.title.startswith(f"Another kernel chosen: {name} -> tr_linear_s8")
    chosen = cause.title.split()[-1]
    assert {place.kernel for place in cause.places} == {chosen}
    assert {place.layer for place in cause.places} >= {"block.k.Gemm", "block.v.Gemm"}


def test_a_tensor_that_lives_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _change_buffers(
        monkeypatch, lambda b: dataclasses.replace(b, last=3) if b.name == "scratch.0" else b
    )
    found = report(base(tmp_path / "base", M7), measure(tmp_path / "head", M7))
    cause = _only_cause(found)
    assert cause.title == "Another plan"
    assert {hit.metric for hit in cause.hits} >= {"arena", "peak_ram"}
    longer = [tensor for tensor in cause.tensors if tensor.change == "lives longer"]
    assert [(tensor.name, tensor.words) for tensor in longer] == [
        ("scratch of block.k.Gemm", "in block.k.Gemm, now from block.k.Gemm to block.MatMul_1")
    ]
    assert cause.tensors[0] == longer[0]
    assert cause.base_peak is not None
    assert cause.head_peak is not None
    assert cause.head_peak.arena == cause.base_peak.arena + 96
    assert ("scratch of block.k.Gemm", 96) in cause.head_peak.tensors


def test_a_tensor_that_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "block.v.Gemm.head"
    _change_buffers(
        monkeypatch, lambda b: dataclasses.replace(b, size=b.size + 64) if b.name == name else b
    )
    found = report(base(tmp_path / "base", M7), measure(tmp_path / "head", M7))
    cause = _only_cause(found)
    assert cause.tensors[0].name == name
    assert cause.tensors[0].change == "grew"
    assert cause.tensors[0].words == "132 -> 196 bytes"
    assert cause.tensors[0].at_peak
    assert cause.head_peak is not None
    assert (name, 196) in cause.head_peak.tensors
    (hit,) = (hit for hit in cause.hits if hit.metric == "arena")
    assert hit.amount == 64


def _change_buffers(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    real = demand._buffers

    def changed(*given: Any, **named: Any) -> list[Buffer]:
        return [change(buffer) for buffer in real(*given, **named)]

    monkeypatch.setattr(demand, "_buffers", changed)


def test_other_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = dataclasses.replace(ALL, attention="layerwise", optimize="none")
    monkeypatch.setattr(measuring, "parse_options", lambda *_: fewer)
    found = report(base(tmp_path / "base", M7), measure(tmp_path / "head", M7))
    cause = found.causes[0]
    assert cause.kind == "options"
    assert cause.title == ("Other options: attention=head-streamed -> attention=layerwise")
    assert "arena" in {hit.metric for hit in cause.hits}


def test_other_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_size_flags(monkeypatch)
    found = report(base(tmp_path / "base", M7), measure(tmp_path / "head", M7))
    cause = _only_cause(found)
    assert cause.title == "Other compiler flags: -O3 -> -Os"
    assert "cycles" in {hit.metric for hit in cause.hits}


def test_same_source_other_compiler_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_size_flags(monkeypatch)
    head = measure(tmp_path / "head", M7)
    # What a compiler does differently without saying so: flags and version are as before.
    _edit_record(head, lambda record: record["toolchain"].update(_toolchain()))
    found = report(base(tmp_path / "base", M7), head)
    assert not found.passed
    assert {cause.kind for cause in found.causes[1:]} <= {"placement"}
    assert found.causes[0].title == "Same source, other compiler output"
    assert {place.kernel for place in found.causes[0].places} & set(_kernels(head))
    assert found.causes[0].block is not None


def test_another_toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_size_flags(monkeypatch)
    head = measure(tmp_path / "head", M7)

    def another(record: dict[str, Any]) -> None:
        record["toolchain"].update(_toolchain(), version="0.18.0")

    _edit_record(head, another)
    cause = _only_cause(report(base(tmp_path / "base", M7), head))
    version = load_toolchain("zig").version
    assert cause.title == f"Another toolchain: zig {version} -> zig 0.18.0"


def _with_size_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    def smaller(name: str, compiler: Compiler) -> Toolchain:
        tools = load_toolchain(name, compiler)
        flags = tuple("-Os" if flag == "-O3" else flag for flag in tools.flags)
        return dataclasses.replace(tools, flags=flags)

    monkeypatch.setattr(measuring, "load_toolchain", smaller)


def _toolchain() -> dict[str, Any]:
    tools = load_toolchain(M7.toolchain)
    flags = list(tools.compile_flags(load_board(M7.board)))
    return {"name": tools.name, "version": tools.version, "flags": flags}


def _kernels(folder: Path) -> tuple[str, ...]:
    return only_result(folder).evidence.kernels


def _edit_record(folder: Path, change: Any) -> None:
    path = only_result(folder).path / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def test_other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = building.cheapest_plan

    def other(graph: Graph, *given: Any, **named: Any) -> Plan:
        return real(_with_other_weights(graph), *given, **named)

    monkeypatch.setattr(building, "cheapest_plan", other)
    head = measure(tmp_path / "head", M7)
    laid_out = _only_cause(report(base(tmp_path / "base", M7), head)).title
    assert laid_out == "Other tables: those of the same model, laid out otherwise"
    _edit_record(head, lambda record: record["model"].update(sha256="0" * 64))
    found = report(base(tmp_path / "base", M7), head)
    assert _only_cause(found).title == "Other weights: ecgformer-mhsa"
    assert {figure.metric for figure in found.figures if figure.fails} == {"output_error"}


def _with_other_weights(graph: Graph) -> Graph:
    def turned(node: Any) -> Any:
        fields = {
            field.name: value[::-1].copy()
            for field in dataclasses.fields(node)
            if isinstance(value := getattr(node, field.name), np.ndarray) and value.dtype == np.int8
        }
        return dataclasses.replace(node, **fields) if fields else node

    return dataclasses.replace(graph, nodes=tuple(turned(node) for node in graph.nodes))


def test_a_layer_that_went_sparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = building.cheapest_plan

    def pruned(graph: Graph, *given: Any, options: Options, **named: Any) -> Plan:
        taken = dataclasses.replace(options, sparse="always")
        return real(_with_most_weights_zero(graph), *given, options=taken, **named)

    monkeypatch.setattr(building, "cheapest_plan", pruned)
    found = report(base(tmp_path / "base", M7), measure(tmp_path / "head", M7))
    titles = [cause.title for cause in found.causes if cause.kind == "kernel"]
    assert titles
    for title in titles:
        assert re.fullmatch(
            r"Another kernel chosen: tr_linear_\w+ -> tr_linear_\w*(sparse\w+)__m[47]: "
            r"block\.\S+ went from dense to \1 because \d\d% of its weights are zero, before 0%",
            title,
        )


def _with_most_weights_zero(graph: Graph) -> Graph:
    def pruned(node: Any) -> Any:
        if not isinstance(node, Linear):
            return node
        kept = np.zeros_like(node.weight)
        kept[:, :4] = node.weight[:, :4]
        return dataclasses.replace(node, weight=kept)

    return dataclasses.replace(graph, nodes=tuple(pruned(node) for node in graph.nodes))


def test_another_cycle_model_is_not_compared(tmp_path: Path) -> None:
    head = measure(tmp_path / "head", M7)

    def newer(record: dict[str, Any]) -> None:
        record["cycles"][0].update(model="cortex-m7 v99", value=1)

    _edit_record(head, newer)
    found = report(base(tmp_path / "base", M7), head)
    assert found.passed
    (figure,) = found.figures
    assert figure.verdict == "not compared"
    assert "cortex-m7 v99" in figure.note


def test_a_function_that_moved_is_the_same(tmp_path: Path, kernels: Kernels) -> None:
    # As many as alignment cannot swallow.
    many = '".rept 8\\nnop\\n.endr"'
    kernels(slower.FILE, lambda text: slower.with_a_nop(text).replace('"nop"', many))
    one, other = (
        Side(only_result(folder))
        for folder in (base(tmp_path / "base", M4), measure(tmp_path / "head", M4))
    )
    pair = Pair(one, other)
    # The generated code lies behind the grown kernel, and refers to it and to tables behind it.
    key = ("tr_infer", "model_checked.c")
    assert one.routines[key][0].address != other.routines[key][0].address
    assert [found for found in one.routines if not pair.same_code(found)] == [
        (slower.KERNEL, f"{slower.KERNEL}.c")
    ]


def test_what_got_better_passes_and_is_named(tmp_path: Path, kernels: Kernels) -> None:
    kernels(slower.FILE, slower.with_a_nop)
    found = report(measure(tmp_path / "slow", M4), base(tmp_path / "fast", M4))
    assert found.passed
    assert found.causes == ()
    assert {figure.verdict for figure in found.figures} == {"better"}
    assert [difference.title for difference in found.harmless] == [f"Changed source: {_PATH}"]


def test_a_lane_that_does_not_profile_is_explained_by_its_layers(
    tmp_path: Path, kernels: Kernels
) -> None:
    kernels(slower.FILE, slower.with_a_nop)
    sides = base(tmp_path / "base", M4), measure(tmp_path / "head", M4)
    for side in sides:
        path = only_result(side).path / "evidence.json"
        evidence = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(evidence | {"blocks": []}), encoding="utf-8")
    cause = _only_cause(report(*sides))
    assert cause.title == f"Changed source: {_PATH}"
    (place,) = cause.places
    assert (place.layer, place.kernel) == ("block.out.Gemm.finish", slower.KERNEL)
    (hit,) = (hit for hit in cause.hits if hit.metric == "instructions")
    assert hit.amount == hit.head - hit.base
    assert cause.block is not None
    assert (cause.block.function, cause.block.head_count) == (slower.KERNEL, 0)


@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "planned otherwise"])
def test_code_and_weights_copied_to_ram(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    copying = dataclasses.replace(ALL, code_in_ram=True, weights_in_ram=True)
    monkeypatch.setattr(measuring, "parse_options", lambda *_: copying)
    head = measure(tmp_path / "head", M7)
    before = base(tmp_path / "base", M7)
    if not asked:
        options = only_result(before).record.options
        _edit_record(head, lambda record: record.update(options=options))
    memory = only_result(head).record.memory
    assert memory.copied
    assert memory.copied_code
    title = "Other options: " if asked else "Other copies to RAM: "
    found = {}
    for cause in report(before, head).causes:
        copied = [place for place in cause.places if place.unit == "bytes copied to RAM"]
        assert not copied or cause.title.startswith(title)
        found |= {place.function: (place.before, place.after) for place in copied}
    assert found == {"code": (0, memory.copied_code), "weights and tables": (0, memory.copied)}
    compared = compare("A", _records(before), "B", _records(head))
    rows = {one.metric: (one.a, one.b) for one in compared.figures}
    assert rows["copied"] == (0, memory.copied)
    assert rows["copied_code"] == (0, memory.copied_code)
    assert "code copied to RAM" in plain_text(comparison_text(compared))


def _records(folder: Path) -> dict[str, Record]:
    return {"job": only_result(folder).record}
