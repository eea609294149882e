"""The monitor script of one Renode run, and what its hooks leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.planning.board import Board, board_folder
from tinyrig.suite.backends.marker_events import HALT, Event, Events, add_up, marker_places
from tinyrig.suite.toolchain import Image

MIPS = 100
"""Million instructions a virtual second, as every board.repl sets it."""

_EVENT = re.compile(r"(\w+) (\d+) (\d+)")
_OVERFLOW = "overflow"
STACKS = "stacks.txt"
"""Where the profiler's collapsed call stacks go."""


def overlay(board: str) -> Path | None:
    """Return a board's platform description for Renode; None when it has none."""
    folder = board_folder(board)
    path = folder and folder / "renode" / "board.repl"
    return path if path and path.is_file() else None


def monitor_script(
    image: Image, board: Board, folder: Path, budget: int, *, stacks: bool = False
) -> str:
    """Return the commands that run `firmware.elf` of a folder for `budget` instructions.

    The UART goes to uart.txt; a hook writes a line to events.txt at every marker's entry and
    return, with the instructions executed before it, and a watchpoint one when the red zone below
    the stack is written. With `stacks`, collapsed call stacks go to stacks.txt.
    """
    events = folder / "events.txt"
    hooks = [
        f'cpu AddHook 0x{address:08x} "{_hook_code(events, name, flush=stacks)}"'
        for address, name in sorted(marker_places(image).items())
    ]
    profiler = [f"cpu EnableProfilerCollapsedStack @{folder / STACKS}"] if stacks else []
    return "\n".join(
        (
            'mach create "tinyrig"',
            f"machine LoadPlatformDescription @{overlay(board.name)}",
            f"sysbus LoadELF @{folder / 'firmware.elf'}",
            # Renode takes the lowest section for the vectors, which may be code for RAM.
            f"cpu VectorTableOffset 0x{board.flash.origin:08x}",
            f"{board.uart.peripheral.lower()} CreateFileBackend @{folder / 'uart.txt'} true",
            *hooks,
            *_stack_guard(image, events),
            *profiler,
            "emulation SetAdvanceImmediately true",
            'emulation SetGlobalQuantum "0.01"',
            f'emulation RunFor "{budget / (MIPS * 1_000_000):.6f}"',
            "cpu PC",
            "quit",
            "",
        )
    )


def _hook_code(events: Path, name: str, *, flush: bool) -> str:
    # A step marker's argument is its step. The profiler keeps its lines until it is asked.
    profile = "self.FlushProfiler(); " if flush and name == HALT else ""
    return profile + _append(
        events, f"'{name} %d %d\\n' % (self.ExecutedInstructions, self.GetRegister(0).RawValue)"
    )


def _append(events: Path, text: str) -> str:
    # IronPython closes no file by itself.
    return f"f = open('{events}', 'a'); f.write({text}); f.close()"


def _stack_guard(image: Image, events: Path) -> list[str]:
    """Return the watchpoints on the words below the stack; only the reset may paint them."""
    reset = image.symbols["tr_reset"]
    words = range(image.address("tr_ld_red_zone"), image.address("tr_ld_stack_bottom"), 4)
    write = _append(events, f"'{_OVERFLOW} %d %d\\n' % (address, cpu.PC.RawValue)")
    code = f"if not {reset.address} <= cpu.PC.RawValue < {reset.address + reset.size}: {write}"
    return [f'sysbus AddWatchpointHook 0x{at:08x} DoubleWord Write "{code}"' for at in words]


@dataclass(frozen=True)
class RenodeEvents:
    """What the hooks wrote: the markers' events, and the first write below the stack as its
    address and the program counter."""

    markers: Events
    overflow: tuple[int, int] | None


def read_events(text: str) -> RenodeEvents:
    """Return what the lines of events.txt add up to; a last line cut off is left out."""
    lines = list(_lines(text))
    overflows = [(address, counter) for name, address, counter in lines if name == _OVERFLOW]
    return RenodeEvents(
        markers=add_up(line for line in lines if line[0] != _OVERFLOW),
        overflow=overflows[0] if overflows else None,
    )


def _lines(text: str) -> Iterator[Event]:
    for line in text.split("\n")[:-1]:
        if match := _EVENT.fullmatch(line):
            yield match[1], int(match[2]), int(match[3])
