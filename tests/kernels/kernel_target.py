"""Kernels compiled for a Cortex-M and executed one call at a time under Unicorn."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from elftools.elf.elffile import ELFFile
from kernel_case import Case
from kernel_library import ROOT, structs
from kernel_memory import CANARY
from kernel_runs import canaries, packed_params, planned
from numpy.typing import NDArray
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
)

from generator.planning.kernels import Kernel

CODE, RAM, STACK, STOP = 0x0800_0000, 0x2000_0000, 0x3000_0000, 0x0700_0000
RAM_BYTES, STACK_BYTES = 0x40_0000, 0x1_0000
GAP = 64
_TARGET = ("-target", "thumb-freestanding-eabihf", "-fhosted", "-fno-sanitize=undefined", "-O3")


def build(folder: Path, cpu: str = "cortex_m4+vfp4d16sp") -> Path:
    """Compile and link every kernel for the core with clang, at a fixed address."""
    zig = [sys.executable, "-m", "ziglang"]
    kernels = [path for path in ROOT.glob("src/*/*.c") if path.parent.name != "xpulp"]
    sources = [*kernels, *ROOT.parent.glob("platforms/libc/*.c")]
    options = [*_TARGET, f"-mcpu={cpu}", "-std=c11", "-c"]
    options += [f"-I{ROOT / 'include'}", f"-I{ROOT.parent / 'platforms/libc'}"]
    subprocess.run([*zig, "cc", *options, *map(str, sorted(sources))], check=True, cwd=folder)
    objects = sorted(path.name for path in folder.glob("*.o"))
    image = folder / "kernels.elf"
    script = ["-m", "armelf", f"--image-base={CODE:#x}", "--entry=0", "-o", str(image)]
    subprocess.run([*zig, "ld.lld", *script, *objects], check=True, cwd=folder)
    return image


def build_with_gcc(folder: Path) -> Path:
    """The same with arm-none-eabi-gcc."""
    kernels = [path for isa in ("m4", "m7", "ref") for path in ROOT.glob(f"src/{isa}/*.c")]
    sources = [*kernels, *ROOT.parent.glob("platforms/libc/*.c")]
    image = folder / "kernels.elf"
    options = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-O2"]
    options += ["-std=c11", "-fno-tree-loop-distribute-patterns", f"-I{ROOT / 'include'}"]
    options += ["-nostdlib", f"-Wl,-Ttext={CODE:#x},-e,0", "-o", str(image)]
    names = [str(path) for path in sorted(sources)]
    subprocess.run(["arm-none-eabi-gcc", *options, *names, "-lgcc"], check=True, cwd=folder)
    return image


class Target:
    """A core with every kernel in its memory."""

    def __init__(self, image: Path) -> None:
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, UC_CPU_ARM_CORTEX_M4)
        self._symbols: dict[str, int] = {}
        self._uc.mem_map(CODE & ~0xFFFFF, 0x40_0000)
        self._uc.mem_map(RAM, RAM_BYTES)
        self._uc.mem_map(STACK, STACK_BYTES)
        self._uc.mem_map(STOP, 0x1000)
        with image.open("rb") as stream:
            elf = ELFFile(stream)
            for segment in elf.iter_segments("PT_LOAD"):
                self._uc.mem_write(segment["p_vaddr"], segment.data())
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                self._symbols[symbol.name] = symbol["st_value"]
        self._uc.hook_add(UC_HOOK_CODE, self._count)
        self.instructions = 0

    def _count(self, *_: object) -> None:
        self.instructions += 1

    def _place(self, data: bytes, misalign: int = 0) -> int:
        address = self._next + misalign
        self._uc.mem_write(address, data)
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

    def execute(self, kernel: Kernel, case: Case) -> NDArray[Any]:
        """Run a kernel; return the output's whole block, its gaps filled with the canary."""
        self._next = RAM
        self._uc.mem_write(RAM, bytes([CANARY]) * 0x2_0000)
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
        size = kernel.scratch_bytes(planned(case))
        scratch = self._place(bytes([CANARY]) * size)
        self._call(kernel.name, [params, *case.pointers(blocks, output), scratch])
        after = bytes(self._uc.mem_read(scratch + size, GAP))
        assert after == bytes([CANARY]) * GAP, "bytes behind the scratch changed"
        raw = bytes(self._uc.mem_read(output, output_bytes + GAP))
        assert raw[output_bytes:] == bytes([CANARY]) * GAP, "bytes behind the output changed"
        result = canaries(case.output.size, case.output_type)
        where = case.output.positions
        result[where] = np.frombuffer(raw[:output_bytes], dtype=case.output_type)[where]
        return result

    def _call(self, name: str, arguments: list[int]) -> None:
        registers = (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3)
        for register, value in zip(registers, arguments, strict=False):
            self._uc.reg_write(register, value)
        top = STACK + STACK_BYTES - 64
        rest = b"".join(value.to_bytes(4, "little") for value in arguments[4:])
        self._uc.mem_write(top, rest or bytes(4))
        self._uc.reg_write(UC_ARM_REG_SP, top)
        self._uc.reg_write(UC_ARM_REG_LR, STOP | 1)
        self.instructions = 0
        self._uc.emu_start(self._symbols[name] | 1, STOP)
