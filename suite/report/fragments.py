"""Runs, plans and checks as fragments of HTML, as notebooks show them; names are escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from tinyrig.generator.frontends.survey import Survey
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.report.survey_words import rewritten_words
from tinyrig.suite.rig.arena_map import ArenaMap

_LAYER = ("layer", "op", "kernel", "MACs", "instructions", "arena")


def record_fragment(record: Record, arena: ArenaMap) -> str:
    """Return verdict, figures, memory picture and layers of a run."""
    check, memory = record.check, record.memory
    sqnr = "" if check.sqnr_db is None else f", SQNR {check.sqnr_db:.1f} dB"
    verdict = (
        f"<p><strong>{escape(check.verdict.upper())}</strong>: {check.mismatches} of "
        f"{check.elements} output bytes differ from the reference{sqnr}.</p>"
    )
    rows = [
        ("model", f"{record.model.name} ({record.model.macs:,} MACs)"),
        ("board", record.board),
        ("instructions", "-" if record.instructions is None else f"{record.instructions:,}"),
        *((f"cycles, {one.column}", f"{one.value:,} ({one.model})") for one in record.cycles),
        ("peak RAM", f"{memory.peak_ram:,} of {memory.ram_limit:,} bytes"),
        ("flash", f"{memory.flash:,} of {memory.flash_limit:,} bytes"),
    ]
    layers = (
        (
            layer.name,
            layer.op,
            layer.kernel,
            f"{layer.macs:,}",
            "-" if layer.instructions is None else f"{layer.instructions:,}",
            f"{layer.arena:,}",
        )
        for layer in record.layers
    )
    return _whole(verdict, _table((), rows), arena_image(arena), _table(_LAYER, layers))


def plan_fragment(arena: ArenaMap, rows: Iterable[Sequence[str]]) -> str:
    """Return the memory picture of a plan, and its steps as rows of name, op, kernel, bytes."""
    words = f"<p>Arena {arena.size:,} bytes, lower bound {arena.lower_bound:,}.</p>"
    return _whole(words, arena_image(arena), _table(("layer", "op", "kernel", "arena"), rows))


def survey_fragment(found: Survey) -> str:
    """Return a model's obstacles with their ways out, and what was folded and fused."""
    count = len(found.obstacles)
    verdict = "runs" if found.runs else f"{count} obstacle{'s' if count > 1 else ''}"
    obstacles = ((one.node, one.reason, one.way_out) for one in found.obstacles)
    return _whole(
        f"<p><strong>{escape(found.name)}: {verdict}</strong></p>",
        _table(("node", "reason", "way out"), obstacles) if count else "",
        _table((), rewritten_words(found)),
    )


def arena_image(arena: ArenaMap) -> str:
    """Return the memory picture as an image, so that its styles stay its own."""
    data = base64.b64encode(memory_picture(arena).encode()).decode()
    alt = escape(f"Arena of {arena.model} on {arena.board}", quote=True)
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}">'


def _whole(*parts: str) -> str:
    return f'<div class="tinyrig">{"".join(parts)}</div>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
