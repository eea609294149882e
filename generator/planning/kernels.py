"""The registry of kernel variants, and the choice among them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tinyrig.generator.assets import asset_root
from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.options import Sparse
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.sparse_packing import SPARSE_PACKS, stored_blocks

_DENSE_PACKS = ("rows", "stream8", "norm4")
_WIDE_PACKS = ("stream16",)


@dataclass(frozen=True)
class Packs:
    """Packings of weights that a choice is among; those in `first` alone where one is legal."""

    allowed: tuple[str, ...]
    first: tuple[str, ...] = ()


def packs(sparse: Sparse = "auto", *, wide: bool) -> Packs:
    """Return the packings `sparse` allows, with those of 16 bits a weight if `wide`."""
    every = _DENSE_PACKS + (_WIDE_PACKS if wide else ())
    if sparse == "never":
        return Packs(every)
    return Packs((*every, *SPARSE_PACKS), tuple(SPARSE_PACKS) if sparse == "always" else ())


@dataclass(frozen=True)
class Kernel:
    """One variant, as kernels/registry.toml declares it."""

    op: str
    name: str
    about: str
    isa: str
    legal: tuple[str, ...]
    scratch: str
    cost: str
    pack: str = "rows"
    large: bool = False
    overwrite: str = "none"

    @property
    def source(self) -> str:
        """Path of the C file below `kernels/`."""
        return f"src/{self.isa}/{self.name}.c"

    def accepts(self, call: Call) -> bool:
        """True when every legality condition holds for the call's parameters."""
        return all(evaluate(condition, call.params) for condition in self.legal)

    def scratch_bytes(self, call: Call, cores: int = 1) -> int:
        """Scratch the kernel needs for the call on a number of cores, in bytes."""
        return evaluate(self.scratch, {**call.params, "cores": cores})

    def cost_of(self, call: Call, cores: int = 1) -> int:
        """Estimated instructions of the call on a number of cores; only their order counts.

        `blocks` stands for the blocks of weights that a sparse packing stores.
        """
        fields = {**call.params, "cores": cores}
        if self.pack in SPARSE_PACKS:
            fields["blocks"] = _stored(call, SPARSE_PACKS[self.pack])
        return evaluate(self.cost, fields)


def _stored(call: Call, size: int) -> int:
    weight = call.params["weight"]
    return stored_blocks(weight.values, size) if isinstance(weight, Table) else 0


@cache
def all_kernels() -> tuple[Kernel, ...]:
    """Every variant of the registry, in file order."""
    raw = tomllib.loads((asset_root("kernels") / "registry.toml").read_text(encoding="utf-8"))
    return tuple(
        Kernel(**(entry | {"legal": tuple(entry.get("legal", ()))})) for entry in raw["kernel"]
    )


def choose_kernel(
    call: Call,
    isas: Sequence[str],
    among: Packs,
    cores: int = 1,
    *,
    large: bool = False,
) -> Kernel:
    """Return the cheapest legal variant of the board's instruction sets on a number of cores.

    Only those whose weights lie as one of `among` count, and variants of large scratch only if
    `large`. Ties go to the board's first isa. Raises UnsupportedError when no variant is legal.
    """
    legal = [
        k
        for k in all_kernels()
        if k.op == call.op
        and k.isa in isas
        and k.pack in among.allowed
        and (large or not k.large)
        and k.accepts(call)
    ]
    if not legal:
        raise UnsupportedError(f"No kernel of {', '.join(isas)} can execute {call.op} here.")
    legal = [k for k in legal if k.pack in among.first] or legal
    return min(legal, key=lambda kernel: (kernel.cost_of(call, cores), isas.index(kernel.isa)))
