"""What every boot begins and ends with, around a backend's own way of running."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.boot import Booting, Order, Ran
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.transcript import Transcript

BOARD = load_board("stm32f427")
IMAGE: Any = SimpleNamespace(sizes=SimpleNamespace(sample=4))
SAID = Transcript(
    "stm32f427", "m", "h", False, 8, (), {}, (), stack_used=64, stack_size=128, ok=True
)
PLAIN = Ran(SAID)
CAN = Capabilities(
    name="mine",
    purpose="",
    install="",
    runs=lambda board: board.name == BOARD.name,
    budget=7,
)


@dataclass(frozen=True)
class Mine(Booting):
    ran: Ran = PLAIN
    version: str = "3"
    name: str = CAN.name
    capabilities: Capabilities = CAN
    orders: list[Order] = field(default_factory=list)

    def boot(self, order: Order) -> Ran:
        self.orders.append(order)
        return self.ran


def test_a_boot_is_ordered_with_the_backends_own_budget() -> None:
    machine = Mine()
    machine.run(IMAGE, BOARD, sample=b"1234")
    machine.run(IMAGE, BOARD, budget=9)
    assert machine.orders == [
        Order(IMAGE, BOARD, b"1234", watch=False, profile=False, budget=7),
        Order(IMAGE, BOARD, None, watch=False, profile=False, budget=9),
    ]


def test_the_deeper_of_two_depths_is_told() -> None:
    found = Mine(Ran(SAID, instructions=5, step_instructions=(2, 3), stack=80)).run(IMAGE, BOARD)
    assert (found.backend, found.version, found.stack_high_water) == ("mine", "3", 80)
    assert (found.instructions, found.step_instructions) == (5, (2, 3))
    assert found.touched is None
    assert Mine(Ran(SAID, stack=63)).run(IMAGE, BOARD).stack_high_water == 64


def test_nothing_is_ordered_that_cannot_be() -> None:
    machine = Mine()
    with pytest.raises(InputError, match="mine backend has no board stm32h743"):
        machine.run(IMAGE, load_board("stm32h743"), watch=True)
    rtt = replace(BOARD, uart=replace(BOARD.uart, driver="rtt"))
    with pytest.raises(InputError, match="reports through a debug probe"):
        machine.run(IMAGE, rtt, watch=True)
    with pytest.raises(InputError, match="mine backend cannot watch"):
        machine.run(IMAGE, BOARD, watch=True, sample=b"1")
    with pytest.raises(InputError, match="The sample has 1 bytes; the model takes 4"):
        machine.run(IMAGE, BOARD, sample=b"1")
    assert machine.orders == []
    on_chip = Mine(capabilities=replace(CAN, hardware=True))
    assert on_chip.run(IMAGE, rtt).transcript is SAID
