"""An STM32 as a debug probe sees it: Unicorn runs the firmware and pyOCD's own flash algorithms;
the debug registers of the core, its breakpoints and its cycle counter are here.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field

import unicorn
from pyocd.core.exceptions import ProbeDisconnected, TransferFaultError
from unicorn import arm_const as arm

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.engine import cpu_model

PAGE = 0x1000
WORD = 0xFFFFFFFF
SLICE = 200_000
"""Instructions the core runs between two looks at it."""

PPB = range(0xE0000000, 0xE0100000)
DWT, FPB, SCS, ROM_TABLE = 0xE0001000, 0xE0002000, 0xE000E000, 0xE00FF000
AIRCR, DFSR, DHCSR = 0xE000ED0C, 0xE000ED30, 0xE000EDF0
DCRSR, DCRDR, DEMCR = 0xE000EDF4, 0xE000EDF8, 0xE000EDFC
ICSR, CFSR, HFSR, VTOR = 0xE000ED04, 0xE000ED28, 0xE000ED2C, 0xE000ED08
KEY = 0xA05F0000
DEBUG, HALT, STEP = 1, 2, 4
REGISTER_READY, HALTED, LOCKED, WAS_RESET = 1 << 16, 1 << 17, 1 << 19, 1 << 25
COMPARATORS = {"cortex-m4": 6, "cortex-m7": 8}
CPUID = {"cortex-m4": 0x410FC241, "cortex-m7": 0x411FC270}
FLASH_REGISTERS = {"stm32f427": 0x40023C00, "stm32h743": 0x52002000}
WATCHDOGS = (0x40002C00, 0x40003000, 0x58004800)
"""Flash algorithms feed them."""
F4_FLASH_STATUS = 0x40023C0C
PARTS = {SCS: 0x00C, DWT: 0x002, FPB: {"cortex-m4": 0x003, "cortex-m7": 0x00E}}
UART = {"usart_v1": (0x00, 0x04), "usart_v2": (0x1C, 0x28)}
HARD_FAULT = 3
RETURN_TO_THREAD = 0xFFFFFFF9


@dataclass
class Faults:
    """What goes wrong, and when; counted down by the memory accesses of the probe."""

    lost_after: int | None = None
    lost_times: int = 1
    garble: int = 0
    """UART characters to damage."""

    silent: bool = False
    identity: int | None = None


@dataclass
class SimulatedBoard:
    """A chip with the memory map of a board; its UART ends in a pseudo-terminal."""

    board: Board
    faults: Faults = field(default_factory=Faults)
    accesses: int = 0
    written: int = 0
    """Bytes the probe wrote to RAM: flash algorithms and what they are given."""

    def __post_init__(self) -> None:
        self.terminal, self.slave = os.openpty()
        os.set_blocking(self.terminal, False)
        self.port = os.ttyname(self.slave)
        self.waiting = b""
        self.cycles = 0
        self.running = False
        self.locked = False
        self.was_reset = True
        self.breakpoints: set[int] = set()
        self.registers: dict[int, int] = {}
        self.uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self.uc.ctl_set_cpu_model(cpu_model(self.board.core))
        self._map()
        self.uc.hook_add(unicorn.UC_HOOK_BLOCK, self._on_block)
        self.uc.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)
        self._reset_core()

    def close(self) -> None:
        os.close(self.terminal)
        os.close(self.slave)

    def _map(self) -> None:
        board = self.board
        for region in (board.flash, *board.ram):
            self.uc.mem_map(region.origin, region.size)
        self.uc.mem_write(board.flash.origin, b"\xff" * board.flash.size)
        uart_page = board.uart.base & -PAGE
        devices = [part.origin & -PAGE for part in board.peripherals]
        flash_page = FLASH_REGISTERS[board.name] & -PAGE
        devices += [watchdog & -PAGE for watchdog in WATCHDOGS]
        identity = board.debug.identity.register
        devices += [] if identity in PPB else [identity & -PAGE]
        for page in sorted({*devices} - {uart_page, flash_page, DWT, SCS}):
            self.uc.mem_map(page, PAGE)
        for page in sorted({uart_page, flash_page, DWT, SCS}):
            self.uc.mmio_map(page, PAGE, self._read_device, page, self._write_device, page)
        if identity not in PPB:
            self.uc.mem_write(identity, struct.pack("<I", self._identity()))
        for write in board.boot:
            if write.ready_mask:
                self.uc.mem_write(write.ready_register, struct.pack("<I", write.ready_mask))

    def _identity(self) -> int:
        return 0x10000000 | (self.faults.identity or self.board.debug.identity.value)

    # What the core sees of its devices.

    def _read_device(self, _uc: object, offset: int, _size: int, page: int) -> int:
        address = page + offset
        if address in (DWT + 4, CFSR, HFSR, ICSR, VTOR):
            return self._read_ppb(address)
        status, _ = UART.get(self.board.uart.driver, (0, 0))
        if address == self.board.uart.base + status:
            return 0xC0
        return self.registers.get(address, 0)

    def _write_device(self, _uc: object, offset: int, _size: int, value: int, page: int) -> None:
        address = page + offset
        _, data = UART.get(self.board.uart.driver, (0, None))
        if data is not None and address == self.board.uart.base + data:
            self._say(value & 0xFF)
        elif address == DWT + 4:
            self.cycles = value
        elif address != F4_FLASH_STATUS:  # whose bits are cleared by writing ones
            self.registers[address] = value

    def _say(self, character: int) -> None:
        if self.faults.silent:
            return
        if self.faults.garble and character == ord("0"):
            self.faults.garble -= 1
            character = ord("#")
        self.waiting += bytes([character])

    def _send(self) -> None:
        """Give the terminal what it takes."""
        while self.waiting:
            try:
                sent = os.write(self.terminal, self.waiting)
            except BlockingIOError:
                return
            self.waiting = self.waiting[sent:]

    # The core.

    def _on_block(self, uc: unicorn.Uc, address: int, size: int, _user: object) -> None:
        if (self.breakpoints and address in self.breakpoints) or self.left <= 0:
            self.hit = address in self.breakpoints
            uc.emu_stop()
            return
        code = uc.mem_read(address, size)
        at, count = 0, 0
        while at < size:
            at += 4 if code[at + 1] >= 0xE8 else 2
            count += 1
        self.cycles += count
        self.left -= count

    def _on_exception(self, uc: unicorn.Uc, number: int, _user: object) -> None:
        self.exception = number
        uc.emu_stop()

    def slice(self) -> None:
        """Let a running core run a little."""
        if not self.running:
            return
        self.left, self.hit, self.exception = SLICE, False, None
        fault = False
        try:
            self.uc.emu_start(self.uc.reg_read(arm.UC_ARM_REG_PC) | 1, WORD - 1)
        except unicorn.UcError:
            fault = True
        if self.exception == 7 or self.hit:
            self.running = False
            self.registers[DFSR] = 2
        elif fault or self.exception is not None:
            self._fault()
        self._send()

    def _fault(self) -> None:
        """Enter the HardFault handler; a fault inside it, or without one, is a lock-up."""
        sp = self.uc.reg_read(arm.UC_ARM_REG_SP) - 32
        names = ("R0", "R1", "R2", "R3", "R12", "LR", "PC", "XPSR")
        frame = [self.uc.reg_read(getattr(arm, f"UC_ARM_REG_{name}")) for name in names]
        try:
            vector = self._word(self.registers.get(VTOR, self.board.flash.origin) + 4 * HARD_FAULT)
            self.uc.mem_write(sp, struct.pack("<8I", *frame))
            if self.registers.get(ICSR, 0) or not vector & 1:
                raise unicorn.UcError(unicorn.UC_ERR_EXCEPTION)
        except unicorn.UcError:
            self.running, self.locked = False, True
            return
        self.registers |= {ICSR: HARD_FAULT, CFSR: 0x00010000, HFSR: 1 << 30}
        self.uc.reg_write(arm.UC_ARM_REG_SP, sp)
        self.uc.reg_write(arm.UC_ARM_REG_LR, RETURN_TO_THREAD)
        self.uc.reg_write(arm.UC_ARM_REG_PC, vector)

    def reset(self) -> None:
        self._reset_core()

    def _reset_core(self) -> None:
        self.registers = {
            address: value
            for address, value in self.registers.items()
            if address in (DEMCR, DHCSR) or FPB <= address < FPB + PAGE
        }
        self.locked, self.was_reset, self.waiting, self.cycles = False, True, b"", 0
        sp, pc = (self._word(self.board.flash.origin + at) for at in (0, 4))
        self.uc.reg_write(arm.UC_ARM_REG_SP, sp)
        self.uc.reg_write(arm.UC_ARM_REG_LR, WORD)
        self.uc.reg_write(arm.UC_ARM_REG_XPSR, 0x01000000)
        self.uc.reg_write(arm.UC_ARM_REG_PC, pc)
        caught = self.registers.get(DEMCR, 0) & self.registers.get(DHCSR, 0) & 1
        self.locked = not caught and pc == WORD  # a blank flash
        self.running = not caught and not self.locked

    def _word(self, address: int) -> int:
        return int(struct.unpack("<I", self.uc.mem_read(address, 4))[0])

    # What the probe sees.

    def read(self, address: int, size: int) -> bytes:
        self._count()
        if address in PPB:
            words = [self._read_ppb(at) for at in range(address & -4, address + size, 4)]
            at = address % 4
            return struct.pack(f"<{len(words)}I", *words)[at : at + size]
        try:
            return bytes(self.uc.mem_read(address, size))
        except unicorn.UcError as error:
            raise TransferFaultError(fault_address=address, length=size) from error

    def write(self, address: int, data: bytes) -> None:
        self._count()
        if address in PPB:
            for at in range(0, len(data), 4):
                self._write_ppb(address + at, int.from_bytes(data[at : at + 4], "little"))
            return
        try:
            self.uc.mem_write(address, data)
            self.written += len(data)
            self.uc.ctl_remove_cache(address, address + len(data))
        except unicorn.UcError as error:
            raise TransferFaultError(fault_address=address, length=len(data)) from error

    def _count(self) -> None:
        self.accesses += 1
        faults = self.faults
        if faults.lost_after is None or self.accesses < faults.lost_after:
            return
        faults.lost_times -= 1
        faults.lost_after = faults.lost_after if faults.lost_times else None
        raise ProbeDisconnected("the cable came off")

    def _read_ppb(self, address: int) -> int:
        core = self.board.core
        if address >= ROM_TABLE or address & 0xFFF >= 0xFD0:
            return self._component(address)
        if address == DHCSR:
            return self._state()
        fixed = {
            SCS + 0xD00: CPUID[core],
            SCS + 0xF40: 0x10110021,  # MVFR0: single precision
            DWT: 4 << 28 | self.registers.get(DWT, 0) & 1,
            DWT + 4: self.cycles & WORD,
            self.board.debug.identity.register: self._identity(),
            FPB: (core == "cortex-m7") << 28 | COMPARATORS[core] << 4,
        }
        return fixed.get(address, self.registers.get(address, 0))

    def _component(self, address: int) -> int:
        base, offset = address & -PAGE, address & 0xFFF
        if base == ROM_TABLE and offset < 0xFD0:
            children = (SCS, DWT, FPB)
            index = offset // 4
            return (children[index] - ROM_TABLE | 3) & WORD if index < len(children) else 0
        part = PARTS.get(base, 0x4C4)
        number = part[self.board.core] if isinstance(part, dict) else part
        pidr = 0x4_000B_B000 | number
        if offset >= 0xFF0:
            cidr = 0xB105100D if base == ROM_TABLE else 0xB105E00D
            return cidr >> 8 * ((offset - 0xFF0) // 4) & 0xFF
        byte = (offset - 0xFE0) // 4 if offset >= 0xFE0 else (offset - 0xFD0) // 4 + 4
        return pidr >> 8 * byte & 0xFF

    def _state(self) -> int:
        self.slice()
        state = self.registers.get(DHCSR, 0) & 0xF | REGISTER_READY
        halted = not self.running and not self.locked
        state |= HALTED * halted | LOCKED * self.locked | WAS_RESET * self.was_reset
        self.was_reset = False
        return state

    def _write_ppb(self, address: int, value: int) -> None:
        if address == DHCSR:
            if value & 0xFFFF0000 == KEY:
                self._control(value & 0xFFFF)
        elif address == AIRCR:
            if value & 5:
                self.reset()
        elif address == DCRSR:
            self._transfer(value & 0x7F, to_core=bool(value >> 16 & 1))
        elif address == DWT + 4:
            self.cycles = value
        else:
            self.registers[address] = value
            if address & -PAGE == FPB:
                self._set_breakpoints()

    def _control(self, value: int) -> None:
        self.registers[DHCSR] = value
        if value & HALT:
            self.running = self.locked = False
        elif self.locked:
            return
        elif value & STEP:
            self.uc.emu_start(self.uc.reg_read(arm.UC_ARM_REG_PC) | 1, WORD - 1, count=1)
        elif not self.running:
            self.running = True
            # A core whose next instruction has a breakpoint stops again before it.
            self.slice()

    def _set_breakpoints(self) -> None:
        self.breakpoints = set()
        if not self.registers.get(FPB, 0) & 1:
            return
        for index in range(COMPARATORS[self.board.core]):
            value = self.registers.get(FPB + 8 + 4 * index, 0)
            if not value & 1:
                continue
            if self.board.core == "cortex-m7":
                self.breakpoints.add(value & ~1)
            else:
                self.breakpoints.add(value & 0x1FFFFFFC | (2 if value >> 31 else 0))

    def _transfer(self, number: int, *, to_core: bool) -> None:
        named = {13: arm.UC_ARM_REG_SP, 14: arm.UC_ARM_REG_LR, 15: arm.UC_ARM_REG_PC}
        named |= {16: arm.UC_ARM_REG_XPSR, 17: arm.UC_ARM_REG_SP}
        if number < 13:
            identity = arm.UC_ARM_REG_R0 + number
        elif number in named:
            identity = named[number]
        else:
            self.registers[DCRDR] = self.registers.get(DCRDR, 0) if to_core else 0
            return
        if to_core:
            value = self.registers.get(DCRDR, 0)
            self.uc.reg_write(identity, value | 1 if number == 15 else value)
        else:
            self.registers[DCRDR] = self.uc.reg_read(identity) & WORD
