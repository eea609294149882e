"""The registry of kernel variants, and the choice among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.assets import roots, unique
from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.options import Sparse
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.sparse_packing import SPARSE_PACKS, stored_blocks
from tinyrig.generator.settings import Flag, Text, parse_settings

REGISTRY = "registry.toml"
_DENSE_PACKS = ("rows", "stream8", "norm4")
_WIDE_PACKS = ("stream16", "depthwise3", "first", "firstdown")


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


_NAME = re.compile(r"tr_[a-z0-9_]+\Z")
_PORTABLE = "ref"


@with_config(extra="forbid")
@dataclass(frozen=True)
class Kernel:
    """One variant, as a kernels/registry.toml declares it. `home` is that registry's folder."""

    op: Text
    name: Text
    about: Text
    isa: Text
    scratch: Text
    cost: Text
    legal: tuple[Text, ...] = ()
    pack: Text = "rows"
    large: Flag = False
    overwrite: Text = "none"
    home: Path = Path()

    @property
    def source(self) -> str:
        """Path of the C file below `home`."""
        return f"src/{self.isa}/{self.name}.c"

    @property
    def path(self) -> Path:
        """The C file."""
        return self.home / self.source

    def accepts(self, call: Call) -> bool:
        """True when every legality condition holds for the call's parameters."""
        return all(evaluate(condition, call.params) for condition in self.legal)

    def scratch_bytes(self, call: Call, cores: int = 1) -> int:
        """Scratch the kernel needs for the call on a number of cores, in bytes."""
        return evaluate(self.scratch, {**call.params, "cores": cores})

    def shrinks(self, call: Call) -> bool:
        """False for a sparse packing that needs as many bytes as the weights have, or more."""
        if self.pack not in SPARSE_PACKS:
            return True
        weight, size = call.params["weight"], SPARSE_PACKS[self.pack]
        return isinstance(weight, Table) and _stored(call, size) * (size + 1) < weight.values.size

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


def all_kernels() -> tuple[Kernel, ...]:
    """Every variant of every root's registry, in file order; InputError for a bad registry."""
    return _all(tuple(root / "kernels" for root in roots()))


@cache
def _all(homes: tuple[Path, ...]) -> tuple[Kernel, ...]:
    own, *others = (read_registry(home) for home in homes if (home / REGISTRY).is_file())
    operators = {kernel.op for kernel in own}
    kernels = own
    for more in others:
        check_registry(more, operators)
        kernels += more
    unique((f"Kernel {kernel.name}", kernel.home / REGISTRY) for kernel in kernels)
    return kernels


@cache
def read_registry(home: Path) -> tuple[Kernel, ...]:
    """The variants a folder of kernels declares; InputError when it declares none, or badly."""
    path = home / REGISTRY
    if not path.is_file():
        raise InputError(f"{home} is no folder of kernels: it has no {REGISTRY}.")
    kinds = dict[str, tuple[Kernel, ...]]
    tables: Mapping[str, tuple[Kernel, ...]] = parse_settings(
        kinds, path.read_text(encoding="utf-8"), str(path)
    )
    if set(tables) != {"kernel"}:
        raise InputError(
            f"{path} holds tables [[kernel]] and no others; it has {', '.join(tables)}."
        )
    found = tuple(replace(kernel, home=home) for kernel in tables["kernel"])
    names = [kernel.name for kernel in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path} declares {', '.join(twice)} twice.")
    return found


def check_registry(kernels: Sequence[Kernel], operators: Collection[str]) -> None:
    """Raise InputError, with every fault, for variants that nothing could call or compile."""
    faults = [fault for kernel in kernels for fault in _faults(kernel, operators)]
    if faults:
        raise InputError(f"{kernels[0].home / REGISTRY}: {'; '.join(faults)}.")


def _faults(kernel: Kernel, operators: Collection[str]) -> list[str]:
    found = []
    if not _NAME.match(kernel.name):
        found.append(f"{kernel.name!r} is not the name of a C function that begins with tr_")
    if kernel.op not in operators:
        found.append(f"{kernel.name}: op must be one of {', '.join(sorted(operators))}")
    if kernel.isa == _PORTABLE:
        found.append(f"{kernel.name}: the isa {_PORTABLE} is that of Tinyrig's portable kernels")
    if not kernel.path.is_file():
        found.append(f"{kernel.name}: there is no {kernel.source}")
    return found


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
    legal = [k for k in legal if k.pack in among.first] or [k for k in legal if k.shrinks(call)]
    return min(legal, key=lambda kernel: (kernel.cost_of(call, cores), isas.index(kernel.isa)))
