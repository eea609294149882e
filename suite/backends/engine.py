"""A thin typed layer over Unicorn's C library: callbacks are compiled, so Python's are not
needed, and closing is explicit."""

from __future__ import annotations

import copy
import ctypes
import functools

from unicorn import arm_const as arm
from unicorn import unicorn_const as const
from unicorn.unicorn_py3 import unicorn as binding

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.planning.core import load_core
from tinyrig.generator.planning.memory_region import MemoryRegion

PAGE = 0x1000
"""Granularity of a mapping."""

_CTL_WRITE_ONE = (const.UC_CTL_IO_WRITE << 30) | (1 << 26)
_POINTER = ctypes.c_void_p
_U64 = ctypes.c_uint64
_SIZE = ctypes.c_size_t
_PROTOTYPES: dict[str, tuple[type[ctypes._SimpleCData], ...]] = {  # type: ignore[type-arg]
    "uc_open": (ctypes.c_int, ctypes.c_int, _POINTER),
    "uc_close": (_POINTER,),
    "uc_ctl": (_POINTER, ctypes.c_uint32, ctypes.c_int),
    "uc_mem_map": (_POINTER, _U64, _SIZE, ctypes.c_uint32),
    "uc_mem_map_ptr": (_POINTER, _U64, _SIZE, ctypes.c_uint32, _POINTER),
    "uc_mmio_map": (_POINTER, _U64, _SIZE, _POINTER, _POINTER, _POINTER, _POINTER),
    "uc_mem_read": (_POINTER, _U64, _POINTER, _SIZE),
    "uc_mem_write": (_POINTER, _U64, _POINTER, _SIZE),
    "uc_reg_read": (_POINTER, ctypes.c_int, _POINTER),
    "uc_reg_write": (_POINTER, ctypes.c_int, _POINTER),
    "uc_hook_add": (_POINTER, _POINTER, ctypes.c_int, _POINTER, _POINTER, _U64, _U64),
    "uc_emu_start": (_POINTER, _U64, _U64, _U64, _SIZE),
}


@functools.cache
def unicorn_library() -> ctypes.CDLL:
    """Return Unicorn's library with the prototypes used here."""
    library = ctypes.CDLL(binding.uclib._name)
    for name, arguments in _PROTOTYPES.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = ctypes.c_int
    library.uc_strerror.argtypes = (ctypes.c_int,)
    library.uc_strerror.restype = ctypes.c_char_p
    return library


def function_address(function: object) -> int:
    """Return the address of a function of a loaded library."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


class HostMemory:
    """A memory region's bytes in this process, zeroed and aligned to a page."""

    def __init__(self, region: MemoryRegion) -> None:
        self.region = region
        self._buffer = (ctypes.c_uint8 * (region.size + PAGE))()
        start = ctypes.addressof(self._buffer)
        offset = -start % PAGE
        self.address = start + offset
        self.content = memoryview(self._buffer).cast("B")[offset : offset + region.size]

    def part(self, address: int, region: MemoryRegion) -> HostMemory:
        """Return bytes of this memory, from an address on, as those of another region too."""
        found = copy.copy(self)
        offset = address - self.region.origin
        found.region, found.address = region, self.address + offset
        found.content = self.content[offset : offset + region.size]
        return found

    def holds(self, address: int, size: int) -> bool:
        """Tell whether the region has all `size` bytes at an address."""
        return self.region.origin <= address and address + size <= self.region.end

    def put(self, address: int, data: bytes) -> None:
        """Set bytes by their address in the region; BrokenRunError when they are outside."""
        if not self.holds(address, len(data)):
            raise BrokenRunError(
                f"The image has bytes at 0x{address:08x}, outside {self.region.name}."
            )
        at = address - self.region.origin
        self.content[at : at + len(data)] = data


class Engine:
    """One emulated Cortex-M. Every failure of a set-up call is a BrokenRunError."""

    def __init__(self, cpu_model: int) -> None:
        self._library = unicorn_library()
        self._handle = _POINTER()
        mode = const.UC_MODE_THUMB | const.UC_MODE_MCLASS
        self._check(
            self._library.uc_open(const.UC_ARCH_ARM, mode, ctypes.byref(self._handle)), "open"
        )
        self._call("uc_ctl", _CTL_WRITE_ONE | const.UC_CTL_CPU_MODEL, cpu_model)

    def close(self) -> None:
        """Free the emulator; closing twice does nothing."""
        if self._handle:
            self._library.uc_close(self._handle)
            self._handle = _POINTER()

    def map_memory(self, memory: HostMemory, protection: int) -> None:
        """Map host memory at its region, with UC_PROT_* rights."""
        region = memory.region
        self._call("uc_mem_map_ptr", region.origin, region.size, protection, memory.address)

    def map_registers(self, address: int) -> None:
        """Map one page of registers that keep what is written and do nothing."""
        self._call("uc_mem_map", address, PAGE, const.UC_PROT_READ | const.UC_PROT_WRITE)

    def map_device(self, address: int, size: int, read: int, write: int, user: int) -> None:
        """Map a range whose accesses call two C functions."""
        self._call("uc_mmio_map", address, size, read, user, write, user)

    def hook(self, kinds: int, function: int, user: int) -> None:
        """Have a C function called for events of some kinds, at any address."""
        handle = _SIZE()
        self._call("uc_hook_add", ctypes.byref(handle), kinds, function, user, 1, 0)

    def read(self, address: int, size: int) -> bytes:
        """Return mapped memory."""
        buffer = ctypes.create_string_buffer(size)
        self._call("uc_mem_read", address, buffer, size)
        return buffer.raw

    def write(self, address: int, data: bytes) -> None:
        """Change mapped memory."""
        self._call("uc_mem_write", address, data, len(data))

    def register(self, identity: int) -> int:
        """Return a 32-bit register."""
        value = ctypes.c_uint32()
        self._call("uc_reg_read", identity, ctypes.byref(value))
        return value.value

    def set_register(self, identity: int, value: int) -> None:
        """Set a 32-bit register."""
        self._call("uc_reg_write", identity, ctypes.byref(ctypes.c_uint32(value)))

    def start(self, address: int, until: int) -> str | None:
        """Run Thumb code from an address; return the emulator's error text, or None."""
        status = self._library.uc_emu_start(self._handle, address | 1, until, 0, 0)
        return None if status == const.UC_ERR_OK else self._text(status)

    def _call(self, name: str, *arguments: object) -> None:
        self._check(getattr(self._library, name)(self._handle, *arguments), name)

    def _check(self, status: int, what: str) -> None:
        if status != const.UC_ERR_OK:
            raise BrokenRunError(f"The emulator refused {what}: {self._text(status)}.")

    def _text(self, status: int) -> str:
        return str(self._library.uc_strerror(status).decode("ascii"))


def cpu_model(core: str) -> int:
    """Return Unicorn's number of a core; InputError for one it does not have."""
    name = load_core(core).unicorn
    if not name:
        raise InputError(f"The embedded backend has no core {core}.")
    number = getattr(arm, name, None)
    if not isinstance(number, int):
        raise InputError(f"Core {core}: Unicorn has no core {name!r} (UC_CPU_ARM_...).")
    return number
