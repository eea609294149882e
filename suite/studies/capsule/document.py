"""What a capsule says of itself: `capsule.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tinyrig.suite.records.document import Value

SCHEMA = 1

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CapturedLayer(Value):
    """The layer of the record: its index from 0, name, operator and kernel."""

    index: Annotated[int, Field(ge=0)]
    name: str
    op: str
    kernel: str


class Compiler(Value):
    """What compiled the ELFs in the capsule."""

    name: str
    version: str


class Document(Value):
    """Where a capsule comes from and what it covers.

    `model` and `model_sha256` are the record's. `nodes` are the graph's nodes inside, `covers`
    the record's layers these nodes were executed as, `kernels` those of the capsule's own
    layers. `options` are words of `--opt`, `ways` how the planner executes which part of the graph
    (generator/planning/streams/ways.py). `files` maps every file replay reads to its digest.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    model: str
    model_sha256: str
    layer: CapturedLayer
    nodes: tuple[str, ...]
    covers: tuple[str, ...]
    kernels: tuple[str, ...]
    sample: Annotated[int, Field(ge=0)]
    board: str
    backend: str
    toolchain: Compiler
    options: tuple[str, ...]
    ways: dict[str, str] = Field(default_factory=dict)
    ref_only: bool
    files: dict[str, Sha256]
