"""Calls: a kernel operator with every field of its parameter struct decided."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Union

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import Requant
from tinyrig.generator.planning.view import View

_C_TYPES = {"int8": "int8_t", "int16": "int16_t", "uint16": "uint16_t"}
_C_TYPES |= {"int32": "int32_t", "uint32": "uint32_t"}


@dataclass(frozen=True, eq=False)
class Table:
    """Constant data in flash. `kind` decides under which heading its bytes are counted."""

    values: NDArray[Any] = field(repr=False)
    kind: Literal["weights", "tables"]

    @property
    def c_type(self) -> str:
        """The C element type."""
        return _C_TYPES[self.values.dtype.name]

    def key(self) -> str:
        """Digest of type and content: equal tables are stored once."""
        raw = np.ascontiguousarray(self.values)
        return hashlib.sha256(self.c_type.encode() + raw.tobytes()).hexdigest()


Value = Union[int, None, Table, Sequence[int], "Params"]
Params = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Call:
    """Operator `op` ("linear_s8") on views, with the fields of `tr_<op>_params` in order.

    `macs` are the multiply-accumulates of one execution.
    """

    op: str
    params: Params
    reads: tuple[View, ...]
    writes: tuple[View, ...]
    macs: int = 0


def content(value: Value, of_table: Callable[[Table], Hashable] = Table.key) -> Hashable:
    """Return what equal parameters have in common, of a table what `of_table` says."""
    match value:
        case Mapping():
            return tuple((name, content(part, of_table)) for name, part in value.items())
        case Table():
            return of_table(value)
        case None | int():
            return value
        case _:
            return tuple(value)


def requant_params(requant: Requant) -> Params:
    """Return the fields of `tr_requant`."""
    return {
        "multiplier": Table(requant.multiplier, "tables"),
        "channel_step": 1 if requant.multiplier.size > 1 else 0,
        "shift": requant.shift,
        "narrow": int(requant.narrow),
        "zero_point": requant.zero_point,
        "lo": requant.lo,
        "hi": requant.hi,
    }
