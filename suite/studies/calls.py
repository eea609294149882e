"""Which calls a model's instructions lie under, as a backend's profiler saw them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backends_that
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.one_boot import one_boot
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True)
class Calls:
    """Instructions of one inference of the clean build by call stack, `tr_infer` first."""

    model: str
    board: str
    backend: str
    stacks: Mapping[tuple[str, ...], int] = field(repr=False)

    @property
    def total(self) -> int:
        """Instructions of the inference."""
        return sum(self.stacks.values())

    def by_function(self) -> dict[str, int]:
        """Return the instructions of each function itself, without its callees."""
        found: dict[str, int] = {}
        for stack, count in self.stacks.items():
            found[stack[-1]] = found.get(stack[-1], 0) + count
        return found


def case_calls(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: RunOptions,
    progress: Progress,
) -> Calls:
    """Generate, build the clean image and boot it once under the backend's profiler.

    InputError for a backend that follows no calls; the firmware's own failures as in a run.
    """
    if not backend.capabilities.stacks:
        can = " or ".join(backends_that(lambda found: found.stacks))
        raise InputError(f"The {backend.name} backend does not follow calls; {can} does.")
    made = one_boot(case, board, backend, toolchain, options, progress)
    progress("following its calls")
    image = made.firmware.clean
    result = backend.run(image, board, sample=made.sample, profile=True, budget=made.budget)
    if result.stacks is None:
        raise BrokenRunError(f"The {backend.name} backend saw no calls of {case.name!r}.")
    return Calls(case.name, board.name, f"{result.backend} {result.version}", result.stacks)
