"""What the QEMU plugin is told and what it tells: the twins of qemu_plugin.c's structures."""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from pathlib import Path

from tinyrig.suite.backends.host_library import host_library
from tinyrig.suite.backends.outcome import REGIONS
from tinyrig.suite.toolchain import Image

_MARK_LIMIT = 8
_STEP_LIMIT = 4096
_TICKS_SIZE = 4 * 256
"""Bytes of `step_ticks` in tr_firmware.h."""

_LIBRARY = "count.so"


class Stop(enum.IntEnum):
    """Why the plugin ended QEMU."""

    HALTED = 1
    BUDGET_SPENT = 2
    MARKERS_OUT_OF_ORDER = 3


_MARKS = {
    "tr_region_begin": 2,
    "tr_region_end": 3,
    "tr_step_begin": 4,
    "tr_step_end": 5,
    "tr_halt": 6,
}


@dataclass(frozen=True)
class Counts:
    """What the plugin counted: instructions of each inference, whole and by step.

    `steps` is empty when the firmware has more steps than it keeps ticks of.
    """

    stop: Stop
    address: int
    executed: int
    regions_ended: int
    regions: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]


def plugin_arguments(
    folder: Path, image: Image, budget: int, release: tuple[int, ...]
) -> list[str]:
    """Put the plugin and its plan into QEMU's working directory; return QEMU's arguments.

    `release` is QEMU's version. BuildError when the plugin cannot be compiled.
    """
    # QEMU 9.0 dropped version 1 of the plugin interface; what is used here is in both.
    version = 1 if release < (9,) else 2
    (folder / _LIBRARY).symlink_to(
        host_library("qemu_plugin.c", flags=(f"-DAPI_VERSION={version}",))
    )
    marks: list[int] = []
    for name, mark in _MARKS.items():
        if symbol := image.symbols.get(name):
            marks += [symbol.address, symbol.address + max(symbol.size, 2), mark]
    plan = [budget, *_ticks(image), len(marks) // 3, *marks]
    plan += [0] * (4 + 3 * _MARK_LIMIT - len(plan))
    (folder / "plan.bin").write_bytes(struct.pack(f"={len(plan)}Q", *plan))
    return ["-plugin", f"file=./{_LIBRARY}"]


def _ticks(image: Image) -> tuple[int, int]:
    """Return where the firmware keeps a word a step: the last member of its state."""
    state = image.symbols.get("tr_firmware")
    if state is None or not image.checked:
        return 0, 0
    return state.address + state.size - _TICKS_SIZE, _TICKS_SIZE


def read_counts(folder: Path) -> Counts | None:
    """Return what the plugin left, None when it never came to an end."""
    try:
        raw = (folder / "counts.bin").read_bytes()
    except FileNotFoundError:
        return None
    size = 7 + REGIONS * (1 + _STEP_LIMIT)
    if len(raw) != 8 * size:
        return None
    stop, address, executed, _, ended, seen, lost, *rest = struct.unpack(f"={size}Q", raw)
    regions, steps = rest[:REGIONS], rest[REGIONS:]
    used = 0 if lost else seen
    rows = tuple(tuple(steps[row * _STEP_LIMIT :][:used]) for row in range(REGIONS))
    return Counts(Stop(stop), address, executed, ended, tuple(regions), rows)
