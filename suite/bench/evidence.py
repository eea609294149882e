"""What a run leaves beside its Record, so that a later difference can be explained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tinyrig.suite.bench.job import Job
from tinyrig.suite.records.document import Value
from tinyrig.suite.rig.arena_map import Kind

SCHEMA = 1

Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BlockCost(Value):
    """A block of straight code as one layer executed it.

    `step` is the index of the layer, None between layers. `address` and `size` (bytes) are of
    the checked ELF; `offset` is of the block in `function`. `cycles` are modelled, of all
    `count` executions; None without a cycle model.
    """

    step: Count | None
    function: str
    address: Count
    offset: Count
    size: Count
    count: Count
    cycles: float | None


class PlannedBuffer(Value):
    """A tensor or scratch buffer of the product's arena: bytes, first and last layer it lives in.

    `kind` is that of `tinyrig.suite.rig.arena_map`.
    """

    name: str
    size: Count
    offset: Count
    first: Count
    last: Count
    kind: Kind = "activation"


class PlannedLoop(Value):
    """Layers `first` to `last`, executed `count` times; `depth` 0 is outermost."""

    first: Count
    last: Count
    count: Count
    depth: Count


class PlannedTable(Value):
    """A table in flash: its C name, kind, bytes and content."""

    name: str
    kind: Literal["weights", "tables"]
    size: Count
    sha256: Sha256


class Source(Value):
    """A C or assembly file or header that was compiled: digest of its text without comments.

    `includes` are the project's headers a unit may include; empty for a header.
    """

    path: str
    sha256: Sha256
    includes: tuple[str, ...] = ()


class Evidence(Value):
    """Where the figures of one run come from. The two ELFs lie beside it.

    `measured` are the cycles of repeated inferences on a lane that measures; empty elsewhere.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    job: Job
    clean_sha256: Sha256
    checked_sha256: Sha256
    layers: tuple[str, ...]
    kernels: tuple[str, ...]
    blocks: tuple[BlockCost, ...]
    buffers: tuple[PlannedBuffer, ...]
    tables: tuple[PlannedTable, ...]
    sources: tuple[Source, ...]
    loops: tuple[PlannedLoop, ...] = ()
    measured: tuple[float, ...] = ()
