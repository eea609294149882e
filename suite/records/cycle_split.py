"""Where the cycles of a layer went that a cluster of cores ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field

from tinyrig.suite.records.document import Value

Part = Literal["compute", "hazards", "branches", "latency", "icache", "dma", "barrier", "other"]
PARTS: tuple[Part, ...] = get_args(Part)
MEANING: dict[Part, str] = {
    "compute": "instructions, one cycle each",
    "hazards": "what a load brings is needed at once; high products",
    "branches": "jumps and taken branches",
    "latency": "loads and stores outside L1, divisions, the four cycles of a barrier itself",
    "icache": "misses of the instruction cache",
    "dma": "waits for copies",
    "barrier": "sleep until the other cores come",
    "other": "how far the cores' own begins and ends are from the first core's",
}

_Cycles = Annotated[int, Field(ge=0, lt=1 << 63)]


class CycleSplit(Value):
    """Cycles by cause, added up over `cores`: together `cores` times the layer's cycles.

    `other` is what is left of that: cores begin and end a few cycles apart, and a layer's cycles
    are those of the first. It may be negative.
    """

    cores: Annotated[int, Field(ge=1)]
    compute: _Cycles
    hazards: _Cycles
    branches: _Cycles
    latency: _Cycles
    icache: _Cycles
    dma: _Cycles
    barrier: _Cycles
    other: int

    @classmethod
    def of(cls, cores: int, cycles: int, known: Mapping[str, int]) -> CycleSplit:
        """Return the split of a layer's cycles, of which all parts but `other` are known."""
        return cls(cores=cores, other=cores * cycles - sum(known.values()), **known)

    @property
    def cycles(self) -> int:
        """Cycles of the layer."""
        return sum(self.part(name) for name in PARTS) // self.cores

    def part(self, name: Part) -> int:
        """Return the cycles of a part, of all cores."""
        value: int = getattr(self, name)
        return value

    def mean(self, name: Part) -> float:
        """Return the cycles of a part that a core has on average."""
        return self.part(name) / self.cores


def total_split(splits: Sequence[CycleSplit]) -> CycleSplit:
    """Return the sum of splits on the same cores, of which there is at least one."""
    sums = {name: sum(split.part(name) for split in splits) for name in PARTS}
    return CycleSplit(cores=splits[0].cores, **sums)
