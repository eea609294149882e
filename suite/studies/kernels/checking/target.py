"""Kernels compiled for a core and executed one call at a time."""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import unicorn
from elftools.elf.elffile import ELFFile
from numpy.typing import NDArray
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_R4,
    UC_ARM_REG_R11,
    UC_ARM_REG_SP,
)

from tinyrig.generator.errors import WrongOutputError
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.backends.engine import cpu_model
from tinyrig.suite.studies.kernels.checking.arguments import canaries, packed_params, planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.image import CODE
from tinyrig.suite.studies.kernels.checking.operand import CANARY
from tinyrig.suite.studies.kernels.checking.structs import structs

RAM = CODE + 0x10_0000
STACK = CODE + 0x60_0000
STOP = STACK
"""Where a call returns to; the stack lies below."""

BYTES = STACK + 0x1000 - CODE
GAP = 64
_UNICORN: Any = unicorn
_KEPT = range(UC_ARM_REG_R4, UC_ARM_REG_R11 + 1)
_MARK = 0x5A5A_0000
_MOST_MICROSECONDS = 60_000_000
"""A call takes milliseconds; what takes a minute hangs."""


class Target(ABC):
    """A core with every kernel in its memory, from `CODE` on `BYTES` bytes."""

    def __init__(self, image: Path) -> None:
        self._symbols: dict[str, int] = {}
        self._next = RAM
        with image.open("rb") as stream:
            elf = ELFFile(stream)
            for segment in elf.iter_segments("PT_LOAD"):
                self.write(segment["p_vaddr"], segment.data())
            symbols: Any = elf.get_section_by_name(".symtab")
            for symbol in symbols.iter_symbols():
                self._symbols[symbol.name] = symbol["st_value"]

    @abstractmethod
    def write(self, address: int, data: bytes) -> None:
        """Write bytes to memory."""

    @abstractmethod
    def read(self, address: int, size: int) -> bytes:
        """Read bytes from memory."""

    @abstractmethod
    def call(self, function: int, arguments: Sequence[int]) -> None:
        """Call the function at an address; an error when it does not return as it should."""

    def become(self, core: int, cores: int) -> None:
        """Play one core of a cluster from now on."""
        self.call(self._symbols["cluster_become"], [core, cores])

    def call_all(self, function: int, arguments: Sequence[int], cores: int) -> None:
        """Call a function as every core of a cluster, one after the other."""
        for core in range(cores):
            self.become(core, cores)
            self.call(function, arguments)

    def _check_around(self, what: str, address: int, size: int) -> None:
        """Raise WrongOutputError when a byte before or behind a block is no canary."""
        for where, start in (("before", address - GAP // 2), ("behind", address + size)):
            if self.read(start, GAP // 2) != bytes([CANARY]) * (GAP // 2):
                raise WrongOutputError(f"It changed bytes {where} its {what}.")

    def _place(self, data: bytes, misalign: int = 0) -> int:
        address = self._next + misalign
        self.write(address, data)
        self._next = (address + len(data) + GAP + 7) & ~7
        return address

    def _pack(self, kind: type[ctypes.Structure], values: Mapping[str, Any]) -> bytes:
        """The struct as the target lays it out: pointers are four bytes."""
        packed = b""
        fields: Any = kind._fields_
        for name, ctype in fields:
            value = values[name]
            if isinstance(value, Mapping):
                field, size = self._pack(ctype, value), 4
            elif ctype is ctypes.c_void_p:
                address = 0 if value is None else self._place(np.ascontiguousarray(value).tobytes())
                field, size = address.to_bytes(4, "little"), 4
            elif isinstance(value, list):
                field, size = np.asarray(value, dtype="<i4").tobytes(), 4
            else:
                size = ctypes.sizeof(ctype)
                field = (int(value) % 256**size).to_bytes(size, "little")
            packed += bytes(-len(packed) % size) + field
        return packed

    def execute(self, kernel: Kernel, case: Case, cores: int = 1) -> NDArray[Any]:
        """Run a kernel on all cores; return the output's whole block, its gaps filled with the
        canary."""
        self._next = RAM
        self.write(RAM, bytes([CANARY]) * 0x2_0000)
        values = packed_params(kernel, case)
        params = self._place(self._pack(structs()[f"tr_{case.op}_params"], values))
        blocks = [
            self._place(values.tobytes(), misalign)
            for values, misalign in zip(case.values, case.misalign, strict=False)
        ]
        output_bytes = case.output.size * case.output_type.itemsize
        if case.alias is None:
            output = self._place(bytes([CANARY]) * output_bytes, case.misalign[-1])
        else:
            output = blocks[case.alias]
        size = kernel.scratch_bytes(planned(case), cores)
        scratch = self._place(bytes([CANARY]) * size)
        arguments = [params, *case.pointers(blocks, output), scratch]
        self.call_all(self._symbols[kernel.name], arguments, cores)
        self._check_around("scratch", scratch, size)
        self._check_around("output", output, output_bytes)
        for index, (block, given) in enumerate(zip(blocks, case.values, strict=True)):
            if index != case.alias and self.read(block, given.nbytes) != given.tobytes():
                raise WrongOutputError(f"It changed its input {index}.")
        raw = self.read(output, output_bytes)
        result = canaries(case.output.size, case.output_type)
        where = case.output.positions
        result[where] = np.frombuffer(raw[:output_bytes], dtype=case.output_type)[where]
        return result


class CortexM(Target):
    """A Cortex-M of Unicorn's, by its name in `platforms/cores`."""

    def __init__(self, image: Path, core: str) -> None:
        self._uc: Any = _UNICORN.Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, cpu_model(core))
        self._uc.mem_map(CODE, BYTES)
        super().__init__(image)

    def write(self, address: int, data: bytes) -> None:
        """Write bytes to memory."""
        self._uc.mem_write(address, data)

    def read(self, address: int, size: int) -> bytes:
        """Read bytes from memory."""
        return bytes(self._uc.mem_read(address, size))

    def call(self, function: int, arguments: Sequence[int]) -> None:
        """Call a function by the procedure call standard, and see that it keeps to it."""
        registers = (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3)
        for register, value in zip(registers, arguments, strict=False):
            self._uc.reg_write(register, value)
        top = STACK - 64
        rest = b"".join(value.to_bytes(4, "little") for value in arguments[4:])
        self.write(top, rest or bytes(4))
        self._uc.reg_write(UC_ARM_REG_SP, top)
        self._uc.reg_write(UC_ARM_REG_LR, STOP | 1)
        for register in _KEPT:
            self._uc.reg_write(register, _MARK + register)
        try:
            self._uc.emu_start(function | 1, STOP, timeout=_MOST_MICROSECONDS)
        except _UNICORN.UcError as error:
            place = self._uc.reg_read(UC_ARM_REG_PC)
            raise WrongOutputError(f"It stopped at {place:#x}: {error}.") from error
        if self._uc.reg_read(UC_ARM_REG_PC) != STOP:
            raise WrongOutputError("It did not return.")
        if any(self._uc.reg_read(register) != _MARK + register for register in _KEPT):
            raise WrongOutputError("It changed registers of its caller's, among r4 to r11.")
        if self._uc.reg_read(UC_ARM_REG_SP) != top:
            raise WrongOutputError("It changed the stack pointer.")
