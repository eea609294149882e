"""Which kernels run within limits: RAM a step, and flash by cycles saved a byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.search.laid import Laid, Weighed
from tinyrig.generator.planning.search.selection import Selection, select
from tinyrig.generator.planning.step import Schedule

NO_LIMIT = 1 << 40
_BY_PACK = {
    kernel.pack: kernel
    for kernel in all_kernels()
    if kernel.op == "linear_s8" and kernel.isa == "m4"
}
NARROW, WIDE = _BY_PACK["stream8"], _BY_PACK["stream16"]


def laid(steps: Sequence[Sequence[Weighed]], shared: Sequence[str | None] | None = None) -> Laid:
    own = tuple(str(number) for number in range(len(steps)))
    schedule = Schedule((), {}, {}, {}, {})
    return Laid({}, schedule, (), tuple(map(tuple, steps)), tuple(shared or own))


def layer(executions: int, size: int, saved: int) -> tuple[Weighed, Weighed]:
    """A layer of `size` weights whose 16-bit form saves cycles an execution."""
    return (
        Weighed(NARROW, 1000 * executions, 100, size),
        Weighed(WIDE, (1000 - saved) * executions, 100, 2 * size),
    )


def selected(found: Laid, flash: int | None, ram: int = NO_LIMIT) -> Selection:
    selection = select(found, ram, flash)
    assert selection is not None
    return selection


def widened(found: Laid, extra: int) -> list[int]:
    """The places of the layers that are wide with so many bytes more than narrow ones take."""
    narrow = sum(choices[0].flash for choices in found.steps)
    kernels = selected(found, narrow + extra).kernels
    return [place for place, kernel in enumerate(kernels) if kernel is WIDE]


def test_a_layer_is_widened_when_its_last_byte_fits() -> None:
    found = laid([layer(1, 64, 10)])
    assert widened(found, 64) == [0]
    assert widened(found, 63) == []
    assert widened(found, 0) == []


def test_less_than_the_least_flash_takes_the_least() -> None:
    found = laid([layer(1, 64, 10), layer(1, 32, 10)])
    assert selected(found, 0).kernels == (NARROW, NARROW)
    assert selected(found, 0).flash == 96


@pytest.mark.parametrize("busiest", [0, 1, 2])
def test_the_layer_that_saves_most_for_a_byte_comes_first(busiest: int) -> None:
    found = laid([layer(9 if i == busiest else 1 + i % 2, 64, 10) for i in range(3)])
    assert widened(found, 64) == [busiest]


def test_a_byte_decides_and_not_the_whole_saving() -> None:
    found = laid([layer(1, 128, 20), layer(1, 32, 10)])
    assert widened(found, 128) == [1], "less is saved in all, and more for each byte"


def test_a_layer_that_does_not_fit_is_passed_over() -> None:
    found = laid([layer(9, 128, 40), layer(1, 64, 10)])
    assert widened(found, 64) == [1]
    assert widened(found, 128) == [0]
    assert widened(found, 191) == [0]
    assert widened(found, 192) == [0, 1]


def test_the_earlier_of_two_equal_layers_comes_first() -> None:
    assert widened(laid([layer(2, 64, 10), layer(2, 64, 10)]), 64) == [0]


def test_without_a_limit_every_step_runs_its_fastest() -> None:
    found = selected(laid([layer(1, 64, 10), layer(2, 32, -10)]), None)
    assert found.kernels == (WIDE, NARROW)
    assert (found.cycles, found.flash) == (990 + 2000, 128 + 32)


def test_weights_that_steps_share_count_once_and_lie_in_one_way() -> None:
    """The second step alone would rather have them narrow; together wide ones win."""
    steps = [layer(1, 64, 10), layer(1, 64, -1)]
    found = laid(steps, ["same", "same"])
    assert selected(found, 128).kernels == (WIDE, WIDE)
    assert selected(found, 128).flash == 128
    assert selected(found, 127).kernels == (NARROW, NARROW)
    assert selected(found, 192).kernels == (WIDE, NARROW)


def test_a_limit_of_ram_holds_for_every_step() -> None:
    large: Kernel = replace(WIDE, name="tr_large")
    steps = [
        [Weighed(NARROW, 50, 100, 8), Weighed(large, 30, 140, 8)],
        [Weighed(NARROW, 50, 120, 8)],
    ]
    assert selected(laid(steps), None, 140).kernels == (large, NARROW)
    assert selected(laid(steps), None, 140).ram == 140
    assert selected(laid(steps), None, 139).kernels == (NARROW, NARROW)
    assert selected(laid(steps), None, 139).ram == 120
    assert select(laid(steps), 119) is None
