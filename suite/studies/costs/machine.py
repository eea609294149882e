"""Single calls of kernels under the core's cycle model: no firmware, no board."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile
from unicorn import arm_const as arm
from unicorn import unicorn_const as const

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.memory_region import MemoryRegion
from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.generator.planning.step import Storage
from tinyrig.suite.backends.caches import Caches
from tinyrig.suite.backends.code_map import CodeMap
from tinyrig.suite.backends.counter import NO_BLOCK, Counter, Stop, hook_library
from tinyrig.suite.backends.engine import (
    Engine,
    HostMemory,
    cpu_model,
    function_address,
    unicorn_library,
)
from tinyrig.suite.backends.recorder import Recorder
from tinyrig.suite.cycles.board_term import code_waits
from tinyrig.suite.cycles.model import step_cycles
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.records.profile import Block, Flow
from tinyrig.suite.studies.kernels.checking.arguments import called_params
from tinyrig.suite.studies.kernels.checking.image import CODE
from tinyrig.suite.studies.kernels.checking.structs import structs
from tinyrig.suite.studies.kernels.checking.target import Target
from tinyrig.suite.toolchain.segments import Segment, read_segments

_CODE_SIZE = 0x10_0000
_FLASH = MemoryRegion("flash", CODE, 0x200_0000)
_RAM = MemoryRegion("ram", 0x2000_0000, 0x200_0000)
_STACK_SIZE = 0x1_0000
_STOP = CODE + _FLASH.size - 0x1000
_BUDGET = 1 << 31
_BATCH = 48
_ARGUMENTS = (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3)


@dataclass(frozen=True, eq=False)
class Job:
    """One call of a kernel; `storages` are those its views lie in."""

    kernel: Kernel
    call: Call
    storages: Mapping[str, Storage]


@dataclass(frozen=True)
class Spent:
    """Modelled cycles of a call; `waits` for its code are beside them, none without caches."""

    cycles: float
    waits: float


@dataclass(frozen=True, eq=False)
class _Linked:
    elf: bytes
    segments: Sequence[Segment]


class KernelMachine(Target):
    """A Cortex-M with every kernel of an image in its flash, that counts modelled cycles.

    Constants lie in flash and operands in RAM, as in firmware: loads pair within one memory only.
    """

    def __init__(self, image: Path, core: str, point: OperatingPoint | None = None) -> None:
        self._core, self.point = core, point
        self._flash, self._ram = HostMemory(_FLASH), HostMemory(_RAM)
        noise = np.random.default_rng(1).integers(0, 256, _RAM.size, np.uint8)
        self._noise = noise.tobytes()
        self._ram.content[:] = self._noise
        elf = image.read_bytes()
        linked = _Linked(elf, read_segments(ELFFile(io.BytesIO(elf))))
        self._program = Program(linked)
        self._caches = Caches(point, linked.segments, CodeMap(_FLASH)) if point else None
        super().__init__(image)
        self._blocks = (ctypes.c_uint32 * (_CODE_SIZE // 2))()
        self._marks = (ctypes.c_uint8 * (_CODE_SIZE // 2))()
        self._steps = (ctypes.c_uint64 * _BATCH)()
        self._counter = self._new_counter()
        self._engine = Engine(cpu_model(core))
        self._engine.map_memory(self._flash, const.UC_PROT_READ | const.UC_PROT_EXEC)
        self._engine.map_memory(self._ram, const.UC_PROT_READ | const.UC_PROT_WRITE)
        hook, user = hook_library().tr_on_block, ctypes.addressof(self._counter)
        self._engine.hook(const.UC_HOOK_BLOCK, function_address(hook), user)

    def close(self) -> None:
        """Free the emulator."""
        self._engine.close()

    def empty_caches(self) -> None:
        """Forget what calls have left in the caches."""
        if self._caches is not None:
            self._caches.empty()

    def cycles(self, jobs: Sequence[Job]) -> list[float]:
        """Return the modelled cycles of each call; BrokenRunError when one does not return."""
        return [found.cycles for found in self.spent(jobs)]

    def spent(self, jobs: Sequence[Job]) -> list[Spent]:
        """Return what each call takes; BrokenRunError when one does not return."""
        found: list[Spent] = []
        for first in range(0, len(jobs), _BATCH):
            found += self._batch(jobs[first : first + _BATCH])
        return found

    def _batch(self, jobs: Sequence[Job]) -> list[Spent]:
        code = CodeMap(MemoryRegion(_FLASH.name, CODE, _CODE_SIZE))
        recorder = Recorder(code, accesses=False, caches=self._caches)
        recorder.attach(self._counter)
        self._counter.edges_used = 0
        for number, job in enumerate(jobs):
            self._counter.step = number
            self._counter.last_block = NO_BLOCK
            self._execute(job)
        profile = recorder.profile()
        by_step = step_cycles(profile, self._program, self._core)
        return [self._spent(profile.flows[number], by_step[number]) for number in range(len(jobs))]

    def _spent(self, flows: Sequence[Flow], blocks: Mapping[Block, float]) -> Spent:
        waits = code_waits(flows, blocks, self.point) if self.point else 0.0
        return Spent(sum(blocks.values()), waits)

    def _execute(self, job: Job) -> None:
        call, kernel = job.call, job.kernel
        self._next = CODE + _CODE_SIZE
        kind = structs()[f"tr_{call.op}_params"]
        params = self._place(self._pack(kind, called_params(kernel, call)))
        places: dict[str, int] = {}
        self._next = _RAM.origin + _STACK_SIZE
        for view in (*call.reads, *call.writes):
            if view.storage not in places:
                size = job.storages[view.storage].size
                places[view.storage] = self._next
                self._ram.put(self._next, self._noise_at(self._next, size))
                self._next += (size + 71) & ~7
        scratch = self._next
        if scratch + kernel.scratch_bytes(call) > _RAM.origin + _RAM.size:
            raise BrokenRunError(f"{kernel.name}: a call has more operands than there is room.")
        views = (*call.reads, *call.writes)
        operands = [places[view.storage] + view.offset for view in views]
        self.call(self._symbols[kernel.name], [params, *operands, scratch])

    def _noise_at(self, address: int, size: int) -> bytes:
        """What lies there before a call: not what the one before has left, which may cost more."""
        at = address - _RAM.origin
        return self._noise[at : at + size]

    def write(self, address: int, data: bytes) -> None:
        """Write bytes to memory."""
        (self._flash if address < _RAM.origin else self._ram).put(address, data)

    def read(self, address: int, size: int) -> bytes:
        """Read bytes from memory."""
        return self._engine.read(address, size)

    def call(self, function: int, arguments: Sequence[int]) -> None:
        """Call a function by the procedure call standard."""
        for register, value in zip(_ARGUMENTS, arguments, strict=False):
            self._engine.set_register(register, value)
        top = _RAM.origin + _STACK_SIZE - 64
        self.write(top, b"".join(value.to_bytes(4, "little") for value in arguments[4:]))
        self._engine.set_register(arm.UC_ARM_REG_SP, top)
        self._engine.set_register(arm.UC_ARM_REG_LR, _STOP | 1)
        self._counter.executed = 0
        error = self._engine.start(function, _STOP)
        if error is not None or self._counter.stop != Stop.RUNNING:
            raise BrokenRunError(f"A kernel did not return: {error or Stop(self._counter.stop)}.")

    def _new_counter(self) -> Counter:
        unicorn = unicorn_library()
        return Counter(
            emu_stop=function_address(unicorn.uc_emu_stop),
            reg_read=function_address(unicorn.uc_reg_read),
            reg_write=function_address(unicorn.uc_reg_write),
            code=self._flash.address,
            blocks=ctypes.addressof(self._blocks),
            marks=ctypes.addressof(self._marks),
            steps=ctypes.addressof(self._steps),
            step_count=_BATCH,
            budget=_BUDGET,
            code_base=CODE,
            code_size=_CODE_SIZE,
            regions_begun=1,
        )
