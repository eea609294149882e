"""The monitor script of one Renode run, and what its hooks leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.assets import asset_root
from generator.planning.board import Board, board_names
from suite.backends.outcome import REGIONS
from suite.build import Image

MIPS = 100
"""Million instructions a virtual second, as every board.repl sets it."""

_BX_LR = b"\x70\x47"
_MARKERS = ("tr_region_begin", "tr_region_end", "tr_step_begin", "tr_step_end")
_EVENT = re.compile(r"(\w+) (\d+) (\d+)")
_RETURN = "return"
_HALT = "tr_halt"
_OVERFLOW = "overflow"
STACKS = "stacks.txt"
"""Where the profiler's collapsed call stacks go."""


def overlay(board: str) -> Path:
    """Return where a board's platform description for Renode is, or would be."""
    return asset_root("platforms") / board / "renode" / "board.repl"


def renode_boards() -> tuple[str, ...]:
    """Return the names of the boards Renode has a description of."""
    return tuple(name for name in board_names() if overlay(name).is_file())


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
        for address, name in sorted(_hooked(image).items())
    ]
    profiler = [f"cpu EnableProfilerCollapsedStack @{folder / STACKS}"] if stacks else []
    return "\n".join(
        (
            'mach create "tinyrig"',
            f"machine LoadPlatformDescription @{overlay(board.name)}",
            f"sysbus LoadELF @{folder / 'firmware.elf'}",
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
    profile = "self.FlushProfiler(); " if flush and name == _HALT else ""
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


def _hooked(image: Image) -> dict[int, str]:
    """Return the addresses to hook: entries and returns of the markers, and the halt."""
    places = {image.address(_HALT): _HALT}
    for name in _MARKERS:
        symbol = image.symbols.get(name)
        if symbol is None:
            continue
        places[symbol.address] = name
        code = _code(image, symbol.address, symbol.size)
        for at in range(0, len(code), 2):
            # A marker of one instruction returns where it begins.
            if code[at : at + 2] == _BX_LR and at:
                places[symbol.address + at] = _RETURN
    return places


def _code(image: Image, address: int, size: int) -> bytes:
    for part in image.segments:
        at = address - part.address
        if 0 <= at < len(part.data):
            return part.data[at : at + size]
    return b""


@dataclass(frozen=True)
class Events:
    """Instructions of each inference, whole and by step, without the markers' own.

    `overflow` is the first write below the stack: its address and the program counter.
    """

    halted: bool
    executed: int
    regions: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]
    ended: int
    overflow: tuple[int, int] | None = None


def read_events(text: str) -> Events:
    """Return what the lines of events.txt add up to; a last line cut off is left out."""
    reader = _Reader()
    overflow = None
    for name, executed, argument in _lines(text):
        if name == _OVERFLOW:
            overflow = overflow or (executed, argument)
        else:
            reader.take(name, executed, argument)
    return Events(
        halted=reader.halted,
        executed=reader.executed,
        regions=tuple(reader.regions),
        steps=tuple(tuple(row[step] for step in sorted(row)) for row in reader.steps),
        ended=reader.ended,
        overflow=overflow,
    )


def _lines(text: str) -> Iterator[tuple[str, int, int]]:
    for line in text.split("\n")[:-1]:
        if match := _EVENT.fullmatch(line):
            yield match[1], int(match[2]), int(match[3])


class _Reader:
    """Adds up instructions between a marker's return and the next marker's entry."""

    def __init__(self) -> None:
        self.halted = False
        self.executed = 0
        self.regions = [0] * REGIONS
        self.steps: list[dict[int, int]] = [{} for _ in range(REGIONS)]
        self.ended = 0
        self._begun = 0
        self._step: int | None = None
        self._resumed = 0

    def take(self, name: str, executed: int, argument: int) -> None:
        """Account for one event."""
        self.executed = executed
        if name == _RETURN:
            self._resumed = executed + 1
            return
        self._add(executed - self._resumed)
        self._resumed = executed + 1  # unless the marker has more than its return
        if name == "tr_region_begin":
            self._begun += 1
        elif name == "tr_region_end":
            self.ended += 1
        elif name == "tr_step_begin" and self._running:
            self._step = argument
        elif name == "tr_step_end":
            self._step = None
        elif name == _HALT:
            self.halted = True

    @property
    def _running(self) -> bool:
        return self._begun != self.ended and self._begun <= REGIONS

    def _add(self, count: int) -> None:
        if not self._running:
            return
        self.regions[self._begun - 1] += count
        if self._step is not None:
            row = self.steps[self._begun - 1]
            row[self._step] = row.get(self._step, 0) + count
