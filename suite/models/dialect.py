"""What a file of the integer dialect leaves open, and the arrays that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.dialect.standard import Division
from tinyrig.suite.files.npz import read_arrays
from tinyrig.suite.models.signals import Sample

_ROUNDINGS: Mapping[str, Division] = {"floor": "floor", "rounded": "rounded"}


class _Sized(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


_Array = TypeVar("_Array", bound=_Sized)


@dataclass(frozen=True)
class Unsaid:
    """How quotients are rounded, and a file of inputs whose values tell their signs."""

    division: Division = "floor"
    values: Path | None = None


def division_of(word: str) -> Division:
    """Return the rounding of a word. Raises InputError for any other."""
    if word not in _ROUNDINGS:
        raise InputError(f"--division is {word!r}; it is one of {', '.join(_ROUNDINGS)}.")
    return _ROUNDINGS[word]


def in_order(names: Sequence[str], arrays: Mapping[str, _Array]) -> Mapping[str, _Array]:
    """Return arrays by these names: their own, or by their order in the file, without empty ones.

    Deeploy's tests call them input_0, input_1, ..., in the order of the model's inputs. Without
    `names` they are as they are.
    """
    if not names or arrays.keys() == set(names):
        return arrays
    kept = [array for array in arrays.values() if 0 not in array.shape]
    return dict(zip(names, kept, strict=True)) if len(kept) == len(names) else arrays


def ranges_of(
    model: onnx.ModelProto, calibration: Sequence[Sample] | None, unsaid: Unsaid
) -> dict[str, tuple[float, float]]:
    """Return the least and the greatest value given of each input, by its name."""
    constants = {tensor.name for tensor in model.graph.initializer}
    names = [info.name for info in model.graph.input if info.name not in constants]
    given = list(calibration or ())
    if unsaid.values is not None:
        given.append(dict(in_order(names, read_arrays(unsaid.values))))
    found: dict[str, tuple[float, float]] = {}
    for sample in given:
        for name, array in in_order(names, sample).items():
            low, high = found.get(name, (float(array.min()), float(array.max())))
            found[name] = min(low, float(array.min())), max(high, float(array.max()))
    return found
