"""The model's own C files, printed from a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import jinja2
import numpy as np

from tinyrig.generator.emit.c_text import array_lines, byte_lines, field_lines
from tinyrig.generator.emit.infer import infer_functions, load_lines
from tinyrig.generator.emit.names import (
    block_macro,
    block_name,
    block_place,
    params_name,
    source_name,
    stage_macro,
    stage_name,
)
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.generator.planning.resident import buffer_name
from tinyrig.generator.planning.view import View

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("tinyrig.generator.emit"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


PLACES = {
    "weights": "TR_WEIGHTS_PLACE ",
    "tables": "TR_TABLES_PLACE ",
    "copied": "TR_COPIED_PLACE ",
}
"""Words before each table of a library; the application says what they are."""

_SPILLED = 1 << 31

_OWN_PLACES = {
    "weights": "",
    "tables": "",
    "copied": '__attribute__((section(".tr_copied"))) ',
}


def render(template: str, **values: Any) -> str:
    """Render a template of this package."""
    return _ENVIRONMENT.get_template(template).render(**values)


def model_files(plan: Plan, sample: bytes) -> dict[str, str]:
    """Return the model's files: header, tables, one inference a build, and the sample.

    `sample` holds every input, quantized, back to back.
    """
    model = _model(plan, sample)
    kind = "tables" if plan.residents is None else "blocks"
    tables = render(f"model_{kind}.c.j2", model=model)
    model["hash"] = hashlib.sha256(tables.encode()).hexdigest()[:16]
    clean = _build(plan, plan.clean, checked=False)
    checked = _build(plan, plan.checked, checked=True)
    return {
        "model/model.h": render("model.h.j2", model=model),
        "model/model_tables.h": render(f"model_{kind}.h.j2", model=model),
        "model/model_tables.c": tables,
        "model/model_clean.c": render("model_infer.c.j2", model=model, build=clean),
        "model/model_checked.c": render("model_infer.c.j2", model=model, build=checked),
        "model/model_sample.c": render("model_sample.c.j2", model=model),
    }


def model_values(plan: Plan, sample: bytes, arena: ArenaPlan) -> dict[str, Any]:
    """Return what a template needs to print a model whose clean build has an arena."""
    model = _model(plan, sample)
    tables = render("tables.c.j2", model=model)
    build = _build(plan, arena, checked=False)
    return model | {"hash": hashlib.sha256(tables.encode()).hexdigest()[:16], "build": build}


def _model(plan: Plan, sample: bytes) -> dict[str, Any]:
    return {
        "name": plan.graph.name,
        "board": plan.board.name,
        "ios": [*_ios(plan, "input"), *_ios(plan, "output")],
        "tables": [
            _table(name, table) | {"place": "copied" if plan.is_copied(table) else table.kind}
            for name, table in plan.tables.values()
        ],
        "places": _OWN_PLACES,
        "nonstring": "__attribute__((nonstring)) ",
        "blocks": _blocks(plan),
        "kernels": sorted({*plan.kernels}, key=lambda kernel: kernel.name),
        "steps": [
            {
                "index": index,
                "owns": step.shares is None,
                "name": step.name,
                "params_type": f"tr_{step.call.op}_params",
                "params_name": params_name(index),
                "count": len(step.calls),
                "fields": [list(field_lines(plan, index, call.params)) for call in step.calls],
            }
            for index, step in enumerate(plan.steps)
            if not step.is_read
        ],
        "step_names": [plan.steps[first].name for first, _ in plan.layers],
        "sample_size": len(sample),
        "sample_lines": byte_lines(np.frombuffer(sample, dtype=np.int8)),
    }


def _table(name: str, table: Table) -> dict[str, Any]:
    return {
        "name": name,
        "c_type": table.c_type,
        "length": table.values.size,
        "bytes": _is_bulk(table),
        "lines": (byte_lines if _is_bulk(table) else array_lines)(table.values),
    }


def _blocks(plan: Plan) -> dict[str, Any] | None:
    """The blocks constants are copied in, and the tables that stay where they are."""
    residents, stages = plan.residents, plan.stages
    if residents is None:
        return None
    held = read_in_slow_memory(plan)
    return {
        "size": max(residents.size, 1),
        "shared": residents.shared,
        "spill": plan.spill.size if plan.spill else 0,
        "stage": stages.size if stages else 0,
        "outside": [_table(plan.table_name(t), t) for t in held.values()],
        "parts": [
            {
                "name": block_name(number),
                "macro": block_macro(number),
                "place": _place(plan, number),
                "size": block.size,
                "first": block.first,
                "last": block.last,
                "tables": [_table(plan.table_name(t), t) for t in block.tables.values()],
                "stage": _stage(plan, number),
            }
            for number, block in enumerate(residents.blocks)
        ],
    }


def _place(plan: Plan, number: int) -> str:
    """An expression for where a block lies, in both builds."""
    assert plan.residents is not None
    if not plan.residents.shared:
        return f"({block_place(plan, number, plan.clean)})"
    clean, checked = (one.offsets[buffer_name(number)] for one in (plan.clean, plan.checked))
    return f"TR_BLOCK_AT({clean}, {checked})"


def _stage(plan: Plan, number: int) -> dict[str, Any] | None:
    """A block that lies behind slow memory, and the tables that lie there beside it."""
    stage = plan.stages.of(number) if plan.stages else None
    if stage is None:
        return None
    return {
        "name": stage_name(number),
        "macro": stage_macro(number),
        "offset": stage.offset,
        "size": stage.size,
        "tables": [_table(plan.table_name(t), t) for t in stage.tables.values()],
    }


def read_in_slow_memory(plan: Plan) -> dict[str, Table]:
    """Return the tables in no block that lie in slow memory for good, by digest."""
    residents, stages = plan.residents, plan.stages
    assert residents is not None
    if stages is None:
        return dict(residents.outside)
    found: dict[str, Table] = {}
    for number, block in enumerate(residents.blocks):
        if stages.of(number) is None:
            for index in range(block.first, block.last + 1):
                found |= plan.constants_of(index)
    return {key: table for key, table in residents.outside.items() if key in found}


def _is_bulk(table: Table) -> bool:
    """True for what nobody reads as numbers: weights, as opposed to lookup tables."""
    return table.kind == "weights" and table.values.dtype == np.int8


def _ios(plan: Plan, direction: str) -> list[dict[str, Any]]:
    views = plan.schedule.inputs if direction == "input" else plan.schedule.outputs
    found = []
    for index, name in enumerate(views):
        tensor = plan.graph.tensors[name]
        found.append(
            {
                "direction": direction,
                "index": index,
                "name": name,
                "shape": " x ".join(map(str, tensor.shape)),
                "macro": f"{direction.upper()}_{index}",
                "size": tensor.elements,
                "scale": repr(float(np.float32(tensor.affine.scale))),
                "zero_point": tensor.affine.zero_point,
            }
        )
    return found


def _build(plan: Plan, arena: ArenaPlan, *, checked: bool) -> dict[str, Any]:
    return {
        "title": "checked build" if checked else "clean build",
        "arena_size": max(arena.size, 1),
        "planner": arena.planner,
        "inputs": _placed(plan, arena, plan.schedule.inputs),
        "outputs": _placed(plan, arena, plan.schedule.outputs),
        "sources": _sources(plan),
        "functions": infer_functions(plan, arena, checked=checked),
        "load_lines": load_lines(plan, arena),
    }


def _io_offset(plan: Plan, arena: ArenaPlan, view: View) -> int:
    """An offset in the arena, or with its highest bit set one in slow memory."""
    if plan.spill is not None and view.storage in plan.spill.offsets:
        return _SPILLED | (plan.spill.offsets[view.storage] + view.offset)
    return arena.offsets[view.storage] + view.offset


def _placed(plan: Plan, arena: ArenaPlan, views: Mapping[str, View]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "streamed": name in plan.streamed,
            "offset": 0 if name in plan.streamed else _io_offset(plan, arena, view),
            "size": plan.graph.tensors[name].elements,
        }
        for name, view in views.items()
    ]


def _sources(plan: Plan) -> list[dict[str, Any]]:
    """Where the streamed inputs come from: their C names, and where they begin in a sample."""
    found, start = [], 0
    for name in plan.schedule.inputs:
        if name in plan.streamed:
            most = max(s.call.reads[0].size for s in plan.steps if s.is_read and _of(s, name))
            found.append(
                {"input": name, "name": source_name(plan, name), "start": start, "most": most}
            )
        start += plan.graph.tensors[name].elements
    return found


def _of(step: PlannedStep, streamed: str) -> bool:
    return step.call.reads[0].storage == streamed
