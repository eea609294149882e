"""How weights lie: of 8 bits, sparse where that is cheaper, or of 16 bits while flash has room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyrig.generator.options import Sparse
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.forms import choose_kernel
from tinyrig.generator.planning.kernels import Kernel, packs
from tinyrig.generator.planning.packing import packed


@dataclass(frozen=True, eq=False)
class Choice:
    """The calls of a step, one or one an iteration, their kernel and how often it runs."""

    calls: tuple[Call, ...]
    kernel: Kernel
    executions: int

    @property
    def packed(self) -> tuple[Call, ...]:
        """The calls with their constants as the kernel reads them."""
        return tuple(packed(call, self.kernel.pack) for call in self.calls)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights of all calls."""
        tables = [call.params.get("weight") for call in self.packed]
        return sum(table.values.nbytes for table in tables if isinstance(table, Table))


def narrow_choice(
    calls: tuple[Call, ...],
    executions: int,
    isas: Sequence[str],
    cores: int = 1,
    *,
    large: bool = False,
    sparse: Sparse = "auto",
) -> Choice:
    """Return the cheapest kernel with 8-bit weights, of large scratch only if `large`."""
    kernel = choose_kernel(calls[0], isas, packs(sparse, wide=False), cores, large=large)
    return Choice(calls, kernel, executions)


def widen(
    choices: Sequence[Choice],
    isas: Sequence[str],
    room: int,
    cores: int = 1,
    *,
    large: bool = False,
    sparse: Sparse = "auto",
) -> list[Choice]:
    """Widen the weights of steps while `room` bytes of flash last.

    The step that saves most cycles for each byte comes first; a step that does not fit is passed
    over.
    """
    result = list(choices)
    offers = []
    for index, choice in enumerate(choices):
        kernel = choose_kernel(choice.calls[0], isas, packs(sparse, wide=True), cores, large=large)
        wide = Choice(choice.calls, kernel, choice.executions)
        if wide.kernel is choice.kernel:
            continue
        call = choice.calls[0]
        saved = (choice.kernel.cost_of(call) - wide.kernel.cost_of(call)) * choice.executions
        extra = wide.weight_bytes - choice.weight_bytes
        offers.append((saved / max(extra, 1), index, extra, wide))
    for _, index, extra, wide in sorted(offers, key=lambda offer: (-offer[0], offer[1])):
        if extra <= room:
            result[index] = wide
            room -= extra
    return result
