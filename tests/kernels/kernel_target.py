"""Kernels compiled for a core and executed one call at a time."""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from elftools.elf.elffile import ELFFile
from kernel_case import Case
from kernel_image import CODE
from kernel_library import structs
from kernel_memory import CANARY
from kernel_runs import canaries, packed_params, planned
from numpy.typing import NDArray
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
    UC_CPU_ARM_CORTEX_M7,
)

from tinyrig.generator.planning.kernels import Kernel

RAM = CODE + 0x10_0000
STACK = CODE + 0x60_0000
STOP = STACK
"""Where a call returns to; the stack lies below."""

BYTES = STACK + 0x1000 - CODE
GAP = 64


class Target(ABC):
    """A core with every kernel in its memory, from `CODE` on `BYTES` bytes."""

    def __init__(self, image: Path) -> None:
        self._symbols: dict[str, int] = {}
        with image.open("rb") as stream:
            elf = ELFFile(stream)
            for segment in elf.iter_segments("PT_LOAD"):
                self.write(segment["p_vaddr"], segment.data())
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                self._symbols[symbol.name] = symbol["st_value"]

    @abstractmethod
    def write(self, address: int, data: bytes) -> None:
        """Write bytes to memory."""

    @abstractmethod
    def read(self, address: int, size: int) -> bytes:
        """Read bytes from memory."""

    @abstractmethod
    def call(self, function: int, arguments: Sequence[int]) -> None:
        """Call the function at an address; AssertionError when it does not return."""

    def _place(self, data: bytes, misalign: int = 0) -> int:
        address = self._next + misalign
        self.write(address, data)
        self._next = (address + len(data) + GAP + 7) & ~7
        return address

    def _pack(self, kind: type[ctypes.Structure], values: Mapping[str, Any]) -> bytes:
        """The struct as the target lays it out: pointers are four bytes."""
        packed = b""
        for name, ctype in kind._fields_:
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
        """Run a kernel, core after core; return the output's whole block, its gaps filled with
        the canary."""
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
        for core in range(cores):
            self.call(self._symbols["cluster_become"], [core, cores])
            arguments = [params, *case.pointers(blocks, output), scratch]
            self.call(self._symbols[kernel.name], arguments)
        after = self.read(scratch + size, GAP)
        assert after == bytes([CANARY]) * GAP, "bytes behind the scratch changed"
        raw = self.read(output, output_bytes + GAP)
        assert raw[output_bytes:] == bytes([CANARY]) * GAP, "bytes behind the output changed"
        result = canaries(case.output.size, case.output_type)
        where = case.output.positions
        result[where] = np.frombuffer(raw[:output_bytes], dtype=case.output_type)[where]
        return result


class CortexM(Target):
    """A Cortex-M4 or M7 of Unicorn's."""

    def __init__(self, image: Path, board: str) -> None:
        core = UC_CPU_ARM_CORTEX_M7 if board == "stm32f746" else UC_CPU_ARM_CORTEX_M4
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, core)
        self._uc.mem_map(CODE, BYTES)
        super().__init__(image)

    def write(self, address: int, data: bytes) -> None:
        self._uc.mem_write(address, data)

    def read(self, address: int, size: int) -> bytes:
        return bytes(self._uc.mem_read(address, size))

    def call(self, function: int, arguments: Sequence[int]) -> None:
        registers = (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3)
        for register, value in zip(registers, arguments, strict=False):
            self._uc.reg_write(register, value)
        top = STACK - 64
        rest = b"".join(value.to_bytes(4, "little") for value in arguments[4:])
        self.write(top, rest or bytes(4))
        self._uc.reg_write(UC_ARM_REG_SP, top)
        self._uc.reg_write(UC_ARM_REG_LR, STOP | 1)
        self._uc.emu_start(function | 1, STOP)
