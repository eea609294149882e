"""Which operators and types of ONNX and of TFLite run, as a page of the documentation."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from tinyrig.generator.frontends.operators import Status, operators
from tinyrig.generator.frontends.tflite.rules import rules, ways_out
from tinyrig.generator.frontends.type_table import type_rows

_STATUS: dict[Status, str] = {
    "run": "runs",
    "table": "a table",
    "fused": "fused",
    "parts": "in parts",
    "folded": "folded",
    "refused": "refused",
}
_HEAD = """# Operators and types

Written by `tinyrig check --operators docs/operators.md` from what the generator knows; a test keeps
it current. `tinyrig check MODEL` tells for one model all that stands in its way, and the way out.

*runs*: a kernel, or bytes that stay where they are. *a table*: a function of one tensor, part of a
table of 256 bytes with all the functions around it. *fused*: only within a group that is one
operator. *in parts*: as other operators. *folded*: computed while reading. *constants* says whether
an operator is folded where all it reads are constants.

## Operators

| operator | on activations | constants | how, or what to do instead |
|---|---|---|---|
"""
_TYPES = """
## Types

| type | model input | constant | codes of Q and DQ |
|---|---|---|---|
"""
_TFLITE = """
## TensorFlow Lite

What [a TFLite file](tflite.md) may hold; each becomes operators of the first table.

| operator | how, or what to do instead |
|---|---|
"""


def operators_page() -> str:
    """Return the page as Markdown."""
    rows = (
        f"| {one.name} | {_STATUS[one.status]} | {'folded' if one.constants else ''} | "
        f"{_line(one.words)} |\n"
        for one in operators()
    )
    types = (
        f"| {row.name} | {_yes(row.input)} | {_yes(row.constant)} | {_yes(row.codes)} |\n"
        for row in type_rows()
    )
    return _HEAD + "".join(rows) + _TYPES + "".join(types) + _TFLITE + "".join(_tflite_rows())


def _tflite_rows() -> Iterator[str]:
    """Every operator of TFLite that runs, then those that do not and have a way out."""
    for name, rule in sorted(rules().items()):
        yield f"| {name} | {_line(inspect.getdoc(rule.translate) or '')} |\n"
    for name, way_out in sorted(ways_out().items()):
        yield f"| {name} | refused: {_line(way_out)} |\n"


def _line(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def _yes(taken: bool) -> str:
    return "taken" if taken else "refused"
