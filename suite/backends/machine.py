"""A board inside Unicorn: its memory map, its UART and the compiled hook."""

from __future__ import annotations

import contextlib
import ctypes
import struct
import threading
from collections.abc import Sequence
from types import TracebackType

from unicorn import arm_const as arm
from unicorn import unicorn_const as const

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.code_map import code_map
from tinyrig.suite.backends.counter import NO_STEP, Counter, Mark, hook_library
from tinyrig.suite.backends.engine import (
    PAGE,
    Engine,
    HostMemory,
    cpu_model,
    function_address,
    unicorn_library,
)
from tinyrig.suite.backends.interface import Touched
from tinyrig.suite.backends.outcome import REGIONS, UART_CAPACITY
from tinyrig.suite.backends.recorder import Recorder
from tinyrig.suite.records.profile import BlockProfile
from tinyrig.suite.toolchain import Image

_UART_LAYOUT = {"usart_v1": (0x00, 0x04), "usart_v2": (0x1C, 0x28), "cmsdk": (0x04, 0x00)}
"""Offsets of the status and of the data register."""

_MARKS = {
    "tr_region_begin": Mark.REGION_BEGIN,
    "tr_region_end": Mark.REGION_END,
    "tr_step_begin": Mark.STEP_BEGIN,
    "tr_step_end": Mark.STEP_END,
    "main": Mark.MAIN,
    "tr_halt": Mark.HALT,
}
_STEP_LIMIT = 4096
_TOUCHES_CAPACITY = 1 << 28
"""Bytes for what each step touched; the host gives memory only for what is used."""

_NOWHERE = 0xFFFF_FFFE
"""An address no firmware reaches, for the emulator's end of run."""


class Machine:
    """One boot. A context manager: leaving it frees the emulator and its memory."""

    def __init__(
        self,
        image: Image,
        board: Board,
        *,
        sample: bytes | None,
        watch: bool,
        budget: int,
        recorder: Recorder | None = None,
    ) -> None:
        self.watching = watch
        self.error: str | None = None
        self._recorder = recorder
        self._image = image
        self._board = board
        self._library = hook_library()
        self._flash = HostMemory(board.flash)
        self._external = [HostMemory(flash) for flash in (board.external_flash,) if flash]
        _fill_flash([self._flash, *self._external], image, sample)
        self._ram = ram_memories(board)
        self._code = code_map(board, image)
        halfwords = self._code.halfwords
        self._blocks = (ctypes.c_uint32 * halfwords)()
        self._marks = self._mark(halfwords)
        self._uart = (ctypes.c_uint8 * UART_CAPACITY)()
        self._steps = (ctypes.c_uint64 * (REGIONS * _STEP_LIMIT))()
        self._reads = (ctypes.c_uint8 * max(1, image.sizes.arena))()
        self._writes = (ctypes.c_uint8 * max(1, image.sizes.arena))()
        self._before = (ctypes.c_uint8 * max(1, image.sizes.arena))()
        self._touches = (ctypes.c_uint8 * (self._touch_rows() * image.sizes.arena))()
        self.counter = self._new_counter(budget)
        if recorder is not None:
            recorder.attach(self.counter)
        self.engine = Engine(cpu_model(board.core))
        try:
            self._map()
            self._hook()
        except BrokenRunError:
            self.engine.close()
            raise

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.close()

    def start(self) -> None:
        """Reset the core and run until the hook or an error ends it; keeps the error's text.

        The core runs in a thread of its own: Python answers an interrupt only outside the
        emulator's C code, and a boot can take long. Whatever is raised here ends the boot first.
        """
        stack_top, reset = struct.unpack_from("<II", self._flash.content)
        self.engine.set_register(arm.UC_ARM_REG_SP, stack_top)
        ended = threading.Event()  # an interrupted Thread.join takes the thread for ended
        core = threading.Thread(target=self._run, args=(reset, ended), daemon=True)
        try:
            core.start()
            ended.wait()
        finally:
            while core.is_alive() and not ended.is_set():
                self.counter.budget = 0  # the hook looks at it at every block
                with contextlib.suppress(KeyboardInterrupt):
                    ended.wait()

    def _run(self, reset: int, ended: threading.Event) -> None:
        try:
            self.error = self.engine.start(reset, _NOWHERE)
        finally:
            ended.set()

    def uart_output(self) -> bytes:
        """Return everything the firmware sent."""
        return bytes(memoryview(self._uart)[: self.counter.uart_length])

    def step_counts(self) -> tuple[tuple[int, ...], ...]:
        """Return, for each inference, the instructions of every step begun; empty when clean."""
        if not self._image.checked:
            return ((),) * REGIONS
        used = self.counter.steps_seen
        rows = (row * _STEP_LIMIT for row in range(REGIONS))
        return tuple(tuple(self._steps[row : row + used]) for row in rows)

    def touched(self) -> Touched:
        """Return which arena bytes the inferences touched; reads and steps only when watching."""
        size = self._image.sizes.arena
        written = bytes(self._writes)[:size]
        if not self.watching:
            return Touched(read=b"", written=written)
        rows = memoryview(self._touches)
        seen = min(self.counter.steps_seen, self.counter.touch_rows)
        return Touched(
            read=bytes(self._reads)[:size],
            written=written,
            by_step=tuple(bytes(rows[row * size : (row + 1) * size]) for row in range(seen)),
            strays=self.counter.strays,
            first_stray=self.counter.first_stray,
        )

    def profile(self) -> BlockProfile | None:
        """Return the profile of the first inference; None when none was recorded."""
        return None if self._recorder is None else self._recorder.profile()

    def _mark(self, halfwords: int) -> ctypes.Array[ctypes.c_uint8]:
        marks = (ctypes.c_uint8 * halfwords)()
        for name, mark in _MARKS.items():
            symbol = self._image.symbols.get(name)
            if symbol is None:
                continue
            first = (symbol.address - self._board.flash.origin) // 2
            if name.startswith("tr_"):
                body = range(first + 1, first + (symbol.size + 1) // 2)
                for at in body:
                    marks[at] = Mark.BODY
            marks[first] = mark
        return marks

    def _new_counter(self, budget: int) -> Counter:
        image, board = self._image, self._board
        status, data = _UART_LAYOUT[board.uart.driver]
        unicorn = unicorn_library()
        stack_region = board.region(board.layout.stack_region)
        arena_ram = self._arena_memory()
        copied = (0, 0)
        if image.sizes.copied:
            copied = (image.address("tr_ld_copied_start"), image.address("tr_ld_copied_end"))
        code = self._code.ram
        ram_code = next((ram.address for ram in self._ram if ram.region == code), 0)
        return Counter(
            emu_stop=function_address(unicorn.uc_emu_stop),
            reg_read=function_address(unicorn.uc_reg_read),
            reg_write=function_address(unicorn.uc_reg_write),
            code=self._flash.address,
            ram_code=ram_code,
            blocks=ctypes.addressof(self._blocks),
            marks=ctypes.addressof(self._marks),
            uart=ctypes.addressof(self._uart),
            steps=ctypes.addressof(self._steps),
            arena=arena_ram.address + image.arena.address - arena_ram.region.origin,
            arena_before=ctypes.addressof(self._before),
            arena_reads=ctypes.addressof(self._reads),
            arena_writes=ctypes.addressof(self._writes),
            step_touches=ctypes.addressof(self._touches),
            budget=budget,
            code_base=board.flash.origin,
            code_size=board.flash.size,
            ram_code_base=code.origin if code else 0,
            ram_code_size=code.size if code else 0,
            uart_base=board.uart.base & -PAGE,
            uart_status=board.uart.base % PAGE + status,
            uart_data=board.uart.base % PAGE + data,
            uart_capacity=UART_CAPACITY,
            step_count=_STEP_LIMIT,
            step=NO_STEP,
            arena_base=image.arena.address,
            arena_size=image.sizes.arena,
            stack_floor=stack_region.origin,
            stack_top=image.stack.address + image.stack.size,
            lowest_stack_write=image.stack.address + image.stack.size,
            touch_rows=self._touch_rows(),
            ram_base=arena_ram.region.origin,
            ram_end=arena_ram.region.end,
            static_base=image.address("tr_ld_data_start"),
            static_end=image.address("tr_ld_bss_end"),
            copied_base=copied[0],
            copied_end=copied[1],
        )

    def _touch_rows(self) -> int:
        """Steps whose accesses are kept apart: as many as fit the memory set aside for them."""
        if not (self.watching and self._image.checked):
            return 0
        return min(_STEP_LIMIT, _TOUCHES_CAPACITY // max(1, self._image.sizes.arena))

    def _arena_memory(self) -> HostMemory:
        """Return the RAM that holds the arena."""
        arena = self._image.arena
        for ram in self._ram:
            if ram.holds(arena.address, arena.size):
                return ram
        raise BrokenRunError(f"The arena at 0x{arena.address:08x} is in no RAM region.")

    def _map(self) -> None:
        board = self._board
        self.engine.map_memory(self._flash, const.UC_PROT_READ | const.UC_PROT_EXEC)
        for flash in self._external:
            self.engine.map_memory(flash, const.UC_PROT_READ)
        for ram in self._ram:
            runs = const.UC_PROT_EXEC if ram.region == self._code.ram else 0
            self.engine.map_memory(ram, const.UC_PROT_READ | const.UC_PROT_WRITE | runs)
        uart_page = board.uart.base & -PAGE
        pages = {
            page
            for device in board.peripherals
            for page in range(device.origin & -PAGE, device.end, PAGE)
        }
        for page in sorted(pages - {uart_page}):
            self.engine.map_registers(page)
        user = ctypes.addressof(self.counter)
        self.engine.map_device(
            uart_page,
            PAGE,
            function_address(self._library.tr_on_uart_read),
            function_address(self._library.tr_on_uart_write),
            user,
        )
        for write in board.boot:
            if write.ready_mask:
                self.engine.write(write.ready_register, struct.pack("<I", write.ready_mask))

    def _hook(self) -> None:
        user = ctypes.addressof(self.counter)
        hooks = {
            const.UC_HOOK_BLOCK: self._library.tr_on_block,
            const.UC_HOOK_MEM_INVALID: self._library.tr_on_invalid,
            const.UC_HOOK_INSN_INVALID: self._library.tr_on_undefined,
            const.UC_HOOK_INTR: self._library.tr_on_exception,
        }
        if self.watching:
            accesses = const.UC_HOOK_MEM_READ | const.UC_HOOK_MEM_WRITE
            hooks[accesses] = self._library.tr_on_access
        for kinds, function in hooks.items():
            self.engine.hook(kinds, function_address(function), user)


def ram_memories(board: Board) -> list[HostMemory]:
    """Return every RAM region; an alias has the bytes of the region it lies inside of."""
    own = {region: HostMemory(region) for region in board.ram if not region.alias}
    return [
        own[region] if holding is None else own[holding].part(region.alias, region)
        for region, holding in ((region, board.aliased(region)) for region in board.ram)
    ]


def _fill_flash(flashes: Sequence[HostMemory], image: Image, sample: bytes | None) -> None:
    """Load the image as a programmer would, then the sample over the model's own."""
    parts = [(segment.address, segment.data) for segment in image.segments]
    if sample is not None:
        parts.append((image.sample.address, sample))
    for address, data in parts:
        holding = (flash for flash in flashes if flash.holds(address, len(data)))
        next(holding, flashes[0]).put(address, data)
