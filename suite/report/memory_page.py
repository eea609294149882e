"""The picture and the words of an arena as one HTML page without anything from outside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.rig.arena_map import ArenaMap
from tinyrig.suite.studies.memory.compare import Comparison

_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; overflow-x: auto; }
"""
_COLUMNS = ("buffer", "kind", "offset", "size", "from step", "to step")


def memory_page(arena: ArenaMap, comparisons: Sequence[Comparison]) -> str:
    """Return the page: picture, what watching found, and every buffer. Names are escaped."""
    title = escape(f"Arena of {arena.model} on {arena.board}")
    peak = arena.peak_step
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        f"<p>{arena.size:,} bytes by planner {escape(arena.planner)}, lower bound "
        f"{arena.lower_bound:,}. Most is needed in step {peak}, {escape(arena.steps[peak])}: "
        f"{arena.used(peak):,} bytes.</p>",
        f"<figure>{memory_picture(arena)}</figure>",
        "<h2>Planned against observed</h2>",
        *(_comparison(one) for one in comparisons),
        "<h2>Buffers</h2>",
        _buffers(arena),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _comparison(one: Comparison) -> str:
    items = "".join(
        f"<li>{escape(found.fault)}: {escape(found.text)}</li>" for found in one.findings
    )
    return (
        f"<p>{escape(one.build)} build: {one.touched:,} of {one.arena.size:,} bytes touched, "
        f"{one.holes:,} in no buffer, {len(one.findings)} findings.</p><ul>{items}</ul>"
    )


def _buffers(arena: ArenaMap) -> str:
    head = "".join(f"<th{_kind(index)}>{name}</th>" for index, name in enumerate(_COLUMNS))
    rows = []
    for block in sorted(arena.blocks, key=lambda b: (b.first, b.offset)):
        cells = (
            block.name,
            block.kind,
            f"{block.offset:,}",
            f"{block.size:,}",
            f"{block.first} {arena.steps[block.first]}",
            f"{block.last} {arena.steps[block.last]}",
        )
        shown = (f"<td{_kind(index)}>{escape(cell)}</td>" for index, cell in enumerate(cells))
        rows.append(f"<tr>{''.join(shown)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _kind(column: int) -> str:
    return ' class="number"' if _COLUMNS[column] in ("offset", "size") else ""
