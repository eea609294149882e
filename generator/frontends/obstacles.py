"""What stands in a model's way, gathered instead of raised, and the way round each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.advice import GENERAL, refused_operators
from tinyrig.generator.frontends.check import QUANTIZATION_OPS
from tinyrig.generator.frontends.registry import SUPPORTED_OPS

_AS_SAID = "Change the node, or the export, as said."


@dataclass(frozen=True)
class Obstacle:
    """One reason a model does not run.

    `op` and `node` are the ONNX operator and the node's name, '' where no single node is to
    blame; `reason` is the paragraph any other command would have ended with.
    """

    op: str
    node: str
    reason: str
    way_out: str


class Obstacles:
    """Gathers what is met, the same paragraph once; or raises it, as where a model is to run."""

    def __init__(self, *, raising: bool = False) -> None:
        self._raising = raising
        self._found: dict[str, Obstacle] = {}

    @property
    def found(self) -> tuple[Obstacle, ...]:
        """What was met, in the order it was met."""
        return tuple(self._found.values())

    def meet(self, op: str, node: str, error: InputError, way_out: str = "") -> None:
        """Keep one refusal of a node, and what to do about it."""
        if self._raising:
            raise error
        supported = error.supported if isinstance(error, UnsupportedError) else ""
        way_out = way_out or (f"Give it {supported}." if supported else _way_out(op))
        reason = str(error)
        self._found.setdefault(reason, Obstacle(op, node, reason, way_out))

    @contextmanager
    def passing(self, op: str, node: str) -> Iterator[list[InputError]]:
        """Keep a refusal of the body and go on; what is yielded is empty unless there was one."""
        met: list[InputError] = []
        try:
            yield met
        except InputError as error:
            met.append(error)
            self.meet(op, node, error)


def _way_out(op: str) -> str:
    """Return what to do about an operator, or about an error that says what is taken."""
    known = not op or op in SUPPORTED_OPS or op in QUANTIZATION_OPS
    return refused_operators().get(op, _AS_SAID if known else GENERAL)


REFUSING = Obstacles(raising=True)
