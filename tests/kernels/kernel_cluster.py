"""Kernels compiled for a core of the cluster, on the core of rv32.h."""

from __future__ import annotations

import ctypes
import functools
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tinyrig.suite.studies.kernels.checking.image import CODE
from tinyrig.suite.studies.kernels.checking.target import BYTES, STACK, STOP, Target
from tinyrig.suite.toolchain.toolchain import zig_binary, zig_environment

_HERE = Path(__file__).parent
_LIMIT = 50_000_000
_RA, _SP, _A0 = 1, 2, 10
_ENDINGS = (
    "returned",
    "met an instruction the core does not have",
    "left memory",
    "loads into the register that it moves",
    "did not end",
)


class _Loop(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("begin", "end", "left")]


class _Core(ctypes.Structure):
    _fields_ = [
        ("memory", ctypes.c_void_p),
        ("base", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("pc", ctypes.c_uint32),
        ("x", ctypes.c_uint32 * 32),
        ("loop", _Loop * 2),
        ("ended", ctypes.c_int32),
    ]


@functools.cache
def _core_library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "librv32.so"
        sources = sorted(map(str, _HERE.glob("rv32*.c")))
        strict = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
        command = [str(zig_binary()), "cc", "-std=c11", "-O2", "-shared", "-fPIC", *strict]
        environment = {"PATH": "/bin", **zig_environment(Path(folder))}
        subprocess.run([*command, *sources, "-o", str(library)], check=True, env=environment)
        return ctypes.CDLL(str(library))


class Cluster(Target):
    """One core of the cluster, which plays all of them in turn."""

    def __init__(self, image: Path) -> None:
        self._memory = ctypes.create_string_buffer(BYTES)
        self._core = _Core(ctypes.addressof(self._memory), CODE, BYTES)
        self._library = _core_library()
        super().__init__(image)

    def write(self, address: int, data: bytes) -> None:
        assert 0 <= address - CODE <= BYTES - len(data)
        ctypes.memmove(ctypes.addressof(self._memory) + address - CODE, data, len(data))

    def read(self, address: int, size: int) -> bytes:
        return ctypes.string_at(ctypes.addressof(self._memory) + address - CODE, size)

    def call(self, function: int, arguments: Sequence[int]) -> None:
        core = self._core
        kept = list(range(8, 10)) + list(range(18, 28))
        for register in kept:
            core.x[register] = 0x5A5A_0000 + register
        for number, value in enumerate(arguments):
            core.x[_A0 + number] = value
        core.x[_RA], core.x[_SP], core.pc = STOP, STACK - 64, function
        limit = ctypes.c_int64(_LIMIT)
        ended = self._library.rv32_run(ctypes.byref(core), ctypes.c_uint32(STOP), limit)
        assert ended == 0, f"the call {_ENDINGS[ended]} at {core.pc:#x}"
        assert core.x[_SP] == STACK - 64, "the stack pointer changed"
        changed = [r for r in kept if core.x[r] != 0x5A5A_0000 + r]
        assert not changed, f"registers {changed} changed"
