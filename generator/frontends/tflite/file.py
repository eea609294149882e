"""A TensorFlow Lite file as plain values, every index and length in it checked.

The flatbuffer library trusts offsets: it raises what struct and numpy raise, or reads what lies
elsewhere. Here that ends in an InputError, and lengths are looked at before anything of that length
is made.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import tflite
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.files import TFLITE_MARK
from tinyrig.generator.frontends.tflite.sparse import densified, sparse_form

_MAX_PARTS = 50_000
_MAX_RANK = 8
_MAX_LISTED = 2_000_000
_MAX_NAME = 1 << 12
_MAX_DENSE_BYTES = 1 << 26
_ROOT_BYTES = 8
_INIT = "InitSubgraphIndex"
_OUTSIDE = 1  # Buffer.offset above this points behind the flatbuffer
_DAMAGE = (struct.error, ValueError, IndexError, TypeError, OverflowError, AttributeError)

Read = TypeVar("Read")


def _numbers(enumeration: type[object]) -> Mapping[int, str]:
    named = ((value, key) for key, value in vars(enumeration).items() if isinstance(value, int))
    return MappingProxyType(dict(named))


OPERATORS = _numbers(tflite.BuiltinOperator)
TYPES = _numbers(tflite.TensorType)
_OPTIONS = _numbers(tflite.BuiltinOptions)
_DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "FLOAT32": "<f4",
        "FLOAT16": "<f2",
        "INT8": "<i1",
        "UINT8": "<u1",
        "INT16": "<i2",
        "INT32": "<i4",
        "INT64": "<i8",
        "BOOL": "?",
    }
)


@dataclass(frozen=True, eq=False)
class FileTensor:
    """A tensor as the file has it; `data` is None where it is computed.

    `scales` is empty where the file does not quantize it; with more than one they go along `axis`.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    type: str
    data: NDArray[Any] | None
    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    axis: int

    def __str__(self) -> str:
        return f"tensor {self.name!r}"


@dataclass(frozen=True, eq=False)
class FileOperator:
    """An operator: the tensors it reads (-1: none) and writes, and its options.

    `custom` are the options of one that is none of TFLite's own, in its own format.
    """

    index: int
    type: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any = field(repr=False, default=None)
    custom: bytes = field(repr=False, default=b"")

    def __str__(self) -> str:
        return f"TFLite operator {self.type} ({self.index})"

    def integer(self, option: str) -> int:
        """Return an option, 0 where the file has none. Raises InputError for a damaged one."""
        return int(self._read(option))

    def real(self, option: str) -> float:
        """Return an option that is a finite number. Raises InputError for another."""
        found = float(self._read(option))
        if not math.isfinite(found):
            raise InputError(f"{self} has the option {option} = {found}.")
        return found

    def _read(self, option: str) -> int | float:
        if self.options is None:
            return 0
        with damage(f"{self} has no option {option} that can be read"):
            found: int | float = getattr(self.options, option)()
            return found


@dataclass(frozen=True, eq=False)
class File:
    """The first graph of a file: its tensors, and its operators in execution order.

    `others` are the graphs that its operators call once, before the first call.
    """

    tensors: tuple[FileTensor, ...]
    operators: tuple[FileOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    others: tuple[File, ...] = ()


@contextmanager
def damage(what: str) -> Iterator[None]:
    """Turn what the flatbuffer library raises for a damaged file into an InputError."""
    try:
        yield
    except _DAMAGE as error:
        raise InputError(
            f"The TFLite model is truncated or damaged: {what}. Copy or convert it again."
        ) from error


def read_tflite(data: bytes) -> File:
    """Return what a TFLite file holds. Raises InputError for a damaged one."""
    if len(data) < _ROOT_BYTES or data[4:8] != TFLITE_MARK:
        raise InputError("This is not a TFLite model: it lacks the mark TFL3 of its format.")
    with damage("its tables point outside the file"):
        return _Reader(tflite.Model.GetRootAs(data, 0)).file()


class _Reader:
    def __init__(self, model: Any) -> None:
        self._model = model
        self._listed = 0
        self._dense = 0

    def file(self) -> File:
        model = self._model
        count = model.SubgraphsLength()
        if count < 1:
            raise InputError("The TFLite model holds no graph.")
        codes = self._each("operator codes", model.OperatorCodesLength, model.OperatorCodes)
        names = [_operator_name(code) for code in codes]
        self._buffers = self._checked("buffers", model.BuffersLength())
        found = self._graph(model.Subgraphs(0), names)
        if min((*found.inputs, *found.outputs), default=0) < 0 or not found.outputs:
            raise InputError("The TFLite model has no output, or one that is no tensor.")
        once = [one.integer(_INIT) for one in found.operators if one.type == "CALL_ONCE"]
        called = sorted({n for n in once if 0 < n < count})
        return replace(found, others=tuple(self._graph(model.Subgraphs(n), names) for n in called))

    def _graph(self, graph: Any, names: Sequence[str]) -> File:
        inputs, outputs = (self._indices(graph, kind) for kind in ("Inputs", "Outputs"))
        tables = self._each("tensors", graph.TensorsLength, graph.Tensors)
        tensors = tuple(self._tensor(n, table, n in inputs) for n, table in enumerate(tables))
        operators = self._each("operators", graph.OperatorsLength, graph.Operators)
        found = tuple(self._operator(n, one, names) for n, one in enumerate(operators))
        lists = (inputs, outputs, *(one.inputs for one in found), *(one.outputs for one in found))
        if any(not -1 <= index < len(tensors) for one in lists for index in one):
            raise InputError(
                "The TFLite model is damaged: it names a tensor that it does not have."
            )
        return File(tensors, found, inputs, outputs)

    def _checked(self, what: str, count: int) -> int:
        if count > _MAX_PARTS:
            raise InputError(
                f"The TFLite model has {count} {what}; at most {_MAX_PARTS} are taken."
            )
        return count

    def _count(self, listed: int) -> None:
        """Refuse lists and names that are too long together: tables may share a long one."""
        self._listed += listed
        if self._listed > _MAX_LISTED:
            raise InputError(
                f"The lists of the TFLite model have over {_MAX_LISTED} entries, which none needs."
            )

    def _each(
        self, what: str, length: Callable[[], int], read: Callable[[int], Read]
    ) -> list[Read]:
        return [read(n) for n in range(self._checked(what, length()))]

    def _indices(self, table: Any, kind: str) -> tuple[int, ...]:
        """Return a list of integers of a table."""
        self._count(getattr(table, f"{kind}Length")())
        found = getattr(table, f"{kind}AsNumpy")()
        return () if isinstance(found, int) else tuple(int(one) for one in found)

    def _operator(self, index: int, table: Any, names: Sequence[str]) -> FileOperator:
        code = table.OpcodeIndex()
        if code >= len(names):
            raise InputError(f"The TFLite model is damaged: operator {index} has no known code.")
        options, kind = table.BuiltinOptions(), _OPTIONS.get(table.BuiltinOptionsType(), "NONE")
        own = None
        if options is not None and kind != "NONE":
            own = getattr(tflite, kind)()
            own.Init(options.Bytes, options.Pos)
        inputs, outputs = (self._indices(table, kind) for kind in ("Inputs", "Outputs"))
        self._count(table.CustomOptionsLength())
        custom = bytes(table.CustomOptions(n) for n in range(table.CustomOptionsLength()))
        return FileOperator(index, names[code], inputs, outputs, own, custom)

    def _tensor(self, index: int, table: Any, is_input: bool) -> FileTensor:
        text = table.Name() or b""
        self._count(len(text))
        name = text[:_MAX_NAME].decode("utf-8", "replace") or f"tensor{index}"
        if table.ShapeLength() > _MAX_RANK:
            raise InputError(
                f"Tensor {name!r} has {table.ShapeLength()} axes; at most {_MAX_RANK} are taken."
            )
        shape = self._indices(table, "Shape")
        kind = TYPES.get(table.Type(), f"type {table.Type()}")
        if table.IsVariable():
            raise UnsupportedError(
                f"Tensor {name!r} is a variable, kept from one call to the next. Supported are "
                "models without state: make it an input and an output of the model."
            )
        scales, points, axis = self._quantization(name, table.Quantization())
        data = None if is_input else self._data(name, table, kind, shape)
        return FileTensor(index, name, shape, kind, data, scales, points, axis)

    def _quantization(
        self, name: str, table: Any
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], int]:
        count = 0 if table is None else table.ScaleLength()
        if table is None or count == 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64), 0
        self._count(count)
        scales = np.array(table.ScaleAsNumpy(), np.float32)
        points = np.zeros(1, np.int64)
        if table.ZeroPointLength():
            self._count(table.ZeroPointLength())
            points = np.array(table.ZeroPointAsNumpy(), np.int64)
        if points.size not in (1, count):
            raise InputError(f"Tensor {name!r} has {count} scales and {points.size} zero points.")
        if not (np.all(np.isfinite(scales)) and np.all(scales > 0)):
            raise InputError(f"Tensor {name!r} has a scale that is not positive and finite.")
        return scales, points, table.QuantizedDimension()

    def _data(
        self, name: str, tensor: Any, kind: str, shape: tuple[int, ...]
    ) -> NDArray[Any] | None:
        """Return a constant's elements as they lie in the file; None where it has none."""
        if tensor.Buffer() >= self._buffers:
            raise InputError(f"The TFLite model is damaged: tensor {name!r} has no buffer.")
        table = self._model.Buffers(tensor.Buffer())
        if table.Offset() > _OUTSIDE:
            raise UnsupportedError(
                f"The data of tensor {name!r} lies behind the flatbuffer, as in files over 2 GB; "
                "supported are weights inside it."
            )
        stored = table.DataAsNumpy()
        if isinstance(stored, int) or stored.size == 0:
            return None
        if kind not in _DTYPES:
            raise UnsupportedError(
                f"The constant {name!r} has type {kind}; supported are INT8 weights, INT32 and "
                "FLOAT32: convert the model with int8 weights."
            )
        wanted = math.prod(shape) * np.dtype(_DTYPES[kind]).itemsize
        sparse = tensor.Sparsity()
        fits = stored.size == wanted or (sparse is not None and stored.size < wanted)
        if min(shape, default=1) < 0 or not fits:
            raise InputError(
                f"The TFLite model is damaged: tensor {name!r} of shape {list(shape)} and type "
                f"{kind} has {stored.size} bytes."
            )
        found: NDArray[Any] = stored.view(_DTYPES[kind])
        if sparse is None:
            return found.reshape(shape)
        self._dense += wanted
        if self._dense > _MAX_DENSE_BYTES:
            raise InputError(
                f"The sparse tensors of the TFLite model stand for over {_MAX_DENSE_BYTES} bytes, "
                "more than any microcontroller holds."
            )
        return densified(name, sparse_form(sparse), shape, found)


def _operator_name(code: Any) -> str:
    """Return an operator's name; a custom one's own. Older files have an older field alone."""
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if OPERATORS.get(number) == "CUSTOM":
        return (code.CustomCode() or b"CUSTOM")[:_MAX_NAME].decode("utf-8", "replace")
    return OPERATORS.get(number, f"number {number}")
