"""The registry of kernel variants, and the choice among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import with_config

from tinyrig.generator.assets import asset_root, roots, unique
from tinyrig.generator.errors import InputError
from tinyrig.generator.options import Sparse
from tinyrig.generator.planning.byte_row import BYTE_ROW, holds_byte_row
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.nibbles import NIBBLE_PACKS, holds_nibbles
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS, SparseFormat
from tinyrig.generator.planning.sparse_packing import Stored, fits, stored
from tinyrig.generator.settings import Flag, Text, Word, parse_settings
from tinyrig.generator.toml_text import read_toml

REGISTRY = "registry.toml"
_DENSE_PACKS = ("rows", "stream8", BYTE_ROW, "norm4")
_WIDE_PACKS = (
    *("stream16", "depthwise3", "taps16", "winograd", "first", "firstdown", "row16"),
    *("quads16", "longquads16"),
)


@dataclass(frozen=True)
class Packs:
    """Packings of weights that a choice is among; those in `first` alone where one is legal.

    The one of fewest cycles is chosen; if `fewest`, a sparse one of fewest bytes where one is
    smaller than the weights.
    """

    allowed: tuple[str, ...]
    first: tuple[str, ...] = ()
    fewest: bool = False


def packs(sparse: Sparse = "auto", *, wide: bool, nibbles: bool = True) -> Packs:
    """Return the packings `sparse` allows, with those of 16 bits a weight if `wide`.

    With those of four bits where weights have no more, if `nibbles`.

    Blocks across a kernel, which portable kernels alone walk, only where they are asked for.
    """
    every = _DENSE_PACKS + (_WIDE_PACKS if wide else ()) + (NIBBLE_PACKS if nibbles else ())
    if sparse == "never":
        return Packs(every)
    forms = tuple(name for name, form in SPARSE_FORMATS.items() if not form.across)
    first = {"auto": (), "flash": (), "always": forms}.get(sparse)
    first = (f"sparse{sparse}",) if first is None else first
    return Packs(tuple(dict.fromkeys((*every, *forms, *first))), first, fewest=sparse == "flash")


_NAME = re.compile(r"tr_[a-z0-9_]+\Z")
PORTABLE = "ref"


@with_config(extra="forbid")
@dataclass(frozen=True)
class Kernel:
    """One variant, as a kernels/registry.toml declares it. `home` is that registry's folder.

    `readings` is how often a call reads its weights, for those that buy that with scratch; it is
    empty where the packing tells. `passes` is how often a cluster's cores load them, `share` how
    they share a call, `round` for how many queries each where they answer the same ones (0: for
    all), `fetches` whether they read every key once for these, `part` the cycles of one more part
    of a layer there, `overwrite` how it writes over its input (`generator/verify/overlap.py`).
    """

    op: Text
    name: Text
    about: Text
    isa: Text
    scratch: Text
    cost: Text
    legal: tuple[Text, ...] = ()
    pack: Text = "rows"
    large: Flag = False
    readings: Text = ""
    passes: Text = ""
    share: Text = "evenly"
    round: Word = 0
    fetches: Flag = False
    part: Word = 1200
    overwrite: Text = "none"
    spare: Word = 0
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

    def holds(self, call: Call) -> bool:
        """False for a packing in which the call's weights would not be summed exactly."""
        if self.pack in NIBBLE_PACKS:
            return holds_nibbles(call)
        if self.pack == BYTE_ROW:
            return holds_byte_row(call)
        form, weight = SPARSE_FORMATS.get(self.pack), call.params.get("weight")
        if form is None or not isinstance(weight, Table) or weight.values.ndim == 1:
            return True
        return fits(weight.values, form)

    def scratch_bytes(self, call: Call, cores: int = 1) -> int:
        """Scratch the kernel needs for the call on a number of cores, in bytes."""
        return evaluate(self.scratch, {**call.params, "cores": cores})

    def shrinks(self, call: Call) -> bool:
        """False for a sparse packing that needs as many bytes as the weights have, or more."""
        form = SPARSE_FORMATS.get(self.pack)
        if form is None:
            return True
        weight = call.params["weight"]
        return (
            isinstance(weight, Table)
            and _stored(call, form).blocks * form.stored_bytes < weight.values.size
        )

    def cost_of(self, call: Call, cores: int = 1) -> int:
        """Estimated instructions of the call on a number of cores; only their order counts."""
        return evaluate(self.cost, self.cost_fields(call, cores))

    def cost_fields(self, call: Call, cores: int = 1) -> Mapping[str, Any]:
        """What a cost may be made of.

        `blocks` are those that a sparse packing stores, `balanced` is 1 if each row stores as many.
        """
        fields = {**call.params, "cores": cores}
        if self.pack in SPARSE_FORMATS:
            found = _stored(call, SPARSE_FORMATS[self.pack])
            fields |= {"blocks": found.blocks, "balanced": int(found.balanced)}
        return fields


def _stored(call: Call, form: SparseFormat) -> Stored:
    weight = call.params["weight"]
    return _stored_by(weight, form) if isinstance(weight, Table) else Stored(0, balanced=False)


@lru_cache(maxsize=64)
def _stored_by(weight: Table, form: SparseFormat) -> Stored:
    """Return what a layer's stream holds in a form, counted once for all kernels."""
    return stored(weight.values, form)


@with_config(extra="forbid")
@dataclass(frozen=True)
class Prototype:
    """What every kernel of an `op` takes, as the registry declares it for want of a header.

    `reads` names the operands, `fields` are declarations of the parameter struct, in order.
    """

    op: Text
    about: Text
    reads: tuple[Text, ...]
    fields: tuple[Text, ...]


@with_config(extra="forbid")
@dataclass(frozen=True)
class _Registry:
    kernel: tuple[Kernel, ...]
    prototype: tuple[Prototype, ...] = ()


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
    tables = _read(path)
    found = tuple(replace(kernel, home=home) for kernel in tables.kernel)
    names = [kernel.name for kernel in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path} declares {', '.join(twice)} twice.")
    return found


def prototypes() -> tuple[Prototype, ...]:
    """What kernels of the operators take that have no header of their own."""
    return _read(asset_root("kernels") / REGISTRY).prototype


@cache
def _read(path: Path) -> _Registry:
    return parse_settings(_Registry, read_toml(path, "registry of kernels"), str(path))


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
    if kernel.isa == PORTABLE:
        found.append(f"{kernel.name}: the isa {PORTABLE} is that of Tinyrig's portable kernels")
    if not kernel.path.is_file():
        found.append(f"{kernel.name}: there is no {kernel.source}")
    return found


def legal_kernels(call: Call, isas: Sequence[str], *, large: bool = False) -> list[Kernel]:
    """Return every variant of the board's instruction sets that may execute a call.

    Variants of large scratch only if `large`.
    """
    return [
        kernel
        for kernel in all_kernels()
        if kernel.op == call.op
        and kernel.isa in isas
        and (large or not kernel.large)
        and kernel.accepts(call)
        and kernel.holds(call)
    ]
