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
_KEPT = (*range(8, 10), *range(18, 28))
_PAUSED = 5
_STACK = 0x1_0000
"""Bytes of a core's stack."""

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

    def __init__(self, memory: int, number: int = 0) -> None:
        super().__init__(memory, CODE, BYTES)
        self.stack = STACK - 64 - number * _STACK


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
        self._core = _Core(ctypes.addressof(self._memory))
        self._library = _core_library()
        super().__init__(image)

    def write(self, address: int, data: bytes) -> None:
        assert 0 <= address - CODE <= BYTES - len(data)
        ctypes.memmove(ctypes.addressof(self._memory) + address - CODE, data, len(data))

    def read(self, address: int, size: int) -> bytes:
        return ctypes.string_at(ctypes.addressof(self._memory) + address - CODE, size)

    def call(self, function: int, arguments: Sequence[int]) -> None:
        self._begin(self._core, function, arguments)
        self._run(self._core, pause=0)
        self._see(self._core)

    def call_all(self, function: int, arguments: Sequence[int], cores: int) -> None:
        """Call a function as every core, each with a stack of its own, up to the next barrier of
        all cores at a time."""
        memory = ctypes.addressof(self._memory)
        every = [_Core(memory, number) for number in range(cores)]
        for core in every:
            self._begin(core, function, arguments)
        paused = True
        while paused:
            met = set()
            for number, core in enumerate(every):
                self.become(number, cores)
                met.add(self._run(core, pause=self._symbols["tr_cluster_barrier"]))
                core.pc = core.x[_RA]
            assert len(met) == 1, "a core waits at a barrier that another never comes to"
            paused = met.pop()
        for core in every:
            self._see(core)

    def _begin(self, core: _Core, function: int, arguments: Sequence[int]) -> None:
        """Set a core's registers for a call."""
        for register in _KEPT:
            core.x[register] = 0x5A5A_0000 + register
        for number, value in enumerate(arguments):
            core.x[_A0 + number] = value
        core.x[_RA], core.x[_SP], core.pc = STOP, core.stack, function

    def _run(self, core: _Core, pause: int) -> bool:
        """Run a core until it returns; True where it paused at an address instead."""
        addresses = ctypes.c_uint32(STOP), ctypes.c_uint32(pause)
        ended = self._library.rv32_run(ctypes.byref(core), *addresses, ctypes.c_int64(_LIMIT))
        assert ended in (0, _PAUSED), f"the call {_ENDINGS[ended]} at {core.pc:#x}"
        return bool(ended == _PAUSED)

    def _see(self, core: _Core) -> None:
        """See that a call kept to the calling convention."""
        assert core.x[_SP] == core.stack, "the stack pointer changed"
        changed = [r for r in _KEPT if core.x[r] != 0x5A5A_0000 + r]
        assert not changed, f"registers {changed} changed"
